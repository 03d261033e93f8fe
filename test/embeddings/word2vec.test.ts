import { afterEach, describe, expect, it } from 'vitest';
import { setSeed, setThreads, Word2Vec } from '../../src/index.js';
import { aliasTable, expectedKept, keepThresholds } from '../../src/embeddings/draws.js';
import { countWords, numberWords } from '../../src/embeddings/word-counts.js';
import { native, randomSource } from '../native/helpers.js';

/** Sentences about one of two subjects: words of a subject stand beside each other, those of both subjects never. */
function twoSubjects(count: number, seed = 1): string[][] {
  const next = randomSource(seed);
  const subjects = ['nasi sate soto bakso rendang gado'.split(' '), 'hujan angin awan badai kabut petir'.split(' ')];
  return Array.from({ length: count }, () => {
    const words = subjects[next() < 0.5 ? 0 : 1] as string[];
    return Array.from({ length: 8 }, () => words[Math.floor(next() * words.length)] as string);
  });
}

const OPTIONS = { vectorSize: 24, window: 3, minCount: 1, sample: 0, epochs: 8, learningRate: 0.05, seed: 3 } as const;

afterEach(() => {
  native.setThreads(0);
  native.setIsa(native.isas().at(-1) as string);
});

describe('Word2Vec', () => {
  it.each(['cbow', 'skipGram'] as const)('%s brings words together that stand together', async (mode) => {
    const model = new Word2Vec({ ...OPTIONS, mode });
    const vectors = await model.fit(twoSubjects(600), { verbose: 0 });
    for (const [word, its, other] of [
      ['sate', 'soto', 'angin'],
      ['kabut', 'badai', 'nasi'],
    ] as const) {
      expect(vectors.similarity(word, its)).toBeGreaterThan(vectors.similarity(word, other) + 0.5);
      const near = vectors.mostSimilar(word, { topN: 5 }).map((n) => n.word);
      expect(near).toContain(its);
      expect(near).not.toContain(other);
    }
  });

  it.each(['cbow', 'skipGram'] as const)('%s gets better at text that it has not seen', async (mode) => {
    const unseen = twoSubjects(100, 9);
    const after = async (epochs: number): Promise<number> => {
      const model = new Word2Vec({ ...OPTIONS, mode, epochs });
      await model.fit(twoSubjects(400), { verbose: 0 });
      return model.loss(unseen);
    };
    const [one, eight] = [await after(1), await after(8)];
    expect(eight).toBeLessThan(one);
    expect(one).toBeLessThan(Math.LN2);
  });

  it('gives the same bits for the same seed on any number of threads and any instruction set, others for another seed', async () => {
    const sentences = twoSubjects(300);
    const run = async (threads: number, isa: string, seed: number): Promise<Float32Array> => {
      setThreads(threads);
      native.setIsa(isa);
      const vectors = await new Word2Vec({ ...OPTIONS, epochs: 2, mode: 'skipGram', seed }).fit(sentences, { verbose: 0 });
      return vectors.toTensor().data() as Float32Array;
    };
    const last = native.isas().at(-1) as string;
    const first = await run(1, last, 3);
    expect(await run(2, last, 3)).toEqual(first);
    expect(await run(3, 'ref', 3)).toEqual(first);
    expect(await run(1, last, 4)).not.toEqual(first);
    setSeed(3);
    const { seed: _, ...noSeed } = OPTIONS;
    setThreads(1);
    native.setIsa(last);
    const byGlobal = await new Word2Vec({ ...noSeed, epochs: 2, mode: 'skipGram' }).fit(sentences, { verbose: 0 });
    expect(byGlobal.toTensor().data()).toEqual(first);
    setSeed(0);
  });

  it.each([0.025, 0.05])('stays finite on a text of two words at a rate of %f', async (learningRate) => {
    const sentences = Array.from({ length: 400 }, () => ['ya', 'tidak', 'ya', 'tidak', 'ya']);
    const vectors = await new Word2Vec({ mode: 'skipGram', minCount: 1, epochs: 20, sample: 0, seed: 1, learningRate }).fit(sentences, {
      verbose: 0,
    });
    const largest = Math.max(...(vectors.toTensor().data() as Float32Array).map(Math.abs));
    expect(largest).toBeLessThan(20);
  });

  it('says so when the rate is so high that vectors grow beyond all bounds', async () => {
    const sentences = Array.from({ length: 400 }, () => ['ya', 'tidak', 'ya', 'tidak', 'ya']);
    const wild = new Word2Vec({ mode: 'skipGram', minCount: 1, epochs: 20, sample: 0, seed: 1, learningRate: 9 });
    await expect(wild.fit(sentences, { verbose: 0 })).rejects.toThrow(/finite vectors, received NaN .* lower learningRate \(9\)/);
  });

  it('tells how far it is, and can be stopped with the vectors it has', async () => {
    const model = new Word2Vec({ ...OPTIONS, epochs: 50 });
    const controller = new AbortController();
    const seen: number[] = [];
    const stop = model.fit(twoSubjects(400), {
      verbose: 0,
      signal: controller.signal,
      onProgress({ epoch, words, totalWords, wordsPerSecond }) {
        expect(totalWords).toBe(50 * 3200);
        expect(words).toBe((epoch + 1) * 3200);
        expect(wordsPerSecond).toBeGreaterThan(0);
        seen.push(words);
        if (epoch === 2) controller.abort();
      },
    });
    await expect(stop).rejects.toMatchObject({ code: 'ABORT_ERR' });
    expect(seen).toEqual([3200, 6400, 9600]);
    expect(model.vectors.similarity('sate', 'soto')).toBeGreaterThan(0);
  });

  it('refuses options and sentences that cannot be meant', async () => {
    expect(() => new Word2Vec({ vectorSize: 0 })).toThrow(/vectorSize to be an integer in \[1,2048\], received 0/);
    expect(() => new Word2Vec({ window: 1.5 })).toThrow(/window/);
    expect(() => new Word2Vec({ sample: Number.NaN })).toThrow(/sample to be a number in \[0,1\], received NaN/);
    expect(() => new Word2Vec({ mode: 'glove' as never })).toThrow(/expected mode "cbow" or "skipGram", received "glove"/);
    expect(() => new Word2Vec({ size: 100 } as never)).toThrow(/received size/);
    expect(() => new Word2Vec({ seed: -1 })).toThrow(/seed/);
    const model = new Word2Vec();
    expect(() => model.vectors).toThrow(/call fit first/);
    expect(() => model.loss([])).toThrow(/call fit first/);
    await expect(model.fit(['satu dua'] as never)).rejects.toThrow(/sentence 0 to be a list of words, received the text "satu dua"; split/);
    await expect(model.fit([['satu', 2]] as never)).rejects.toThrow(/words as strings, received number in sentence 0/);
    await expect(model.fit([['satu', 'dua']])).rejects.toThrow(/at least 5 times, received 2 rarer ones in 1 sentences; lower minCount/);
    await expect(model.fit([])).rejects.toMatchObject({ code: 'ERR_DATA' });
    const small = new Word2Vec({ ...OPTIONS, epochs: 1 });
    await small.fit([['satu', 'dua']], { verbose: 0 });
    expect(() => small.loss([['tiga']])).toThrow(/two known words or more, received none/);
  });
});

describe('words as numbers', () => {
  it('the most frequent first, ties in order of appearance; unknown words are left out, and empty sentences', () => {
    const sentences = [['b', 'a', 'c'], ['a', 'd', 'b'], ['d'], ['x']];
    const { vocabulary, text } = countWords('test', sentences, 2);
    const { words, counts, index } = vocabulary;
    expect(text).toEqual(numberWords(sentences, index));
    expect(words).toEqual(['b', 'a', 'd']);
    expect(counts).toEqual([2, 2, 2]);
    expect(numberWords(sentences, index)).toEqual({ words: Int32Array.of(0, 1, 1, 2, 0, 2), ends: Int32Array.of(2, 5, 6) });
  });
});

describe('draws', () => {
  it('keep words by the published formula', () => {
    const counts = [900, 90, 10];
    const kept = expectedKept(counts, keepThresholds(counts, 0.01));
    counts.forEach((count, v) => {
      const ratio = 0.01 / (count / 1000);
      expect((kept[v] as number) / count).toBeCloseTo(Math.min(1, Math.sqrt(ratio) + ratio), 6);
    });
    expect(expectedKept(counts, keepThresholds(counts, 0))).toEqual(counts);
  });

  it.each([[[5, 5, 5]], [[1000, 10, 1]], [[7]], [Array.from({ length: 300 }, (_, i) => 1 + 5000 / (i + 1))]])(
    'an alias table gives each word its share',
    (counts) => {
      const { chance, alias } = aliasTable(counts, 0.75);
      const share = new Float64Array(counts.length);
      alias.forEach((other, v) => {
        const own = ((chance[v] as number) >>> 0) / 2 ** 32;
        share[v] = (share[v] as number) + own / counts.length;
        share[other] = (share[other] as number) + (1 - own) / counts.length;
      });
      const weights = counts.map((count) => count ** 0.75);
      const sum = weights.reduce((a, b) => a + b, 0);
      weights.forEach((w, v) => expect(share[v]).toBeCloseTo(w / sum, 8));
    },
  );
});
