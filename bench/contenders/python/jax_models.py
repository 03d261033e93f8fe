"""Whole models in JAX: one program for a training step, Adam included."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jax_layers import IMAGES, UNROLLS, array_of, compiled, max_pool, numbers, scanned
from ways import Work, fastest_of


def cnn(inputs):
    """logits(weights, images)"""
    count = len(inputs.shape.filters)

    def logits(weights, x):
        pairs = list(zip(weights[::2], weights[1::2]))
        for w, b in pairs[:count]:
            x = max_pool(jax.nn.relu(lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=IMAGES) + b), 2)
        x = x.reshape(x.shape[0], -1)
        (w, b), (last, bias) = pairs[count:]
        return jax.nn.relu(x @ w + b) @ last + bias

    return logits


def text(inputs, unroll):
    """logits(weights, ids (N,T)); the padding's steps leave the state as it is."""
    masked = hasattr(inputs.shape, "lengths")

    def logits(weights, ids):
        x = weights[0][ids.T]
        real = (ids.T != 0)[..., None] if masked else None
        ends = [scanned("lstm", x, *weights[at : at + 3], at > 1, unroll, real)[1][0] for at in (1, 4)]
        return jnp.concatenate(ends, -1) @ weights[7] + weights[8]

    return logits


def attention_text(inputs, unroll):
    s = inputs.shape
    heads, width = s.attention.heads, s.attention.heads * s.attention.keyDim
    split = lambda v: v.reshape(s.N, s.T, heads, -1).transpose(0, 2, 1, 3)

    def logits(weights, ids):
        # The attention's kernels as matrices, its biases as rows.
        w = [v.reshape(s.U, width) if v.ndim == 3 else v for v in weights[4:10]]
        h = scanned("lstm", weights[0][ids.T], *weights[1:4], False, unroll)[0].transpose(1, 0, 2)
        q, k, v = (split(h @ w[2 * i] + w[2 * i + 1].ravel()) for i in range(3))
        shares = jax.nn.softmax(q @ k.swapaxes(2, 3) / jnp.sqrt(jnp.float32(s.attention.keyDim)))
        mixed = (shares @ v).transpose(0, 2, 1, 3).reshape(s.N, s.T, width) @ weights[10].reshape(width, s.U) + weights[11]
        normal = jax.nn.standardize(mixed, epsilon=1e-3) * weights[12] + weights[13]
        last = jax.nn.relu(normal @ weights[14] + weights[15]) @ weights[16] + weights[17]
        return last.mean(1) @ weights[18] + weights[19]

    return logits


def convolution_text(inputs):
    def logits(weights, ids):
        y = lax.conv_general_dilated(weights[0][ids], weights[1], (1,), "VALID", dimension_numbers=("NWC", "WIO", "NWC"))
        return jax.nn.relu(y + weights[2]).max(1) @ weights[3] + weights[4]

    return logits


def train(logits, x, inputs):
    a = inputs.adam
    labels = jnp.asarray(np.frombuffer(inputs.labels, np.int32))
    start = [array_of(w) for w in inputs.weights]

    def loss(weights, x, labels):
        picked = jnp.take_along_axis(jax.nn.log_softmax(logits(weights, x)), labels[:, None], 1)
        return -jnp.mean(picked)

    def step(state, x, labels):
        weights, m, v, count = state
        value, gradients = jax.value_and_grad(loss)(weights, x, labels)
        count = count + 1
        m = [a.beta1 * p + (1 - a.beta1) * g for p, g in zip(m, gradients)]
        v = [a.beta2 * p + (1 - a.beta2) * g * g for p, g in zip(v, gradients)]
        rate = a.learningRate * jnp.sqrt(1 - a.beta2**count) / (1 - a.beta1**count)
        weights = [w - rate * p / (jnp.sqrt(q) + a.epsilon) for w, p, q in zip(weights, m, v)]
        return (weights, m, v, count), value

    # The old state's memory is the new one's.
    program = jax.jit(step, donate_argnums=0)
    zeros = lambda: [jnp.zeros_like(w) for w in start]
    state = [([w.copy() for w in start], zeros(), zeros(), jnp.float32(0))]

    def run():
        state[0], value = program(state[0], x, labels)
        jax.block_until_ready(state[0])
        return float(value)

    def outputs():
        value = run()
        moved = {f"update.{w.name}": numbers(after) - numbers(before) for w, after, before in zip(inputs.weights, state[0][0], start)}
        return {"loss": np.array([value], np.float32), **moved}

    return Work(run, outputs)


def ids_of(inputs):
    return jnp.asarray(np.frombuffer(inputs.ids, np.int32).reshape(inputs.shape.N, inputs.shape.T))


def train_cnn(inputs):
    return fastest_of({"jit": lambda: train(cnn(inputs), array_of(inputs.x), inputs)})


def train_text(inputs):
    if hasattr(inputs.shape, "kernel"):
        return fastest_of({"jit": lambda: train(convolution_text(inputs), ids_of(inputs), inputs)})
    make = attention_text if hasattr(inputs.shape, "attention") else text
    return fastest_of({f"scan, unrolled by {n}": lambda n=n: train(make(inputs, n), ids_of(inputs), inputs) for n in UNROLLS})


def predict(given):
    inputs = given.inputs
    weights = [array_of(w) for w in inputs.weights]

    def way(logits, x):
        f = lambda weights, x: jax.nn.softmax(logits(weights, x))
        return compiled(f, (weights, x), lambda p: {"probabilities": p})

    if given.model == "cnn":
        return fastest_of({"jit": lambda: way(cnn(inputs), array_of(inputs.x))})
    return fastest_of({f"scan, unrolled by {n}": lambda n=n: way(text(inputs, n), ids_of(inputs)) for n in UNROLLS})


def cases():
    return {"train-cnn": train_cnn, "train-text": train_text, "predict": predict}
