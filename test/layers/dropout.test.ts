import { describe, expect, test } from 'vitest';
import { setSeed } from '../../src/initializers/index.js';
import { layers, StandaloneContext, type Dropout } from '../../src/layers/index.js';
import { zeros, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

layerSuite('dropout', {
  drops: true,
  stateless: true,
  make: () => layers.dropout({ rate: 0.4 }),
  inputShapes: [[5, 9]],
  outputShapes: [[5, 9]],
});
layerSuite('dropout of nothing', {
  stateless: true,
  make: () => layers.dropout({ rate: 0 }),
  inputShapes: [[5, 9]],
  outputShapes: [[5, 9]],
  crossings: [0, 0],
});

function ones(size: number): Tensor {
  const x = zeros([size]);
  x.data().fill(1);
  return x;
}

function built(options: { rate: number; seed?: number }): Dropout {
  const layer = layers.dropout(options);
  layer.build([[null]], 'float32');
  return layer;
}

function draw(layer: Dropout, context: { step?: number; call?: number } = {}): Tensor {
  return (layer.forward([ones(4096)], new StandaloneContext(context))[0] as Tensor).clone();
}

describe('dropout', () => {
  test('drops a share and scales the rest', () => {
    const values = Array.from(draw(built({ rate: 0.25, seed: 1 })).data());
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    const dropped = values.filter((v) => v === 0).length / values.length;
    // Five standard deviations of a share of 4096 draws.
    expect(Math.abs(dropped - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / 4096));
  });

  test('the gradient goes where the values went', () => {
    const layer = built({ rate: 0.5, seed: 2 });
    const ctx = new StandaloneContext({ step: 7 });
    const y = (layer.forward([ones(64)], ctx)[0] as Tensor).clone();
    expectClose(layer.backward([ones(64)], ctx)[0] as Tensor, y, exact());
  });

  test('same seed and step repeat; another step, call or layer draws anew', () => {
    setSeed(3);
    const a = built({ rate: 0.5 });
    const b = built({ rate: 0.5 });
    setSeed(3);
    const again = built({ rate: 0.5 });
    expectClose(draw(again), draw(a), exact());
    const first = Array.from(draw(a).data());
    for (const other of [draw(a, { step: 1 }), draw(a, { call: 1 }), draw(b)]) expect(Array.from(other.data())).not.toEqual(first);
  });

  test('a saved key draws as the layer it came from', () => {
    const layer = built({ rate: 0.5 });
    const copy = layers.dropout(JSON.parse(JSON.stringify(layer.getConfig())) as { rate: number });
    copy.build([[null]], 'float32');
    expectClose(draw(copy, { step: 9 }), draw(layer, { step: 9 }), exact());
  });

  test('inference passes x on', () => {
    const x = randomTensor([3, 4]);
    expect(built({ rate: 0.9 }).forward([x], new StandaloneContext({ training: false }))[0]).toBe(x);
  });

  test('errors', () => {
    expectError(() => layers.dropout({ rate: 1 }), 'ERR_ARG', '[0,1)', '1');
    expectError(() => layers.dropout({ rate: Number.NaN }), 'ERR_ARG', 'NaN');
    expectError(() => layers.dropout({} as never), 'ERR_ARG', 'undefined');
    expectError(() => layers.dropout({ rate: 0.5 }).forward([ones(2)], new StandaloneContext()), 'ERR_STATE', 'build');
  });
});
