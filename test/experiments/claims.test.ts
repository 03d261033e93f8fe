import { describe, expect, it } from 'vitest';
import { naiveBayes, preparedBaselines, textBaselines } from '../../src/experiments/baselines.js';
import {
  bestFinding,
  historyValue,
  historyValues,
  orderFinding,
  saturationFinding,
  scoreValues,
  settingValues,
  type Ordered,
} from '../../src/experiments/claims.js';
import type { FindingContext, Prepared } from '../../src/experiments/experiment.js';
import type { Finding, Trained } from '../../src/experiments/results.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { syntheticResults } from '../reports/synthetic.js';

interface Drawn {
  readonly half?: number;
  readonly sample?: number;
}

/** Compares by the means alone, each interval reaching so far to both sides. */
const context = ({ half = 1, sample = 3 }: Drawn = {}, trained: readonly Trained[] = []): FindingContext => ({
  loaded: { raw: null, sources: [], classNames: [], standIn: null, sameTask: true },
  cells: trained.map((t) => t.cell),
  trained,
  compare: (pairs) => {
    const difference = pairs.reduce((sum, [a, b]) => sum + a.mean - b.mean, 0) / pairs.length;
    if (pairs.some(([a, b]) => a.rowsTested !== b.rowsTested)) return { why: 'they were tested on other rows' };
    const several = pairs.length > 1;
    return { difference, low: difference - half, high: difference + half, rows: 400, sample: several ? pairs.length : sample, of: several ? 'settings' : 'seeds' }; // prettier-ignore
  },
});

const [like] = syntheticResults().trained;
function cellOf(variant: string, score: number, rowsTested = 400): Trained {
  if (!like) throw new Error('no cell');
  return { ...like, cell: { ...like.cell, variant, mean: score, rowsTested } };
}
const scored = (values: Readonly<Record<string, number>>, drawn?: Drawn): Ordered[] =>
  scoreValues(
    Object.entries(values).map(([name, value]) => cellOf(name, value)),
    context(drawn),
  );

describe('claims about scores', () => {
  it('hold, do not hold, or cannot be told, by the interval of the paired bootstrap', () => {
    const values = scored({ a: 60, b: 70, c: 70.5 });
    expect(orderFinding('t', 'F1', ['a', 'b'], values)).toMatchObject({ holds: true, kind: 'computed' });
    expect(orderFinding('t', 'F1', ['b', 'a'], values).holds).toBe(false);
    expect(orderFinding('t', 'F1', ['a', 'b', 'c'], values).holds).toBeNull();
    expect(orderFinding('t', 'F1', ['b', 'c', 'a'], values).holds).toBe(false);
    const { text } = orderFinding('t', 'F1', ['a', 'b', 'c'], values, 1);
    expect(text).toContain('The document observes a < b < c (F1). Here: a 60.0 < b 70.0 < c 70.5.');
    expect(text).toContain('over 400 test rows and 3 seeds: b less a +10.0 (+9.0 to +11.0); c less b +0.5 (−0.5 to +1.5).');
    expect(text).toContain('cannot be told');
    expect(orderFinding('t', 'F1', ['a', 'd'], values)).toMatchObject({ holds: null, text: expect.stringContaining('Not all') as string });
  });

  it('name stacks so that they can be told apart', () => {
    const { text } = orderFinding('t', 'F1', ['64, 32', '64'], scored({ '64, 32': 60, '64': 70 }));
    expect(text).toContain('64 less “64, 32” +10.000');
  });

  it('are about these runs alone where there is one seed, as the table of comparisons says', () => {
    const one = { half: 1, sample: 1 };
    expect(orderFinding('t', 'F1', ['a', 'b'], scored({ a: 60, b: 70 }, one))).toMatchObject({
      holds: true,
      scope: 'runs',
      text: expect.stringContaining('how much seeds differ is not known') as string,
    });
    const untold = orderFinding('t', 'F1', ['a', 'b'], scored({ a: 60, b: 60.5 }, one));
    expect(untold.holds).toBeNull();
    expect(untold.scope).toBeUndefined();
    expect(orderFinding('t', 'F1', ['a', 'b'], scored({ a: 60, b: 70 })).scope).toBeUndefined();
  });

  it('are not told of test parts of other rows, and say so', () => {
    const values = scoreValues([cellOf('a', 60), cellOf('b', 90, 45)], context());
    expect(orderFinding('t', 'F1', ['a', 'b'], values)).toMatchObject({
      holds: null,
      text: expect.stringContaining('Not told: they were tested on other rows.') as string,
    });
  });

  it('of our own are not put into the document’s mouth', () => {
    const asked = 'Asked here: is b better?';
    const values = scored({ a: 60, b: 70 });
    for (const { text } of [
      orderFinding('t', 'F1', ['a', 'b'], values, 2, asked),
      bestFinding('t', 'F1', 'b', ['a'], values, 2, asked),
      orderFinding('t', 'F1', ['a', 'x'], values, 2, asked),
    ]) {
      expect(text).toContain(asked);
      expect(text).not.toContain('The document observes');
    }
  });

  it('about means over a sweep pair the settings that differ in nothing else', () => {
    const cells = [
      ...[1, 2, 3].flatMap((size) => [cellOf(`${size} / 16`, 60 + size), cellOf(`${size} / 64`, 50 + 2 * size)]),
      cellOf('4 / 16', 99), // without its like at 64
    ];
    const values = settingValues(cells, context(), ({ variant }) => {
      const [setting = '', name = ''] = variant.split(' / ');
      return { name, setting };
    });
    expect(values.map((v) => [v.name, v.value])).toEqual([
      ['16', 62],
      ['64', 54],
    ]);
    const found = orderFinding('t', 'mean F1', ['64', '16'], values, 1);
    expect(found.holds).toBe(true);
    expect(found.scope).toBeUndefined();
    expect(found.text).toContain('over 400 test rows and 3 pairs of settings: 16 less 64 +8.0');
    const apart = settingValues([cellOf('1 / 16', 60), cellOf('2 / 64', 50)], context(), ({ variant }) => ({ name: variant.slice(4), setting: variant.slice(0, 1) })); // prettier-ignore
    expect(orderFinding('t', 'mean F1', ['64', '16'], apart).text).toContain('Not all of these variants were run');
  });

  it('about saturation hold where the growth is surely small, and not where it is surely large; the margin is ours', () => {
    const grown = (to: number, drawn?: Drawn): Finding =>
      saturationFinding('t', 'F1', { from: '2000', to: '5000', margin: 1 }, scored({ '2000': 80, '5000': to }, { half: 0.5, ...drawn }));
    expect(grown(80.1)).toMatchObject({
      holds: true,
      text: expect.stringContaining('grows by 0.10 (95 % interval −0.40 to +0.60') as string,
    });
    expect(grown(70)).toMatchObject({ holds: true });
    expect(grown(85)).toMatchObject({ holds: false, text: expect.stringContaining('this report’s choice') as string });
    expect(grown(80.8)).toMatchObject({ holds: null, text: expect.stringContaining('cannot be told') as string });
    expect(grown(85, { sample: 1 })).toMatchObject({ holds: false, scope: 'runs' });
    expect(saturationFinding('t', 'F1', { from: '2000', to: '5000', margin: 1 }, scored({ '2000': 80 })).text).toContain(
      'Not all of these',
    );
  });

  it('about a best variant hold whatever the order of the others is', () => {
    const best = (b: number, c: number): unknown => bestFinding('t', 'F1', 'a', ['b', 'c'], scored({ a: 80, b, c })).holds;
    expect(best(70, 60)).toBe(true);
    expect(best(70, 90)).toBe(false);
    expect(best(70, 79.5)).toBeNull();
    expect(bestFinding('t', 'F1', 'a', ['b'], scored({ a: 1, b: 0.5 })).text).toContain('b 0.50 < a 1.00');
    expect(bestFinding('t', 'F1', 'a', ['b'], scored({ a: 1 }))).toMatchObject({
      holds: null,
      text: expect.stringContaining('Not all') as string,
    });
  });
});

describe('claims about histories', () => {
  const of = (name: string, ...seeds: number[]): Ordered => ({ name, value: seeds.reduce((a, b) => a + b) / seeds.length, seeds });
  const order = (...own: Ordered[]): Finding => orderFinding('t', 'loss', ['a', 'b'], own);

  it('are judged over seeds, and not told from one or from seeds that do not agree', () => {
    expect(order(of('a', 60, 61, 62), of('b', 70, 71.5, 72)).holds).toBe(true);
    expect(order(of('a', 70, 71.5, 72), of('b', 60, 61, 62)).holds).toBe(false);
    expect(order(of('a', 60, 70, 62), of('b', 71, 61, 72)).holds).toBeNull();
    expect(order(of('a', 60), of('b', 70))).toMatchObject({ holds: null, text: expect.stringContaining('one seed cannot tell') as string });
    expect(order(of('a', 60, 70), of('b', 71, 61)).text).toContain('over 2 seeds');
    expect(order(of('a', 1), { name: 'b', value: null }).holds).toBeNull();
  });

  it('take their values with those of each seed', () => {
    const { trained } = syntheticResults();
    expect(scoreValues(trained, context())[0]?.value).toBe(trained[0]?.cell.mean);
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

  it('take the majority of what was collected, not of classes that were made equal', async () => {
    const test = { texts: ['good film', 'awful', 'fine', 'bad'], labels: Int32Array.of(1, 0, 1, 0) };
    const even = { texts: [...train.texts.slice(0, 2), ...train.texts.slice(2, 4)], labels: Int32Array.of(1, 1, 0, 0) };
    const collected = Int32Array.of(1, 1, 1, 1, 0);
    const [most] = await textBaselines(even, test, ['no', 'yes'], 'accuracy', collected);
    expect(most).toMatchObject({ value: 50, note: expect.stringMatching(/"yes".*before they were resampled/) as string });
    const part = (own: { texts: string[]; labels: Int32Array }): { x: Tensor; labels: Int32Array } => ({
      x: tensor(new Float32Array(own.texts.length), [own.texts.length, 1]),
      labels: own.labels,
    });
    const prepared = {
      train: part(even),
      validation: part(test),
      test: part(test),
      audited: { train: { texts: even.texts }, test: { texts: test.texts } },
      notes: [],
      sizes: {},
    };
    const loaded = { raw: null, sources: [], classNames: ['no', 'yes'], standIn: null, sameTask: true };
    const noted = async (own: Prepared): Promise<string | undefined> => (await preparedBaselines('accuracy')(loaded, own))[0]?.note;
    expect(await noted({ ...prepared, unsampled: { texts: [], labels: collected } })).toContain('"yes"');
    expect(await noted(prepared)).toContain('"no", the most frequent class of the training part');
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
