import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { modelCheckpoint } from '../../src/callbacks/index.js';
import { Callback } from '../../src/callbacks/callback.js';
import { setSeed } from '../../src/initializers/seed.js';
import { layers, resetLayerNames } from '../../src/layers/index.js';
import { AbortError } from '../../src/models/history.js';
import { loadModel } from '../../src/models/load.js';
import { Sequential } from '../../src/models/sequential.js';
import { sameBits, tokenRows } from '../helpers/toy-data.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-resume-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function model(): Sequential {
  resetLayerNames();
  setSeed(11);
  const m = new Sequential([
    layers.embedding({ inputDim: 20, outputDim: 5, maskZero: true }),
    layers.bidirectional({ layer: layers.gru({ units: 4, returnSequences: true }) }),
    layers.dropout({ rate: 0.5 }),
    layers.lstm({ units: 3 }),
    layers.dropout({ rate: 0.25 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  m.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return m;
}

const { x, y } = tokenRows(50, 8, 20);

class StopAfter extends Callback {
  private left: number;
  constructor(
    batches: number,
    private readonly stop: () => void,
  ) {
    super();
    this.left = batches;
  }
  override onBatchEnd(): void {
    if (--this.left === 0) this.stop();
  }
}

describe('a run in two parts gives the bits of a run in one part', () => {
  test('from a checkpoint, in a process that has drawn other numbers since', async () => {
    const whole = model();
    const history = await whole.fit(x, y, { epochs: 5, batchSize: 16, verbose: 0, validationSplit: 0.2 });

    const first = model();
    await first.fit(x, y, {
      epochs: 2,
      batchSize: 16,
      verbose: 0,
      validationSplit: 0.2,
      callbacks: [modelCheckpoint({ path: join(folder, 'epoch-{epoch}') })],
    });
    setSeed(999);
    const second = await loadModel(join(folder, 'epoch-2'));
    const rest = await second.fit(x, y, { epochs: 5, initialEpoch: 2, batchSize: 16, verbose: 0, validationSplit: 0.2 });
    expect(rest.epoch).toEqual([2, 3, 4]);
    expect(rest.history['loss']).toEqual(history.history['loss']?.slice(2));
    expect(rest.history['val_loss']).toEqual(history.history['val_loss']?.slice(2));
    expect(sameBits(second.getWeights(), whole.getWeights())).toBe(true);
    expect(second.training).toEqual(whole.training);
  });

  test('fit in two calls on one model', async () => {
    const whole = model();
    await whole.fit(x, y, { epochs: 3, batchSize: 16, verbose: 0 });
    const parts = model();
    await parts.fit(x, y, { epochs: 1, batchSize: 16, verbose: 0 });
    await parts.fit(x, y, { epochs: 2, batchSize: 16, verbose: 0 });
    expect(sameBits(parts.getWeights(), whole.getWeights())).toBe(true);
  });

  test('killed within an epoch, from the checkpoint before it', async () => {
    const whole = model();
    await whole.fit(x, y, { epochs: 3, batchSize: 16, verbose: 0 });
    const abort = new AbortController();
    const killed = model();
    // Four batches an epoch: the sixth is in the second epoch.
    const run = killed.fit(x, y, {
      epochs: 3,
      batchSize: 16,
      verbose: 0,
      signal: abort.signal,
      callbacks: [modelCheckpoint({ path: join(folder, 'last') }), new StopAfter(6, () => abort.abort(new Error('enough')))],
    });
    const error: unknown = await run.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AbortError);
    expect((error as AbortError).name).toBe('AbortError');
    expect((error as AbortError).history?.epoch).toEqual([0]);
    expect((error as AbortError).cause).toEqual(new Error('enough'));
    expect(killed.training).toMatchObject({ epoch: 1, step: 6 });
    const resumed = await loadModel(join(folder, 'last'));
    await resumed.fit(x, y, { epochs: 3, initialEpoch: 1, batchSize: 16, verbose: 0 });
    expect(sameBits(resumed.getWeights(), whole.getWeights())).toBe(true);
  });
});

describe('fit leaves the event loop its turn', () => {
  test('a timer fires and an abort arrives during training', async () => {
    const m = model();
    const abort = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => {
      if (++ticks === 3) abort.abort();
    }, 5);
    const error: unknown = await m
      .fit(x, y, { epochs: 1_000_000, batchSize: 16, verbose: 0, signal: abort.signal })
      .catch((e: unknown) => e);
    clearInterval(timer);
    expect(error).toBeInstanceOf(AbortError);
    expect(ticks).toBeGreaterThanOrEqual(3);
    await expect(m.predict(x, { signal: abort.signal })).rejects.toThrow('aborted');
    await expect(m.evaluate(x, y, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
  });
});
