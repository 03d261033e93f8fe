"""Single operations and layers in TensorFlow: every way is a compiled graph, plain and through XLA."""

import math

import keras
import numpy as np
import tensorflow as tf

from layouts import back, columns
from ways import Work, fastest_of

# Unrolled, a graph has as many nodes as there are steps: longer ones take minutes to compile.
LONGEST_UNROLLED = 64


def array_of(named):
    return np.frombuffer(named.values, np.float32).reshape(named.shape)


def upstream_of(inputs):
    return None if inputs.dy is None else array_of(inputs.dy)


def numbers(tensor):
    return np.ascontiguousarray(tf.convert_to_tensor(tensor).numpy(), np.float32)


def graph(f, names, jit):
    """A way: f() gives tensors, of which those of `names` are compared."""
    compiled = tf.function(f, jit_compile=jit)

    def run():
        # Asking for one value waits for all of the graph.
        compiled()[0].numpy()

    return Work(run, lambda: {name: numbers(t) for name, t in zip(names, compiled())})


def layer_ways(forward, dy, of, names):
    """Ways of a forward pass, or with a dy of forward and backward for the variables and tensors of `of`.

    The smallest gradient comes first, for it is read by every call; y last: else the graph drops the forward pass.
    """
    if dy is None:
        f, names = (lambda: [forward()]), ["y"]
    else:
        upstream = tf.constant(dy)
        order = sorted(range(len(of)), key=lambda i: np.prod(of[i].shape))
        names = [names[i] for i in order]
        sources = [of[i] for i in order]

        def f():
            with tf.GradientTape() as tape:
                for source in sources:
                    tape.watch(source)
                y = forward()
            return [*tape.gradient(y, sources, output_gradients=upstream), y]

    return {"graph": lambda: graph(f, names, False), "XLA": lambda: graph(f, names, True)}


def gemm(inputs):
    s = inputs.shape
    # Variables: constants would be folded.
    a = tf.Variable(np.frombuffer(inputs.a, np.float32).reshape(s.M, s.K))
    b = tf.Variable(np.frombuffer(inputs.b, np.float32).reshape(s.K, s.N))

    def eager():
        run = lambda: tf.matmul(a, b)
        return Work(run, lambda: {"y": numbers(run())})

    def function(jit):
        compiled = tf.function(lambda p, q: tf.matmul(p, q), jit_compile=jit)
        run = lambda: compiled(a, b)
        return Work(run, lambda: {"y": numbers(run())})

    return fastest_of({"graph": lambda: function(False), "eager": eager, "XLA": lambda: function(True)})


def gradient_names(inputs):
    return ["dx", *(f"d{w.name}" for w in inputs.weights)]


def conv(inputs):
    s = inputs.shape
    x, w, b = (tf.Variable(array_of(v)) for v in (inputs.x, *inputs.weights))
    forward = lambda: tf.nn.bias_add(tf.nn.conv2d(x, w, s.s, "SAME"), b)
    return fastest_of(layer_ways(forward, upstream_of(inputs), [x, w, b], gradient_names(inputs)))


def pool(inputs):
    s = inputs.shape
    x = tf.Variable(array_of(inputs.x))
    operation = tf.nn.max_pool2d if s.kind == "max" else tf.nn.avg_pool2d
    return fastest_of(layer_ways(lambda: operation(x, s.k, s.k, "VALID"), upstream_of(inputs), [x], ["dx"]))


def keras_ways(inputs, unroll):
    s = inputs.shape
    kind = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[s.cell]
    layer = kind(s.U, return_sequences=True, unroll=unroll)
    if s.bidirectional:
        layer = keras.layers.Bidirectional(layer)
    x = tf.Variable(array_of(inputs.x))
    layer.build((s.N, s.T, s.D))
    layer.set_weights([array_of(w) for w in inputs.weights])
    of = [x, *(v.value for v in layer.trainable_variables)]
    return layer_ways(lambda: layer(x), upstream_of(inputs), of, gradient_names(inputs))


def block_lstm(x, w, u, b, backwards):
    """TensorFlow's own fused LSTM for CPUs over x (T,N,D); w, u and b in its order of gates.

    In its first version: the second has wrong gradients on CPUs (TensorFlow 2.21)."""
    if backwards:
        x = tf.reverse(x, [0])
    units = u.shape[0]
    nothing = tf.zeros((x.shape[1], units))
    peephole = tf.zeros((units,))
    h = tf.raw_ops.BlockLSTM(
        seq_len_max=tf.constant(x.shape[0], tf.int64),
        x=x,
        cs_prev=nothing,
        h_prev=nothing,
        w=tf.concat([w, u], 0),
        wci=peephole,
        wcf=peephole,
        wco=peephole,
        b=b,
        forget_bias=0.0,
        cell_clip=0.0,
        use_peephole=False,
    ).h
    return tf.reverse(h, [0]) if backwards else h


def block_work(inputs):
    """Time comes first in it; gates are put in Keras' order outside of the graph."""
    turn = lambda a: np.ascontiguousarray(a.transpose(1, 0, 2))
    order = columns("lstm", inputs.shape.U, "block")
    undo = back(order)
    x = tf.Variable(turn(array_of(inputs.x)))
    weights = [tf.Variable(array_of(w)[..., order]) for w in inputs.weights]

    def forward():
        sides = [block_lstm(x, *weights[at : at + 3], at > 0) for at in range(0, len(weights), 3)]
        return sides[0] if len(sides) == 1 else tf.concat(sides, 2)

    dy = upstream_of(inputs)
    dy = None if dy is None else turn(dy)
    work = layer_ways(forward, dy, [x, *weights], gradient_names(inputs))["graph"]()

    def outputs():
        raw = work.outputs()
        return {name: turn(v) if name in ("dx", "y") else np.ascontiguousarray(v[..., undo]) for name, v in raw.items()}

    return Work(work.run, outputs)


def recurrent(inputs):
    s = inputs.shape
    loop = keras_ways(inputs, False)
    ways = {"Keras, loop": loop["graph"]}
    if s.cell == "lstm":
        ways["block LSTM"] = lambda: block_work(inputs)
    ways["Keras, loop through XLA"] = loop["XLA"]
    if s.T <= LONGEST_UNROLLED:
        # XLA would take minutes over it.
        ways["Keras, unrolled"] = lambda: keras_ways(inputs, True)["graph"]()
    return fastest_of(ways)


def attention(inputs):
    s = inputs.shape
    x = tf.Variable(array_of(inputs.x))
    list_ = [tf.Variable(array_of(w)) for w in inputs.weights]
    dense = lambda v, i: tf.nn.bias_add(tf.linalg.matmul(tf.reshape(v, (-1, s.U)), list_[2 * i]), list_[2 * i + 1])
    heads = lambda v: tf.transpose(tf.reshape(v, (s.N, s.T, s.heads, s.U // s.heads)), (0, 2, 1, 3))

    def forward():
        q, k, v = (heads(dense(x, i)) for i in range(3))
        shares = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / math.sqrt(s.U / s.heads))
        return tf.reshape(dense(tf.transpose(tf.matmul(shares, v), (0, 2, 1, 3)), 3), (s.N, s.T, s.U))

    return fastest_of(layer_ways(forward, upstream_of(inputs), [x, *list_], gradient_names(inputs)))


def cases():
    return {"gemm": gemm, "conv": conv, "pool": pool, "recurrent": recurrent, "attention": attention}
