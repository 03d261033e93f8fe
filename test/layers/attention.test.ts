import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

const QUERIES = mask([
  [1, 1, 0],
  [0, 1, 1],
]);
const STEPS = mask([
  [1, 1, 1, 0],
  [1, 0, 1, 0],
]);
const SHAPES = [
  [2, 3, 5],
  [2, 4, 5],
];
const masked = { masks: [QUERIES, STEPS], outputMasks: [QUERIES.toArray() as number[][]] };

// Scores are not scaled: exponentials of their errors, and differences of nearly equal sums behind them.
const gradcheck = { accumulation: 1000 };
layerSuite('attention', {
  make: () => layers.attention(),
  gradcheck,
  inputShapes: SHAPES,
  outputShapes: [[2, 3, 5]],
  crossings: [1, 2],
  ...masked,
});
layerSuite('attention with a key, scaled, with scores', {
  make: () => layers.attention({ useScale: true, returnAttentionScores: true }),
  gradcheck,
  inputShapes: [...SHAPES.map((s, i) => (i === 1 ? [2, 4, 3] : s)), [2, 4, 5]],
  outputShapes: [
    [2, 3, 3],
    [2, 3, 4],
  ],
  weights: { scale: [] },
  crossings: [2, 3],
});
layerSuite('attention by concatenation, scaled', {
  make: () => layers.attention({ useScale: true, scoreMode: 'concat' }),
  gradcheck,
  inputShapes: SHAPES,
  outputShapes: [[2, 3, 5]],
  weights: { scale: [], concat_score_weight: [] },
  crossings: [4, 9],
  ...masked,
});
layerSuite('attention with dropout, causal, with scores', {
  make: () => layers.attention({ dropout: 0.3, useCausalMask: true, returnAttentionScores: true, seed: 4 }),
  gradcheck,
  inputShapes: SHAPES,
  outputShapes: [
    [2, 3, 5],
    [2, 3, 4],
  ],
  crossings: [1, 2],
  drops: true,
});
layerSuite('additiveAttention', {
  make: () => layers.additiveAttention(),
  gradcheck,
  inputShapes: SHAPES,
  outputShapes: [[2, 3, 5]],
  weights: { scale: [5] },
  crossings: [2, 3],
  ...masked,
});
layerSuite('additiveAttention without scale, with a key', {
  make: () => layers.additiveAttention({ useScale: false }),
  gradcheck,
  inputShapes: [...SHAPES.map((s, i) => (i === 1 ? [2, 4, 3] : s)), [2, 4, 5]],
  outputShapes: [[2, 3, 3]],
  crossings: [2, 2],
});

test('a masked step of the value gets no weight, a masked query gives 0', () => {
  const layer = layers.attention({ returnAttentionScores: true });
  layer.build(SHAPES, 'float32');
  const [y, scores] = layer.forward(SHAPES.map((s) => randomTensor(s)), new StandaloneContext({ masks: [QUERIES, STEPS], poison: true })) as [Tensor, Tensor]; // prettier-ignore
  for (let n = 0; n < 2; n++) {
    for (let t = 0; t < 3; t++) {
      const silent = Array.from(y.data().slice((n * 3 + t) * 5, (n * 3 + t + 1) * 5)).every((v) => v === 0);
      expect(silent).toBe(QUERIES.data()[n * 3 + t] === 0);
      for (let s = 0; s < 4; s++) expect(scores.data()[(n * 3 + t) * 4 + s] === 0).toBe(STEPS.data()[n * 4 + s] === 0);
    }
  }
});

test('errors', () => {
  expectError(() => layers.attention({ dropout: -1 }), 'ERR_ARG', 'dropout');
  expectError(() => layers.attention({ scoreMode: 'sum' as 'dot' }), 'ERR_ARG', 'scoreMode');
  expectError(() => layers.attention().build([[null, 3, 4]], 'float32'), 'ERR_ARG', '2 to 3 inputs');
  expectError(() => layers.additiveAttention().build([[null, 3, 4], [null, 3, 5]], 'float32'), 'ERR_SHAPE', 'one width'); // prettier-ignore
  expectError(() => layers.attention().forward(SHAPES.map((s) => randomTensor(s)), new StandaloneContext()), 'ERR_STATE', 'built'); // prettier-ignore
});
