import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TerminateOnNaN } from '../../src/callbacks/terminate-on-nan.js';
import { getSeed, setSeed } from '../../src/initializers/seed.js';
import { layers } from '../../src/layers/index.js';
import { AbortError } from '../../src/models/history.js';
import { Sequential } from '../../src/models/sequential.js';
import * as optimizers from '../../src/optimizers/index.js';
import { intUniform, logUniform, search, uniform, type Params, type SearchOptions } from '../../src/search/index.js';
import { gridOf, sampleOf } from '../../src/search/space.js';
import { markPart, partOf } from '../../src/tensor/part.js';
import { tensor } from '../../src/tensor/tensor.js';
import { TextPipeline } from '../../src/text/pipeline/text-pipeline.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { blobs } from '../helpers/toy-data.js';

const { x, y } = blobs(60);
function classifier({ units, rate }: Params): Sequential {
  const model = new Sequential([
    layers.dense({ units: (units as number | undefined) ?? 4, activation: 'relu', inputShape: x.shape.slice(1) }),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({
    optimizer: optimizers.adam({ learningRate: (rate as number | undefined) ?? 0.01 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}
const base: SearchOptions = { space: { units: [2, 8], rate: [0.001, 0.1] }, build: classifier, epochs: 4, folds: 3, seed: 5 };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-search-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const withoutTimes = (trials: readonly object[]): object[] => trials.map((t) => ({ ...t, seconds: 0 }));

describe('spaces', () => {
  test('a grid has every combination once', () => {
    expect(gridOf({ a: [1, 2], b: ['x', null], c: [true] })).toEqual([
      { a: 1, b: 'x', c: true },
      { a: 1, b: null, c: true },
      { a: 2, b: 'x', c: true },
      { a: 2, b: null, c: true },
    ]);
  });

  test('draws differ, stay in their range, repeat with the seed, and go on as they began', () => {
    const space = { a: uniform(-1, 1), b: logUniform(1e-4, 1e-1), c: intUniform(3, 5), d: ['x', 'y'] };
    const drawn = sampleOf(space, 200, 7);
    expect(new Set(drawn.map((p) => JSON.stringify(p))).size).toBe(200);
    for (const { a, b, c } of drawn as { a: number; b: number; c: number }[]) {
      expect(a >= -1 && a < 1 && b >= 1e-4 && b <= 1e-1).toBe(true);
      expect([3, 4, 5]).toContain(c);
    }
    // Half of a logarithmic draw lies below the geometric mean of its ends.
    const below = drawn.filter((p) => (p['b'] as number) < 10 ** -2.5).length;
    expect(below).toBeGreaterThan(70);
    expect(below).toBeLessThan(130);
    expect(sampleOf(space, 20, 7)).toEqual(drawn.slice(0, 20));
    expect(sampleOf(space, 20, 8)).not.toEqual(drawn.slice(0, 20));
    expect(sampleOf({ d: ['x', 'y', 'z'] }, 50, 1)).toHaveLength(3);
  });

  test('errors', () => {
    expectError(() => uniform(1, 1), 'ERR_ARG', 'low < high');
    expectError(() => logUniform(0, 1), 'ERR_ARG', '0 < low');
    expectError(() => intUniform(0.5, 2), 'ERR_ARG', 'whole');
    expectError(() => gridOf({ a: uniform(0, 1) }), 'ERR_ARG', 'random');
  });
});

describe('search', () => {
  test('the score of a choice is what training it by hand on each fold gives', async () => {
    const progress: number[] = [];
    const found = await search(x, y, { ...base, monitor: 'val_accuracy', onProgress: ({ done, total }) => progress.push(done / total) });
    expect(found.trials.map((t) => t.params)).toEqual(gridOf(base.space));
    expect(progress).toEqual(Array.from({ length: 12 }, (_, i) => (i + 1) / 12));
    expect(found.monitor).toEqual({ name: 'val_accuracy', larger: true });
    const means = found.ranked.map((t) => t.scores.reduce((a, b) => a + b) / 3);
    expect(means).toEqual([...means].sort((a, b) => b - a));
    // By hand: the folds again, the model of the best choice.
    const { stratifiedKFold } = await import('../../src/data/split.js');
    const splits = stratifiedKFold(y.data() as Int32Array, 3, { seed: 5 });
    const columns = x.shape[1] as number;
    const rowsOf = (rows: Int32Array): [typeof x, typeof y] => [
      tensor(Float32Array.from([...rows].flatMap((r) => [...x.data().subarray(r * columns, (r + 1) * columns)])), [rows.length, columns]),
      tensor(Int32Array.from(rows, (r) => y.data()[r] as number)),
    ];
    for (const [fold, { train, test: held }] of splits.entries()) {
      setSeed(5);
      const model = classifier(found.best.params);
      await model.fit(...rowsOf(train), { epochs: 4, verbose: 0 });
      expect((await model.evaluate(...rowsOf(held)))['accuracy']).toBe(found.best.scores[fold]);
    }
  });

  test('the same seed gives the same scores, another one others, and the global seed stays', async () => {
    setSeed(99);
    const [a, b, other] = [await search(x, y, base), await search(x, y, base), await search(x, y, { ...base, seed: 6 })];
    expect(getSeed()).toBe(99);
    expect(withoutTimes(a.trials)).toEqual(withoutTimes(b.trials));
    expect(a.trials.map((t) => t.scores)).not.toEqual(other.trials.map((t) => t.scores));
    expect(a.monitor).toEqual({ name: 'val_loss', larger: false });
    // Draws go on where they were, too.
    const kernel = (): unknown => classifier({}).weights[0]?.value.data();
    setSeed(42);
    const [first, second] = [kernel(), kernel()];
    setSeed(42);
    expect(kernel()).toEqual(first);
    await search(x, y, { ...base, space: { units: [2] }, epochs: 1 });
    expect(kernel()).toEqual(second);
  });

  test('halving trains all a little and the best further, to the bits of one run', async () => {
    const options: SearchOptions = { ...base, space: { units: intUniform(2, 12), rate: logUniform(1e-4, 0.1) }, folds: 2 };
    const halving: SearchOptions = { ...options, strategy: 'halving', trials: 9, minEpochs: 1, epochs: 8 };
    const found = await search(x, y, halving);
    expect(found.trials.map((t) => t.epochs).sort()).toEqual([1, 1, 1, 1, 1, 1, 3, 3, 8]);
    expect(found.best.epochs).toBe(8);
    const whole = await search(x, y, { ...options, strategy: 'random', trials: 9, epochs: 8 });
    expect(whole.trials[found.best.trial]?.scores).toEqual(found.best.scores);
    expect(found.ranked.map((t) => t.epochs)).toEqual([8, 3, 3, 1, 1, 1, 1, 1, 1]);
  });

  test('halving of models with a moving average of their weights goes on from the weights, not from the average', async () => {
    const build: SearchOptions['build'] = ({ rate }) => {
      const model = new Sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: x.shape.slice(1) })]);
      const optimizer = optimizers.adam({ learningRate: rate as number, useEma: true, emaMomentum: 0.9 });
      model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
      return model;
    };
    const options: SearchOptions = { space: { rate: [0.01, 0.1] }, build, epochs: 4, folds: 2 };
    const whole = await search(x, y, options);
    const halving = await search(x, y, { ...options, strategy: 'halving', trials: 2, factor: 2, minEpochs: 2 });
    const scores = whole.trials.find((t) => t.params['rate'] === halving.best.params['rate'])?.scores;
    expect([halving.best.epochs, halving.best.scores]).toEqual([4, scores]);
    // One that diverges in its first epoch has no weights to go on from, and ends no search.
    const wild = {
      ...options,
      space: { rate: [0.01, 3e38] },
      strategy: 'halving',
      trials: 2,
      factor: 2,
      minEpochs: 2,
      fit: () => ({ batchSize: 8 }),
    } as const;
    expect((await search(x, y, wild)).best.params).toEqual({ rate: 0.01 });
  });

  test('a search that was interrupted goes on from its file, to the same result', async () => {
    const whole = await search(x, y, { ...base, strategy: 'halving', trials: 4, factor: 2, file: join(folder, 'whole.jsonl') });
    const file = join(folder, 'cut.jsonl');
    const stop = new AbortController();
    const halving: SearchOptions = { ...base, strategy: 'halving', trials: 4, factor: 2, file };
    const cut = search(x, y, { ...halving, signal: stop.signal, onProgress: ({ done }) => done === 14 && stop.abort() });
    await expect(cut).rejects.toBeInstanceOf(AbortError);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(15);
    // As a process leaves it that was killed while it wrote.
    appendFileSync(file, '{"params":{"un');
    let built = 0;
    const build: SearchOptions['build'] = (params) => (built++, classifier(params));
    const resumed = await search(x, y, { ...halving, build });
    expect(withoutTimes(resumed.trials)).toEqual(withoutTimes(whole.trials));
    expect(built).toBeGreaterThan(0);
    built = 0;
    expect(withoutTimes((await search(x, y, { ...halving, build })).trials)).toEqual(withoutTimes(whole.trials));
    expect(built).toBe(0);
    await expectRejection(search(x, y, { ...halving, epochs: 5 }), 'ERR_DATA', 'another file');
    writeFileSync(join(folder, 'bad.jsonl'), readFileSync(file, 'utf8').replace('\n{', '\n?{'));
    await expectRejection(search(x, y, { ...halving, file: join(folder, 'bad.jsonl') }), 'ERR_DATA', 'line 2');
  });

  test('a choice that diverges is worse than any, also from the file; few whole numbers are drawn as often as there are', async () => {
    const diverging: SearchOptions = {
      ...base,
      space: { rate: [0.01, 3e38] },
      file: join(folder, 'diverging.jsonl'),
    };
    const found = await search(x, y, diverging);
    expect(found.best.params).toEqual({ rate: 0.01 });
    expect(found.ranked.at(-1)?.scores).toContain(Infinity);
    expect(readFileSync(diverging.file as string, 'utf8')).toContain('"score":"Infinity"');
    expect(withoutTimes((await search(x, y, diverging)).trials)).toEqual(withoutTimes(found.trials));
    // Where larger is better, an infinite score would be the best.
    await expectRejection(search(x, y, { ...diverging, mode: 'max' }), 'ERR_DATA', 'another file');
    expect(sampleOf({ layers: intUniform(1, 3), kind: ['a', 'b'] }, 50, 1)).toHaveLength(6);
  });

  test('what learns from data learns from the training rows of each fold', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `kata${i} ${i % 2 ? 'baik' : 'buruk'}`);
    const labels = tensor(Int32Array.from(texts, (_, i) => i % 2));
    const vocabularies: number[] = [];
    const found = await search(texts, labels, {
      space: { units: [2] },
      epochs: 1,
      folds: 2,
      build: ({ units }, train) => {
        expect(partOf(train.x)).toBe('train');
        const pipeline = new TextPipeline({ steps: [{ step: 'vectorize', outputSequenceLength: 3 }] }).fit(train.x as string[]);
        vocabularies.push(pipeline.vocabularySize());
        const model = new Sequential([
          layers.embedding({ inputDim: 40, outputDim: units as number, inputShape: [3] }),
          layers.flatten(),
          layers.dense({ units: 1, activation: 'sigmoid' }),
        ]);
        model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
        model.preprocessing = pipeline;
        return model;
      },
    });
    // 10 words of their own, two that all share, padding and unknown.
    expect(vocabularies).toEqual([14, 14]);
    expect(found.best.scores.every(Number.isFinite)).toBe(true);
  });

  test('a table and fit options', async () => {
    const seen: unknown[] = [];
    const found = await search(x, y, {
      ...base,
      space: { batchSize: [16, 20], rate: [0.01] },
      fit: ({ batchSize }) => (seen.push(batchSize), { batchSize: batchSize as number }),
    });
    expect(seen).toEqual([16, 16, 16, 20, 20, 20]);
    const table = found.toTable();
    expect(table.columns).toEqual(['trial', 'batchSize', 'rate', 'val_loss mean', 'val_loss std', 'epochs', 'seconds']);
    expect(table.rows).toBe(2);
    expect(table.numbers('val_loss mean')[0]).toBeLessThan(table.numbers('val_loss mean')[1] as number);
  });

  test('errors', async () => {
    const bad = (options: Partial<SearchOptions> & Record<string, unknown>, ...message: string[]): Promise<unknown> =>
      expectRejection(search(x, y, { ...base, ...options }), 'ERR_ARG', ...message);
    await bad({ space: {} }, 'at least one parameter');
    await bad({ space: { a: [] } }, 'empty list');
    await bad({ space: { a: [1, 1] } }, 'different values');
    await bad({ strategy: 'bayes' as never }, 'bayes');
    await bad({ trials: 3 }, 'leave it out');
    await bad({ factor: 3 }, 'halving');
    await bad({ folds: 1 }, 'folds');
    await bad({ colour: 1 }, 'colour');
    await bad({ fit: () => ({ validationFreq: 2 }) as object }, 'validationFreq', 'leave out');
    await bad({ strategy: 'halving', trials: 2, fit: () => ({ callbacks: [new TerminateOnNaN()] }) }, 'no callbacks', 'schedule');
    await bad({ monitor: 'val_beauty' }, 'val_beauty', 'val_accuracy');
    await expectRejection(search(x, y, { ...base, folds: 50 }), 'ERR_DATA', 'fewer folds');
    await expectRejection(search(x, tensor(Int32Array.of(1, 2)), base), 'ERR_SHAPE', '60');
    await expectRejection(search(markPart(tensor([[1], [2]]), 'test'), tensor([1, 2]), base), 'ERR_ARG', 'test part');
    const loose = new Sequential([layers.dense({ units: 1, inputShape: [2] })]);
    await expectRejection(search(x, y, { ...base, build: () => loose }), 'ERR_STATE', 'compile');
  });
});
