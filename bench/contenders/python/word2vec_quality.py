"""gensim's vectors of the sentences in a file, a table of words and one of targets a seed: for bench/word2vec-quality.ts."""

import json
import sys

import numpy as np
from gensim.models import Word2Vec

folder = sys.argv[1]
with open(f"{folder}/job.json", encoding="utf-8") as file:
    job = json.load(file)
row_of = {word: row for row, word in enumerate(job["words"])}
for seed in job["seeds"]:
    model = Word2Vec(
        job["sentences"],
        vector_size=job["vectorSize"],
        window=5,
        negative=5,
        sample=1e-3,
        min_count=5,
        sg=int(job["mode"] == "skipGram"),
        epochs=5,
        workers=1,
        seed=seed,
    )
    tables = np.zeros((2, len(row_of), job["vectorSize"]), np.float32)
    for word, row in model.wv.key_to_index.items():
        tables[0, row_of[word]] = model.wv.vectors[row]
        tables[1, row_of[word]] = model.syn1neg[row]
    tables.tofile(f"{folder}/{seed}.bin")
