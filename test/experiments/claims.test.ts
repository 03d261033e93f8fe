import { describe, expect, it } from 'vitest';
import { naiveBayes, textBaselines } from '../../src/experiments/baselines.js';
import { bestFinding, historyValue, historyValues, orderFinding, saturationFinding, scoreValues } from '../../src/experiments/claims.js';
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

  it('cannot be told from one seed, or from seeds that do not agree', () => {
    const of = (name: string, ...seeds: number[]): { name: string; value: number; seeds: number[] } => ({
      name,
      value: seeds.reduce((a, b) => a + b) / seeds.length,
      seeds,
    });
    const order = (...own: ReturnType<typeof of>[]): unknown => orderFinding('t', 'F1', ['a', 'b'], own).holds;
    expect(order(of('a', 60, 61, 62), of('b', 70, 71.5, 72))).toBe(true);
    expect(order(of('a', 70, 71.5, 72), of('b', 60, 61, 62))).toBe(false);
    expect(order(of('a', 60, 70, 62), of('b', 71, 61, 72))).toBeNull();
    expect(orderFinding('t', 'F1', ['a', 'b'], [of('a', 60), of('b', 70)])).toMatchObject({
      holds: null,
      text: expect.stringContaining('With one seed this cannot be told') as string,
    });
    expect(orderFinding('t', 'F1', ['a', 'b'], [of('a', 60, 70), of('b', 71, 61)]).text).toContain('With 2 seeds');
  });

  it('about saturation hold where the growth is surely small, and not where it is surely large', () => {
    const grown = (...seeds: number[]): unknown =>
      saturationFinding('t', 'F1', { from: '2000', to: '5000', margin: 1 }, [
        { name: '2000', value: 80, seeds: [80, 81, 79] },
        { name: '5000', value: seeds.reduce((a, b) => a + b) / seeds.length, seeds },
      ]);
    expect(grown(80.1, 81, 79.1)).toMatchObject({ holds: true, text: expect.stringContaining('grows by 0.07') as string });
    expect(grown(70, 71, 69)).toMatchObject({ holds: true });
    expect(grown(85, 86.5, 84)).toMatchObject({ holds: false });
    expect(grown(80, 84, 79)).toMatchObject({ holds: null, text: expect.stringContaining('With 3 seeds this cannot be told') as string });
    expect(grown(85)).toMatchObject({ holds: null, text: expect.stringContaining('With one seed') as string });
    expect(saturationFinding('t', 'F1', { from: '2000', to: '5000', margin: 1 }, [{ name: '2000', value: 80 }]).text).toContain(
      'Not all of these',
    );
  });

  it('about a best variant hold whatever the order of the others is', () => {
    const best = (seeds: readonly number[], others: readonly number[]): unknown =>
      bestFinding(
        't',
        'F1',
        'a',
        ['b', 'c'],
        [
          { name: 'a', value: 80, seeds },
          { name: 'b', value: 70, seeds: [70, 70.5, 71] },
          { name: 'c', value: 60, seeds: others },
        ],
      ).holds;
    expect(best([80, 80, 81], [60, 61, 60])).toBe(true);
    expect(best([80, 80, 81], [90, 91, 90])).toBe(false);
    expect(best([80, 80, 81], [90, 61, 60])).toBeNull();
    expect(
      bestFinding(
        't',
        'F1',
        'a',
        ['b'],
        [
          { name: 'a', value: 1 },
          { name: 'b', value: 0.5 },
        ],
      ).text,
    ).toContain('b 0.50 < a 1.00');
    expect(bestFinding('t', 'F1', 'a', ['b'], [{ name: 'a', value: 1 }])).toMatchObject({
      holds: null,
      text: expect.stringContaining('Not all') as string,
    });
  });

  it('take their values with those of each seed', () => {
    const { trained } = syntheticResults();
    const [scores] = scoreValues(trained);
    expect(scores?.seeds).toHaveLength(3);
    expect(scores?.value).toBeCloseTo((scores?.seeds ?? []).reduce((a, b) => a + b, 0) / 3, 10);
    expect(historyValues(trained, 'loss')[0]?.seeds).toHaveLength(3);
    expect(historyValues(trained, 'nothing')[0]).toMatchObject({ value: null, seeds: [] });
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
    expect(found.map((b) => b.name)).toEqual([
      'majority class',
      'naive Bayes',
      'TF-IDF + logistic regression',
      'TF-IDF + linear SVM',
      'random forest',
    ]);
    expect(found[0]?.value).toBeCloseTo((100 * (2 / 3)) / 2, 6);
    expect(found[2]?.value).toBeGreaterThan(60);
    expect(found[3]?.value).toBeGreaterThan(60);
    expect(await textBaselines(train, test, ['no', 'yes'])).toEqual(found);
  });
});
