"""From Keras' layouts, which the bench speaks, to others. Needs nothing but Python."""

# The gates in Keras' order: LSTM i f c o, GRU z r h. Where each of the framework's gates stands there.
GATES = {
    # PyTorch: LSTM i f g o, GRU r z n.
    "torch": {"rnn": (0,), "lstm": (0, 1, 2, 3), "gru": (1, 0, 2)},
    # TensorFlow's block LSTM: i c f o.
    "block": {"lstm": (0, 2, 1, 3)},
}


def columns(cell, units, order):
    """Which of Keras' columns (gates × units) each of the framework's columns is."""
    return [gate * units + unit for gate in GATES[order][cell] for unit in range(units)]


def back(permutation):
    """The permutation that undoes one."""
    inverse = [0] * len(permutation)
    for to, source in enumerate(permutation):
        inverse[source] = to
    return inverse


def same_padding(side, kernel, stride):
    """Rows of zeros before and after an axis so that ⌈side / stride⌉ windows fit."""
    outputs = -(-side // stride)
    total = max((outputs - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2
