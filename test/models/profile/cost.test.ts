import { describe, expect, it } from 'vitest';
import { layers } from '../../../src/layers/index.js';
import type { Layer } from '../../../src/layers/layer.js';
import { boundBy, summarize } from '../../../src/models/profile/summarize.js';
import { measurePeaks, type MachinePeaks } from '../../../src/models/profile/peaks.js';
import { sampleData } from '../../../src/models/profile/sample-data.js';
import type { Span } from '../../../src/models/profile/spans.js';
import { Sequential } from '../../../src/models/sequential.js';

function built<L extends Layer>(layer: L, shape: number[]): L {
  layer.build([[null, ...shape.slice(1)]], 'float32');
  return layer;
}

const BOTH = { input: true, weights: true };
const WEIGHTS = { input: false, weights: true };

describe('the work of a layer', () => {
  it('of a dense layer is its product, twice in backward', () => {
    const dense = built(layers.dense({ units: 5 }), [2, 7]);
    expect(dense.cost([[2, 7]], [[2, 5]])).toEqual({ flops: 140, products: 140, bytes: 4 * (14 + 10 + 35 + 5) });
    expect(dense.backwardCost([[2, 7]], [[2, 5]], 1, BOTH).flops).toBe(280);
    expect(dense.backwardCost([[2, 7]], [[2, 5]], 1, WEIGHTS)).toEqual({ flops: 140, bytes: 8 * 64 - 4 * 14 });
    expect(dense.backwardCost([[2, 7]], [[2, 5]], 1, { input: false, weights: false })).toEqual({ flops: 0, bytes: 0 });
  });

  it('of a convolution counts taps inside the image', () => {
    const valid = built(layers.conv2d({ filters: 3, kernelSize: 3 }), [1, 5, 5, 2]);
    expect(valid.cost([[1, 5, 5, 2]], [[1, 3, 3, 3]]).flops).toBe(2 * 81 * 2 * 3);
    const same = built(layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' }), [1, 5, 5, 2]);
    // Along an axis of 5: 2 + 3 + 3 + 3 + 2 taps.
    expect(same.cost([[1, 5, 5, 2]], [[1, 5, 5, 3]]).flops).toBe(2 * 13 * 13 * 2 * 3);
  });

  it('of a recurrent layer leaves masked steps out; of a bidirectional one is both directions', () => {
    const lstm = built(layers.lstm({ units: 4 }), [2, 6, 3]);
    expect(lstm.cost([[2, 6, 3]], [[2, 4]]).flops).toBe(2 * 12 * 16 * 7);
    expect(lstm.cost([[2, 6, 3]], [[2, 4]], 0.5).flops).toBe(12 * 16 * 7);
    const both = built(layers.bidirectional({ layer: layers.gru({ units: 4 }) }), [2, 6, 3]);
    expect(both.cost([[2, 6, 3]], [[2, 8]]).flops).toBe(2 * 2 * 12 * 12 * 7);
  });

  it('of a view is nothing, of an embedding only bytes, of a model that of its layers', () => {
    expect(layers.flatten().cost()).toEqual({ flops: 0, bytes: 0, products: 0 });
    const embedding = built(layers.embedding({ inputDim: 100, outputDim: 3 }), [2, 4]);
    expect(embedding.cost([[2, 4]], [[2, 4, 3]])).toEqual({ flops: 0, products: 0, bytes: 4 * (8 + 48) });
    expect(embedding.backwardCost([[2, 4]], [[2, 4, 3]], 1, WEIGHTS).bytes).toBe(4 * (8 + 24 + 300));
    const model = new Sequential([layers.dense({ units: 5, inputShape: [7] }), layers.flatten(), layers.dense({ units: 2 })]);
    expect(model.cost([[2, 7]], [[2, 2]]).flops).toBe(140 + 40);
  });
});

describe('the summary', () => {
  const peaks: MachinePeaks = { gflops: 100, gbps: 10, threads: 1, isa: 'ref', method: 'made up' };
  const span = (pass: Span['pass'], name: string, begin: number, end: number, self: number, step: number): Span => ({
    pass,
    name,
    begin,
    end,
    self,
    step,
    call: null,
    work: pass === 'update' ? { flops: 1e6, bytes: 12e6 } : null,
  });

  it('adds up to the step, and leaves an unfinished step out', () => {
    const spans = [0, 1].flatMap((s) => [
      span('forward', 'a', 10 * s, 10 * s + 4, 4, s),
      span('update', 'SGD', 10 * s + 5, 10 * s + 7, 2, s),
      span('step', 'train', 10 * s, 10 * s + 8, 2, s),
    ]);
    const { steps, milliseconds, rows } = summarize([...spans, span('forward', 'a', 30, 34, 4, 2)], peaks);
    expect([steps, milliseconds]).toEqual([2, 8]);
    expect(rows.map((r) => [r.pass, r.name, r.calls, r.milliseconds])).toEqual([
      ['forward', 'a', 2, 4],
      ['update', 'SGD', 2, 2],
      ['other', 'between the calls', 2, 2],
    ]);
    expect(rows.reduce((sum, r) => sum + r.share, 0)).toBeCloseTo(1, 12);
    const update = rows[1];
    expect(update?.gflops).toBeCloseTo(0.5, 9);
    expect(update?.gbps).toBeCloseTo(6, 9);
    expect(update?.ofMemory).toBeCloseTo(0.6, 9);
    expect(update?.bound).toBe('memory');
    expect(rows[0]?.bound).toBeNull();
  });

  it('names what bounds a call', () => {
    expect(boundBy(0.8, 0.1)).toBe('compute');
    expect(boundBy(0.3, 0.9)).toBe('memory');
    expect(boundBy(0.2, 0.1)).toBe('overhead');
  });

  it('knows what this machine reaches', () => {
    const measured = measurePeaks();
    expect(measured.gflops).toBeGreaterThan(0.1);
    expect(measured.gbps).toBeGreaterThan(0.1);
    expect(measured.method).toContain('512×512');
  });
});

describe('sample data', () => {
  it('fits the model: ids of the vocabulary, open axes, targets of the loss', () => {
    const model = new Sequential([
      layers.inputLayer({ shape: [null], dtype: 'int32' }),
      layers.embedding({ inputDim: 6, outputDim: 2 }),
      layers.lstm({ units: 3 }),
      layers.dense({ units: 4, activation: 'softmax' }),
    ]);
    expect(sampleData(model, 5, 7).y).toBeNull();
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const { x, y, guessedLength } = sampleData(model, 5, 7);
    expect(x[0]?.shape).toEqual([5, 7]);
    expect(Math.max(...(x[0]?.data() ?? []))).toBeLessThan(6);
    expect(y?.[0]?.shape).toEqual([5]);
    expect(guessedLength).toBe(true);
    expect(Number.isFinite(model.trainOnBatch(x, y ?? [])['loss'])).toBe(true);
  });

  it('serves losses over values: one-hot rows, zeros and ones', () => {
    const model = new Sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: [2] })]);
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const rows = sampleData(model, 4, 1).y?.[0]?.toArray() as number[][];
    for (const row of rows) expect(row.reduce((a, b) => a + b, 0)).toBe(1);
  });
});
