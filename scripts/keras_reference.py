"""Trains the bidirectional SimpleRNN of experiment E3 in Keras and writes the model with its predictions on the test set.

Usage: keras_reference.py --data DIR --out DIR [--cell SimpleRNN|LSTM|GRU] [--epochs N] [--seed N]
DIR of --data holds nusax-senti/indonesian/{train,test}.csv with the columns text and label.
"""
import argparse
import base64
import csv
import json
import os
import re

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras  # noqa: E402
import numpy as np  # noqa: E402

LABELS = ["negative", "neutral", "positive"]
LENGTH = {"SimpleRNN": 100, "LSTM": 256, "GRU": 256}


def read(data, part):
    with open(os.path.join(data, "nusax-senti", "indonesian", part + ".csv"), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    texts = []
    for row in rows:
        text = re.sub(r"https?://\S+|www\.\S+|@\w+", "", row["text"])
        texts.append(re.sub(r"[^A-Za-z0-9\s]", "", text).lower().strip())
    return texts, np.array([LABELS.index(row["label"]) for row in rows], "int32")


def array(values):
    kind = "int32" if values.dtype.kind == "i" else "float32"
    return {"shape": list(values.shape), "dtype": kind, "data": base64.b64encode(values.astype("<" + values.dtype.str[1:]).tobytes()).decode()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--cell", choices=sorted(LENGTH), default="SimpleRNN")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    keras.utils.set_random_seed(args.seed)
    texts, labels = read(args.data, "train")
    test_texts, test_labels = read(args.data, "test")
    # The vocabulary: by count, ties by the later word first, as Keras' TextVectorization has it.
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    words = sorted(counts, key=lambda w: (counts[w], w), reverse=True)[: 10_000 - 2]
    number = {word: i + 2 for i, word in enumerate(words)}
    length = LENGTH[args.cell]

    def encode(batch):
        ids = np.zeros((len(batch), length), "int32")
        for row, text in zip(ids, batch):
            tokens = [number.get(word, 1) for word in text.split()][:length]
            row[: len(tokens)] = tokens
        return ids

    x, x_test = encode(texts), encode(test_texts)
    cell = getattr(keras.layers, args.cell)(64)
    model = keras.Sequential([
        keras.Input((length,), dtype="int32"),
        keras.layers.Embedding(len(words) + 2, 128, mask_zero=True),
        keras.layers.Bidirectional(cell),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(3, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, labels, batch_size=32, epochs=args.epochs, verbose=2)
    predictions = model.predict(x_test, verbose=0).astype("float32")
    os.makedirs(args.out, exist_ok=True)
    model.save(os.path.join(args.out, "model.keras"))
    reference = {
        "keras": keras.__version__,
        "settings": {"cell": args.cell, "epochs": args.epochs, "seed": args.seed},
        "labels": LABELS,
        "token_ids": {"shape": list(x_test.shape), "rows": [np.trim_zeros(row, "b").tolist() for row in x_test]},
        "test_labels": array(test_labels),
        "predictions": array(predictions),
    }
    with open(os.path.join(args.out, "reference.json"), "w", encoding="utf-8") as f:
        json.dump(reference, f)
    print("accuracy on the test set:", float((predictions.argmax(1) == test_labels).mean()))


if __name__ == "__main__":
    main()
