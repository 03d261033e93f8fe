import { describe, expect, it } from 'vitest';
import { trainingWords } from '../../src/experiments/training-words.js';
import type { ReadyExperiment } from '../../src/experiments/jobs.js';

/** As much of a ready experiment as is looked at. */
function ready(classNames: string[], cells: { factor: string; protocol: string; prepared: unknown }[]): ReadyExperiment {
  const factors = [...new Set(cells.map((c) => c.factor))].map((name) => ({ name, title: `Title of ${name}` }));
  return {
    plan: { experiment: { factors } },
    loaded: { classNames },
    cells: cells.map(({ prepared, ...cell }) => ({ cell, prepared })),
  } as unknown as ReadyExperiment;
}
const prepared = (texts: string[] | undefined, labels: number[]): unknown => ({
  train: { labels: Int32Array.from(labels) },
  audited: { train: { texts } },
});

describe('trainingWords', () => {
  it('counts the words of each class without stop words, the leak-free training texts, each set once', () => {
    const leaky = prepared(['bocor'], [0]);
    const clean = prepared(['bagus sekali, bagus!', 'buruk dan lambat', 'bagus'], [1, 0, 1]);
    const found = trainingWords(
      ready(
        ['negatif', 'positif'],
        [
          { factor: 'a', protocol: 'published', prepared: leaky },
          { factor: 'a', protocol: 'leak-free', prepared: clean },
          { factor: 'b', protocol: 'leak-free', prepared: clean },
        ],
      ),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ factor: 'a', title: 'Title of a' });
    expect(found[0]?.classes.map((c) => [c.name, c.texts])).toEqual([
      ['negatif', 1],
      ['positif', 2],
    ]);
    expect(found[0]?.classes[1]?.words[0]).toEqual(['bagus', 3]);
    expect(found[0]?.classes[0]?.words.map(([word]) => word)).not.toContain('dan');
  });

  it('counts texts that over-sampling repeats once', () => {
    const twice = {
      ...(prepared(['bagus', 'bagus', 'buruk'], [1, 1, 0]) as object),
      unsampled: { texts: ['bagus', 'buruk'], labels: Int32Array.of(1, 0) },
    };
    const found = trainingWords(ready(['negatif', 'positif'], [{ factor: 'a', protocol: 'leak-free', prepared: twice }]));
    expect(found[0]?.classes.map((c) => [c.texts, c.words[0]])).toEqual([
      [1, ['buruk', 1]],
      [1, ['bagus', 1]],
    ]);
  });

  it('has none for images or for many classes', () => {
    expect(trainingWords(ready(['a'], [{ factor: 'f', protocol: 'leak-free', prepared: prepared(undefined, [0]) }]))).toEqual([]);
    const many = Array.from({ length: 7 }, (_, k) => `c${k}`);
    expect(trainingWords(ready(many, [{ factor: 'f', protocol: 'leak-free', prepared: prepared(['a'], [0]) }]))).toEqual([]);
  });
});
