"""Single operations and layers in JAX, each a compiled function of arrays."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ways import Work, fastest_of

IMAGES = ("NHWC", "HWIO", "NHWC")
UNROLLS = (1, 8)


def array_of(named):
    return jnp.asarray(np.frombuffer(named.values, np.float32).reshape(named.shape))


def numbers(array):
    return np.ascontiguousarray(array, np.float32)


def compiled(f, arguments, read):
    """A way: f(*arguments) as one program; read(results) gives the outputs."""
    program = jax.jit(f)

    def run():
        return jax.block_until_ready(program(*arguments))

    return Work(run, lambda: {name: numbers(v) for name, v in read(run()).items()})


def layer_way(f, inputs, turn=lambda v: v):
    """f(x, weights), or with a dy its results and gradients; turn() swaps what f wants to what the bench has, and back."""
    x, weights = turn(array_of(inputs.x)), [array_of(w) for w in inputs.weights]
    if inputs.dy is None:
        return compiled(f, (x, weights), lambda y: {"y": turn(y)})

    def both(x, weights, dy):
        y, pull = jax.vjp(f, x, weights)
        # y too: else the forward pass is dropped where gradients do not need it.
        return (*pull(dy), y)

    def read(found):
        dx, dw, _ = found
        return {"dx": turn(dx), **{f"d{w.name}": g for w, g in zip(inputs.weights, dw)}}

    return compiled(both, (x, weights, turn(array_of(inputs.dy))), read)


def gemm(inputs):
    s = inputs.shape
    a = jnp.asarray(np.frombuffer(inputs.a, np.float32).reshape(s.M, s.K))
    b = jnp.asarray(np.frombuffer(inputs.b, np.float32).reshape(s.K, s.N))
    return fastest_of({"jit": lambda: compiled(jnp.matmul, (a, b), lambda y: {"y": y})})


def conv(inputs):
    s = inputs.shape

    def f(x, weights):
        return lax.conv_general_dilated(x, weights[0], (s.s, s.s), "SAME", dimension_numbers=IMAGES) + weights[1]

    return fastest_of({"jit": lambda: layer_way(f, inputs)})


def max_pool(x, k):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, k, k, 1), (1, k, k, 1), "VALID")


def pool(inputs):
    k = inputs.shape.k

    def average(x, _):
        return lax.reduce_window(x, 0.0, lax.add, (1, k, k, 1), (1, k, k, 1), "VALID") / (k * k)

    f = (lambda x, _: max_pool(x, k)) if inputs.shape.kind == "max" else average
    return fastest_of({"jit": lambda: layer_way(f, inputs)})


def rnn(state, z, u, _):
    h = jnp.tanh(z + state @ u)
    return h, h


def lstm(state, z, u, _):
    h, c = state
    i, f, g, o = jnp.split(z + h @ u, 4, -1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return (h, c), h


def gru(h, x, u, bias):
    xz, xr, xh = jnp.split(x, 3, -1)
    hz, hr, hh = jnp.split(h @ u + bias, 3, -1)
    z, r = jax.nn.sigmoid(xz + hz), jax.nn.sigmoid(xr + hr)
    h = z * h + (1 - z) * jnp.tanh(xh + r * hh)
    return h, h


CELLS = {"rnn": rnn, "lstm": lstm, "gru": gru}


def scanned(cell, x, w, u, b, backwards, unroll, real=None):
    """x (T,N,D) → h of every step (T,N,U); the input's product is taken for all steps at once.

    real (T,N,1): where there is none the state stays, as under Keras' mask."""
    first, second = (b[0], b[1]) if cell == "gru" else (b, None)
    z = x @ w + first
    nothing = jnp.zeros((x.shape[1], u.shape[0]), jnp.float32)
    start = (nothing, nothing) if cell == "lstm" else nothing

    def step(state, given):
        z, here = given
        after, h = CELLS[cell](state, z, u, second)
        if here is None:
            return after, h
        after = jax.tree.map(lambda new, old: jnp.where(here, new, old), after, state)
        return after, h

    last, h = lax.scan(step, start, (z, real), reverse=backwards, unroll=unroll)
    return h, last


def recurrent(inputs):
    s = inputs.shape

    def way(unroll):
        def f(x, weights):
            sides = [scanned(s.cell, x, *weights[at : at + 3], at > 0, unroll)[0] for at in range(0, len(weights), 3)]
            return jnp.concatenate(sides, -1)

        return layer_way(f, inputs, lambda v: v.transpose(1, 0, 2))

    return fastest_of({f"scan, unrolled by {n}": lambda n=n: way(n) for n in UNROLLS})


def attention(inputs):
    s = inputs.shape
    heads = lambda v: v.reshape(s.N, s.T, s.heads, s.U // s.heads).transpose(0, 2, 1, 3)

    def f(x, weights):
        q, k, v = (heads(x @ weights[2 * i] + weights[2 * i + 1]) for i in range(3))
        shares = jax.nn.softmax(q @ k.swapaxes(2, 3) / math.sqrt(s.U / s.heads))
        return (shares @ v).transpose(0, 2, 1, 3).reshape(s.N, s.T, s.U) @ weights[6] + weights[7]

    return fastest_of({"jit": lambda: layer_way(f, inputs)})


def cases():
    return {"gemm": gemm, "conv": conv, "pool": pool, "recurrent": recurrent, "attention": attention}
