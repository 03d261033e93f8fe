import { describe, expect, it } from 'vitest';
import { naiveBayes, textBaselines } from '../../src/experiments/baselines.js';
import { historyValue, orderFinding } from '../../src/experiments/claims.js';
import { syntheticResults } from '../reports/synthetic.js';

describe('claims about an order', () => {
  const values = [
    { name: 'a', value: 1 },
    { name: 'b', value: 2 },
    { name: 'c', value: 1.5 },
  ];

  it('hold, do not hold, or cannot be checked', () => {
    expect(orderFinding('t', 'loss', ['a', 'c', 'b'], values).holds).toBe(true);
    expect(orderFinding('t', 'loss', ['a', 'b', 'c'], values)).toMatchObject({ holds: false, kind: 'computed' });
    expect(orderFinding('t', 'loss', ['a', 'b', 'c'], values).text).toContain('a 1.000 < c 1.500 < b 2.000');
    expect(orderFinding('t', 'loss', ['a', 'd'], values).holds).toBeNull();
    expect(orderFinding('t', 'loss', ['a', 'd'], [...values, { name: 'd', value: null }]).holds).toBeNull();
  });

  it('take the mean over seeds of the last epoch, or of what is picked', () => {
    const [trained] = syntheticResults().trained;
    if (!trained) throw new Error('no cell');
    const last = trained.histories.map((h) => h['loss']?.at(-1) ?? 0);
    expect(historyValue(trained, 'loss')).toBeCloseTo(last.reduce((a, b) => a + b, 0) / last.length, 12);
    expect(historyValue(trained, 'loss', (v) => v.length)).toBe(10);
    expect(historyValue(trained, 'nothing')).toBeNull();
  });
});

describe('baselines', () => {
  const train = { texts: ['good good film', 'fine film', 'bad film', 'awful bad plot', 'bad'], labels: Int32Array.of(1, 1, 0, 0, 0) };

  it('naive Bayes weighs words by class and falls back on the prior for words it does not know', () => {
    expect([...naiveBayes(train, ['good', 'bad plot', 'unheard of', ''], 2)]).toEqual([1, 0, 0, 0]);
  });

  it('give macro F1 in percent on the test part', async () => {
    const test = { texts: ['good film', 'awful', 'fine', 'bad'], labels: Int32Array.of(1, 0, 1, 0) };
    const found = await textBaselines(train, test, ['no', 'yes']);
    expect(found.map((b) => b.name)).toEqual(['majority class', 'naive Bayes', 'TF-IDF + logistic regression']);
    expect(found[0]?.value).toBeCloseTo((100 * (2 / 3)) / 2, 6);
    expect(found[2]?.value).toBeGreaterThan(60);
  });
});
