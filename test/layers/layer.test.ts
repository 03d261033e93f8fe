import { describe, expect, test } from 'vitest';
import {
  copyLayer,
  input,
  isLayerClassName,
  layerClassNames,
  layerConfig,
  layerFromConfig,
  layers,
  registerLayer,
  resetLayerNames,
  StandaloneContext,
  type SymbolicTensor,
} from '../../src/layers/index.js';
import { Dense } from '../../src/layers/dense.js';
import { snakeCase } from '../../src/layers/layer.js';
import { expectError } from '../helpers/expect-error.js';

describe('names', () => {
  test("are Keras'", () => {
    for (const [className, name] of [
      ['Dense', 'dense'],
      ['MaxPooling2D', 'max_pooling2d'],
      ['Conv1D', 'conv1d'],
      ['SimpleRNN', 'simple_rnn'],
      ['LSTM', 'lstm'],
      ['LayerNormalization', 'layer_normalization'],
    ] as const) {
      expect(snakeCase(className)).toBe(name);
    }
  });

  test('count up and start again', () => {
    resetLayerNames();
    expect([layers.dense({ units: 1 }).name, layers.dense({ units: 1 }).name, layers.gru({ units: 1 }).name]).toEqual([
      'dense',
      'dense_1',
      'gru',
    ]);
    resetLayerNames();
    expect(layers.dense({ units: 1 }).name).toBe('dense');
    expect(layers.dense({ units: 1, name: 'head' }).name).toBe('head');
  });
});

describe('apply', () => {
  test('makes symbolic tensors that know where they came from', () => {
    const x = input({ shape: [10], dtype: 'int32' });
    expect(x).toMatchObject({ shape: [null, 10], dtype: 'int32', nodeIndex: 0, tensorIndex: 0 });
    const embedding = layers.embedding({ inputDim: 5, outputDim: 4 });
    const lstm = layers.lstm({ units: 3, returnState: true });
    const e = embedding.apply(x);
    expect(e).toMatchObject({ shape: [null, 10, 4], dtype: 'float32', layer: embedding });
    const [y, h, c] = lstm.apply([e]) as SymbolicTensor[];
    expect([y, h, c].map((t) => t?.shape)).toEqual([
      [null, 3],
      [null, 3],
      [null, 3],
    ]);
    expect(c?.tensorIndex).toBe(2);
    expect(embedding.apply(x).nodeIndex).toBe(1);
    expect(layers.reshape({ targetShape: [2, 5] }).apply(x).dtype).toBe('int32');
  });

  test('errors', () => {
    expectError(() => layers.dense({ units: 1, name: 'd' }).apply([]), 'ERR_ARG', '[d]', 'at least one');
    expectError(() => layers.lstm({ units: 1, name: 'l' }).apply(input({ shape: [3] })), 'ERR_SHAPE', '[l]', '(?,3)', 'expandDims(1)');
  });
});

describe('registry', () => {
  test('knows every factory of layers', () => {
    for (const name of Object.keys(layers)) {
      const className = layerClassNames().find((known) => known.toLowerCase() === name.toLowerCase());
      expect(className, name).toBeDefined();
    }
  });

  test('builds a class of your own once it is registered', () => {
    class Head extends Dense {
      override readonly className = 'Head' as 'Dense';
    }
    expect(isLayerClassName('Head')).toBe(false);
    expectError(() => layerFromConfig({ className: 'Head', config: {} }), 'ERR_FORMAT', 'Head', 'registerLayer', 'Dense');
    registerLayer('Head', (config) => new Head(config as never));
    const layer = layerFromConfig({ className: 'Head', config: { units: 2 } });
    expect(layer).toBeInstanceOf(Head);
    expect(layerConfig(layer).config).toMatchObject({ units: 2 });
    expect(copyLayer(layer, { units: 3 }).getConfig()['units']).toBe(3);
  });
});

describe('StandaloneContext', () => {
  test('the same name gives the same memory', () => {
    const ctx = new StandaloneContext();
    const a = ctx.buffer('a', [2, 3]);
    expect(ctx.buffer('a', [3, 2]).data()).toBe(a.data());
    expect(ctx.buffer('b', [2, 3]).data()).not.toBe(a.data());
    expect(ctx.buffer('a', [2, 3], 'int32').dtype).toBe('int32');
    expect(new StandaloneContext({ dtype: 'float64' }).buffer('a', [1]).dtype).toBe('float64');
  });

  test('poison fills fresh floats with NaN', () => {
    const ctx = new StandaloneContext({ poison: true });
    expect(ctx.buffer('a', [1]).data()[0]).toBeNaN();
    expect(ctx.buffer('n', [1], 'int32').data()[0]).toBe(0);
  });
});

test('a layer with a seed starts with the same weights wherever it stands', () => {
  const weights = (): number[] => {
    const layer = layers.lstm({ units: 2, seed: 6 });
    layer.build([[null, null, 3]], 'float32');
    return layer.weights.flatMap((w) => Array.from(w.value.data()));
  };
  expect(weights()).toEqual(weights());
});
