"""Single operations and layers in PyTorch."""

import numpy as np
import torch
import torch.nn.functional as F

from layouts import back, columns, same_padding
from ways import Work, fastest_of

FORMATS = {"NCHW": torch.contiguous_format, "channels last": torch.channels_last}


def array_of(named):
    return np.frombuffer(named.values, np.float32).reshape(named.shape)


def tensor_of(named):
    return torch.from_numpy(array_of(named))


def numbers(tensor):
    # A copy: what a parameter holds will change.
    return np.array(tensor.detach().numpy(), np.float32, order="C")


def image(named, memory_format):
    """(N,H,W,C) as PyTorch's (N,C,H,W)."""
    return tensor_of(named).permute(0, 3, 1, 2).contiguous(memory_format=memory_format)


def channels_back(tensor):
    return numbers(tensor.permute(0, 2, 3, 1))


def inference(forward, result):
    """A way that is forward only; result(y) in Keras' layout."""

    def run():
        with torch.inference_mode():
            return forward()

    return Work(run, lambda: {"y": result(run())})


def training(forward, dy, of, result):
    """Forward and backward of what `of` lists; result() reads the gradients."""

    def run():
        for v in of:
            v.grad = None
        forward().backward(dy)

    def outputs():
        run()
        return result()

    for v in of:
        v.requires_grad_(True)
    return Work(run, outputs)


def gemm(inputs):
    s = inputs.shape
    a = torch.from_numpy(np.frombuffer(inputs.a, np.float32).reshape(s.M, s.K))
    b = torch.from_numpy(np.frombuffer(inputs.b, np.float32).reshape(s.K, s.N))
    y = torch.empty(s.M, s.N)
    # The same product with b stored the other way round is another routine of the library.
    bt = b.t().contiguous().t()
    return fastest_of(
        {
            "mm": lambda: inference(lambda: torch.mm(a, b), numbers),
            "mm into": lambda: inference(lambda: torch.mm(a, b, out=y), numbers),
            "mm, b by columns": lambda: inference(lambda: torch.mm(a, bt), numbers),
        }
    )


def conv(inputs):
    s = inputs.shape
    before, after = same_padding(s.H, s.k, s.s)

    def way(memory_format):
        x = image(inputs.x, memory_format)
        w = tensor_of(inputs.weights[0]).permute(3, 2, 0, 1).contiguous(memory_format=memory_format)
        b = tensor_of(inputs.weights[1])
        if before == after:
            forward = lambda: F.conv2d(x, w, b, stride=s.s, padding=before)
        elif s.s == 1:
            forward = lambda: F.conv2d(x, w, b, padding="same")
        else:
            forward = lambda: F.conv2d(F.pad(x, (before, after, before, after)), w, b, stride=s.s)
        if inputs.dy is None:
            return inference(forward, channels_back)
        grads = lambda: {"dx": channels_back(x.grad), "dw": numbers(w.grad.permute(2, 3, 1, 0)), "db": numbers(b.grad)}
        return training(forward, image(inputs.dy, memory_format), [x, w, b], grads)

    return fastest_of({name: lambda f=f: way(f) for name, f in FORMATS.items()})


def pool(inputs):
    s = inputs.shape
    operation = F.max_pool2d if s.kind == "max" else F.avg_pool2d

    def way(memory_format):
        x = image(inputs.x, memory_format)
        forward = lambda: operation(x, s.k)
        if inputs.dy is None:
            return inference(forward, channels_back)
        return training(forward, image(inputs.dy, memory_format), [x], lambda: {"dx": channels_back(x.grad)})

    return fastest_of({name: lambda f=f: way(f) for name, f in FORMATS.items()})


def recurrent_module(cell, features, units, weights, batch_first):
    """Its recurrent layer with Keras' weights: w, u and b a direction. It has two biases where Keras has one."""
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    module = kind(features, units, batch_first=batch_first, bidirectional=len(weights) == 6)
    order = columns(cell, units, "torch")
    with torch.no_grad():
        for at in range(0, len(weights), 3):
            end = "_l0" + ("_reverse" if at else "")
            w, u, b = (torch.from_numpy(array_of(v)[..., order]) for v in weights[at : at + 3])
            getattr(module, "weight_ih" + end).copy_(w.t())
            getattr(module, "weight_hh" + end).copy_(u.t())
            getattr(module, "bias_ih" + end).copy_(b[0] if cell == "gru" else b)
            getattr(module, "bias_hh" + end).copy_(b[1] if cell == "gru" else torch.zeros_like(b))
    return module


def recurrent_arrays(module, cell, units, of):
    """of(parameter) of every weight, in Keras' order and layouts."""
    undo = back(columns(cell, units, "torch"))
    found = []
    for end in ("_l0", "_l0_reverse")[: 1 + module.bidirectional]:
        read = lambda name: numbers(of(getattr(module, name + end)))
        found += [read("weight_ih").T[:, undo], read("weight_hh").T[:, undo]]
        first, second = read("bias_ih")[undo], read("bias_hh")[undo]
        found.append(np.stack([first, second]) if cell == "gru" else first)
    return [np.ascontiguousarray(v) for v in found]


def recurrent(inputs):
    s = inputs.shape

    def way(batch_first):
        module = recurrent_module(s.cell, s.D, s.U, inputs.weights, batch_first)
        turn = (lambda t: t) if batch_first else (lambda t: t.transpose(0, 1))
        x = turn(tensor_of(inputs.x)).contiguous()
        forward = lambda: module(x)[0]
        if inputs.dy is None:
            return inference(forward, lambda y: numbers(turn(y)))

        def grads():
            lists = recurrent_arrays(module, s.cell, s.U, lambda p: p.grad)
            return {"dx": numbers(turn(x.grad)), **{f"d{w.name}": g for w, g in zip(inputs.weights, lists)}}

        return training(forward, turn(tensor_of(inputs.dy)).contiguous(), [x, *module.parameters()], grads)

    return fastest_of({"time-major": lambda: way(False), "batch-first": lambda: way(True)})


def attention(inputs):
    s = inputs.shape
    heads = lambda t: t.view(s.N, s.T, s.heads, s.U // s.heads).transpose(1, 2)
    split = lambda arrays: [p for kernel, bias in arrays for p in (numbers(kernel.t()), numbers(bias))]

    def way(together):
        x = tensor_of(inputs.x)
        pairs = [(tensor_of(inputs.weights[i]).t().contiguous(), tensor_of(inputs.weights[i + 1]).clone()) for i in range(0, 8, 2)]
        if together:
            pairs = [tuple(torch.cat([p[i] for p in pairs[:3]]) for i in (0, 1)), pairs[3]]

        def forward():
            first = F.linear(x, *pairs[0]).chunk(3, -1) if together else (F.linear(x, *p) for p in pairs[:3])
            mixed = F.scaled_dot_product_attention(*map(heads, first))
            return F.linear(mixed.transpose(1, 2).reshape(s.N, s.T, s.U), *pairs[-1])

        if inputs.dy is None:
            return inference(forward, numbers)

        def grads():
            found = [(w.grad, b.grad) for w, b in pairs]
            if together:
                found = [*zip(found[0][0].chunk(3), found[0][1].chunk(3)), found[1]]
            return {"dx": numbers(x.grad), **{f"d{w.name}": g for w, g in zip(inputs.weights, split(found))}}

        return training(forward, tensor_of(inputs.dy), [x, *(p for pair in pairs for p in pair)], grads)

    return fastest_of({"three products": lambda: way(False), "one product": lambda: way(True)})


def cases():
    return {"gemm": gemm, "conv": conv, "pool": pool, "recurrent": recurrent, "attention": attention}
