import { describe, expect, test } from 'vitest';
import { projectWords } from '../../src/embeddings/projection.js';
import { WordVectors } from '../../src/embeddings/word-vectors.js';
import { Philox } from '../../src/tensor/random.js';
import { expectRejection } from '../helpers/expect-rejection.js';

/** Three groups of words, each about a direction of its own in 8 dimensions. */
const WORDS = Array.from({ length: 45 }, (_, i) => `w${i}`);
const random = new Philox(3);
const vectors = new WordVectors(
  WORDS,
  Float32Array.from({ length: 45 * 8 }, (_, i) => {
    const [word, d] = [Math.floor(i / 8), i % 8];
    return (d === word % 3 ? 5 : 0) + random.normal(0, 0.3);
  }),
);

/** Largest distance within a group, and smallest between two. */
function separation(points: readonly (readonly [number, number])[]): [within: number, between: number] {
  let [within, between] = [0, Infinity];
  for (let i = 0; i < points.length; i++)
    for (let j = 0; j < i; j++) {
      const [a, b] = [points[i], points[j]] as [readonly [number, number], readonly [number, number]];
      const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
      if (i % 3 === j % 3) within = Math.max(within, distance);
      else between = Math.min(between, distance);
    }
  return [within, between];
}

describe('projectWords', () => {
  test.each(['pca', 'umap'] as const)('%s keeps groups of like words apart, the same each time', async (method) => {
    const [a, b] = [await projectWords(vectors, { method }), await projectWords(vectors, { method })];
    expect(a.columns).toEqual(['word', 'x', 'y']);
    expect(a.strings('word')).toEqual(WORDS);
    const points = a.numbers('x').map((x, i): [number, number] => [x, a.numbers('y')[i] as number]);
    expect(points.map(([x]) => x)).toEqual(b.numbers('x'));
    expect(points.map(([, y]) => y)).toEqual(b.numbers('y'));
    const [within, between] = separation(points);
    if (method === 'pca') expect(between).toBeGreaterThan(within / 2);
    // UMAP draws groups out; no point is nearer to another group's middle than to its own.
    const middle = (group: number): [number, number] => {
      const own = points.filter((_, i) => i % 3 === group);
      return [own.reduce((s, p) => s + p[0], 0) / own.length, own.reduce((s, p) => s + p[1], 0) / own.length];
    };
    const middles = [middle(0), middle(1), middle(2)];
    points.forEach((p, i) => {
      const distances = middles.map((m) => Math.hypot(p[0] - m[0], p[1] - m[1]));
      expect(distances.indexOf(Math.min(...distances))).toBe(i % 3);
    });
  });

  test('of the words that are asked for; another seed gives another picture', async () => {
    const some = await projectWords(vectors, { words: ['w3', 'w1', 'w3', 'w8', 'w20'] });
    expect(some.strings('word')).toEqual(['w3', 'w1', 'w8', 'w20']);
    expect((await projectWords(vectors, { topN: 7 })).rows).toBe(7);
    const [a, b] = [await projectWords(vectors, { method: 'umap', seed: 1 }), await projectWords(vectors, { method: 'umap', seed: 2 })];
    expect(a.numbers('x')).not.toEqual(b.numbers('x'));
  });

  test('errors', async () => {
    await expectRejection(projectWords(vectors, { words: ['w1', 'w2'] }), 'ERR_ARG', 'three words');
    await expectRejection(projectWords(vectors, { words: ['w1', 'w2', 'apa'] }), 'ERR_DATA', 'apa');
    await expectRejection(projectWords(vectors, { method: 'tsne' as 'pca' }), 'ERR_ARG', 'tsne');
    await expectRejection(projectWords(vectors, { method: 'umap', neighbors: 1 }), 'ERR_ARG', 'neighbors');
    await expectRejection(projectWords(vectors, { perplexity: 3 } as object), 'ERR_ARG', 'perplexity');
  });
});
