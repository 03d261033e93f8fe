import { describe, expect, it } from 'vitest';
import { randomForest } from '../../src/experiments/random-forest.js';
import { Philox } from '../../src/tensor/random.js';

describe('randomForest', () => {
  const random = new Philox(11);
  const noise = (): string => Array.from({ length: 5 }, () => `kata${random.integer(40)}`).join(' ');

  it('finds what needs two questions', () => {
    const rows = Array.from({ length: 400 }, (_, i) => {
      const [a, b] = [i % 2 === 0, Math.floor(i / 2) % 2 === 0];
      return { text: `${noise()} ${a ? 'enak' : ''} ${b ? 'mahal' : ''}`, label: a && b ? 1 : 0 };
    });
    const part = (from: number, to: number) => ({
      texts: rows.slice(from, to).map((r) => r.text),
      labels: Int32Array.from(rows.slice(from, to), (r) => r.label),
    });
    const [train, test] = [part(0, 320), part(320, 400)];
    const predicted = randomForest(train, test.texts, 2, { trees: 60 });
    const right = predicted.filter((label, i) => label === test.labels[i]).length;
    expect(right / test.labels.length).toBeGreaterThan(0.9);
  });

  it('is the same for the same seed, and another for another', () => {
    const texts = Array.from({ length: 120 }, noise);
    const labels = Int32Array.from(texts, () => random.integer(3));
    const run = (seed: number): number[] => [
      ...randomForest(
        { texts, labels },
        Array.from({ length: 60 }, (_, i) => texts[i] ?? ''),
        3,
        { trees: 3, seed },
      ),
    ];
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it('names the most frequent class where no word is known', () => {
    const train = { texts: ['a b', 'a c', 'w', 'x', 'y', 'z'], labels: Int32Array.of(0, 0, 2, 2, 2, 1) };
    expect([...randomForest(train, ['', 'unbekannt'], 3, { trees: 25 })]).toEqual([2, 2]);
  });
});
