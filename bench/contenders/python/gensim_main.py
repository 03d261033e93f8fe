"""gensim's Word2Vec, as a contender of the bench."""

from types import SimpleNamespace

import protocol
from ways import Job


def sentences_of(text):
    starts = [0, *text.ends[:-1]]
    return [[f"w{i}" for i in text.words[start:end]] for start, end in zip(starts, text.ends)]


def load(threads):
    try:
        import gensim
        import numpy as np
        from gensim.models import Word2Vec
    except ImportError as error:
        raise protocol.NotAvailable(f"gensim does not load: {error}") from error

    def word2vec(inputs):
        s = inputs.shape
        sentences = sentences_of(inputs.text)

        def run():
            return Word2Vec(
                sentences,
                vector_size=s.D,
                window=5,
                negative=5,
                sample=1e-3,
                min_count=1,
                sg=int(s.mode == "skipGram"),
                epochs=s.epochs,
                workers=threads,
                seed=1,
            )

        model = run()
        tables = {"input": np.zeros((s.V, s.D), np.float32), "output": np.zeros((s.V, s.D), np.float32)}
        for word, row in model.wv.key_to_index.items():
            tables["input"][int(word[1:])] = model.wv.vectors[row]
            tables["output"][int(word[1:])] = model.syn1neg[row]
        return Job(run, {name: table.ravel() for name, table in tables.items()})

    return SimpleNamespace(version=f"gensim {gensim.__version__}, compiled {gensim.models.word2vec.FAST_VERSION >= 0}", cases={"word2vec": word2vec})


protocol.serve(load)
