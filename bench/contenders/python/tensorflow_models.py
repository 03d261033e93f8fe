"""Whole models in Keras; training steps are compiled graphs, as fit() makes them for a batch."""

import keras
import numpy as np
import tensorflow as tf

from tensorflow_layers import LONGEST_UNROLLED, array_of, numbers
from ways import Work, fastest_of

layers = keras.layers


def cnn_model(inputs):
    s = inputs.shape
    model = keras.Sequential([keras.Input((s.H, s.H, s.C))])
    for filters in s.filters:
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(s.dense, activation="relu"))
    model.add(layers.Dense(s.K, activation="softmax"))
    return model


def text_model(inputs, unroll=False):
    s = inputs.shape
    return keras.Sequential(
        [
            keras.Input((s.T,), dtype="int32"),
            layers.Embedding(s.V, s.D, mask_zero=hasattr(s, "lengths")),
            layers.Bidirectional(layers.LSTM(s.U, unroll=unroll)),
            layers.Dense(s.K, activation="softmax"),
        ]
    )


def attention_model(inputs, unroll=False):
    s = inputs.shape
    part = s.attention
    ids = keras.Input((s.T,), dtype="int32")
    states = layers.LSTM(s.U, return_sequences=True, unroll=unroll)(layers.Embedding(s.V, s.D)(ids))
    mixed = layers.MultiHeadAttention(part.heads, part.keyDim)(states, states)
    hidden = layers.Dense(part.inner, activation="relu")(layers.LayerNormalization()(mixed))
    mean = layers.GlobalAveragePooling1D()(layers.Dense(part.outer)(hidden))
    return keras.Model(ids, layers.Dense(s.K, activation="softmax")(mean))


def convolution_model(inputs, unroll=False):
    s = inputs.shape
    return keras.Sequential(
        [
            keras.Input((s.T,), dtype="int32"),
            layers.Embedding(s.V, s.D),
            layers.Conv1D(s.U, s.kernel, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(s.K, activation="softmax"),
        ]
    )


def with_weights(model, inputs):
    model.set_weights([array_of(w) for w in inputs.weights])
    return model


def text_of(inputs):
    if hasattr(inputs.shape, "kernel"):
        return convolution_model
    return attention_model if hasattr(inputs.shape, "attention") else text_model


def images_of(inputs):
    return tf.Variable(array_of(inputs.x))


def ids_of(inputs):
    return tf.Variable(np.frombuffer(inputs.ids, np.int32).reshape(inputs.shape.N, inputs.shape.T))


def summed(gradient):
    """The gradient of an embedding comes as slices, one for every token. Keras' Adam squares each by itself: a word that occurs
    twice would be moved otherwise than Adam says."""
    return tf.convert_to_tensor(gradient) if isinstance(gradient, tf.IndexedSlices) else gradient


def train(model, x, inputs, jit):
    a = inputs.adam
    optimizer = keras.optimizers.Adam(a.learningRate, beta_1=a.beta1, beta_2=a.beta2, epsilon=a.epsilon)
    of = model.trainable_variables
    # Made outside of the graph, as fit() does.
    optimizer.build(of)
    labels = tf.constant(np.frombuffer(inputs.labels, np.int32))
    cross_entropy = keras.losses.SparseCategoricalCrossentropy()

    @tf.function(jit_compile=jit)
    def step():
        with tf.GradientTape() as tape:
            loss = cross_entropy(labels, model(x.value(), training=True))
        gradients = tape.gradient(loss, [v.value for v in of])
        optimizer.apply([summed(g) for g in gradients], of)
        return loss

    def run():
        return float(step())

    def outputs():
        before = [numbers(v) for v in of]
        loss = run()
        moved = [numbers(v) - b for v, b in zip(of, before)]
        names = (f"update.{w.name}" for w in inputs.weights)
        return {"loss": np.array([loss], np.float32), **dict(zip(names, moved))}

    return Work(run, outputs)


def train_ways(make, x, inputs):
    return {
        "graph": lambda: train(with_weights(make(), inputs), x(inputs), inputs, False),
        "XLA": lambda: train(with_weights(make(), inputs), x(inputs), inputs, True),
    }


def train_cnn(inputs):
    return fastest_of(train_ways(lambda: cnn_model(inputs), images_of, inputs))


def train_text(inputs):
    make = text_of(inputs)
    ways = train_ways(lambda: make(inputs), ids_of, inputs)
    if inputs.shape.T <= LONGEST_UNROLLED and not hasattr(inputs.shape, "kernel"):
        ways["unrolled"] = train_ways(lambda: make(inputs, True), ids_of, inputs)["graph"]
    return fastest_of(ways)


def predict_work(model, x, jit):
    compiled = tf.function(lambda: model(x.value(), training=False), jit_compile=jit)

    def run():
        return compiled().numpy()

    return Work(run, lambda: {"probabilities": numbers(compiled())})


def predict(given):
    inputs = given.inputs
    cnn = given.model == "cnn"
    make = (lambda unroll=False: cnn_model(inputs)) if cnn else (lambda unroll=False: text_model(inputs, unroll))
    x = images_of(inputs) if cnn else ids_of(inputs)
    way = lambda jit, unroll=False: predict_work(with_weights(make(unroll), inputs), x, jit)
    ways = {"graph": lambda: way(False), "XLA": lambda: way(True)}
    if not cnn and inputs.shape.T <= LONGEST_UNROLLED:
        ways["unrolled"] = lambda: way(False, True)
    return fastest_of(ways)


def cases():
    return {"train-cnn": train_cnn, "train-text": train_text, "predict": predict}
