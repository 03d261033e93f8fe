import { describe, expect, test } from 'vitest';
import { getLoss, lossFromConfig, type LossName } from '../../src/losses/index.js';
import * as losses from '../../src/losses/index.js';
import type { Loss } from '../../src/losses/loss.js';
import { tensor } from '../../src/tensor/tensor.js';
import { expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';

/** Central differences of the loss itself. */
function numericGradient(loss: Loss, yTrue: ReturnType<typeof tensor>, values: readonly number[], shape: number[]): number[] {
  const h = 1e-3;
  return values.map((_, i) => {
    const at = (d: number): number =>
      loss.call(
        yTrue,
        tensor(
          Float32Array.from(values, (v, k) => (k === i ? v + d : v)),
          shape,
        ),
      );
    return (at(h) - at(-h)) / (2 * h);
  });
}

describe('losses', () => {
  const probabilities = [0.2, 0.5, 0.3, 0.6, 0.3, 0.1];
  test.each([
    ['sparse', losses.sparseCategoricalCrossentropy(), tensor(Int32Array.of(1, 0)), probabilities],
    ['sparse logits', losses.sparseCategoricalCrossentropy({ fromLogits: true }), tensor(Int32Array.of(1, 0)), [0.2, -0.5, 0.3, 2, 1, 0.5]],
    [
      'categorical',
      losses.categoricalCrossentropy({ labelSmoothing: 0.1 }),
      tensor([
        [0, 1, 0],
        [1, 0, 0],
      ]),
      probabilities,
    ],
    [
      'categorical logits',
      losses.categoricalCrossentropy({ fromLogits: true }),
      tensor([
        [0, 1, 0],
        [0.5, 0, 0.5],
      ]),
      [0.2, -0.5, 0.3, 2, 1, 0.5],
    ],
    [
      'binary',
      losses.binaryCrossentropy(),
      tensor([
        [0, 1, 0],
        [1, 0, 1],
      ]),
      probabilities,
    ],
    [
      'binary logits',
      losses.binaryCrossentropy({ fromLogits: true, labelSmoothing: 0.2 }),
      tensor([
        [0, 1, 0],
        [1, 0, 1],
      ]),
      [0.2, -3, 0.3, 2, 1, 0.5],
    ],
    [
      'mse',
      losses.meanSquaredError(),
      tensor([
        [0, 1, 0],
        [1, 0, 1],
      ]),
      probabilities,
    ],
    [
      'mae',
      losses.meanAbsoluteError(),
      tensor([
        [0, 1, 0],
        [1, 0, 1],
      ]),
      probabilities,
    ],
  ])('gradient of %s follows central differences', (_name, loss, yTrue, values) => {
    const yPred = tensor(Float32Array.from(values), [2, 3]);
    expectClose(loss.valueAndGradient(yTrue, yPred).gradient, numericGradient(loss, yTrue, values, [2, 3]), within(2e-3));
  });

  test('by hand: cross-entropy of 1/2 is ln 2, whatever the form', () => {
    expect(losses.sparseCategoricalCrossentropy().call(tensor(Int32Array.of(0)), tensor([[0.5, 0.5]]))).toBeCloseTo(Math.LN2, 6);
    expect(losses.categoricalCrossentropy({ fromLogits: true }).call(tensor([[1, 0]]), tensor([[3, 3]]))).toBeCloseTo(Math.LN2, 6);
    expect(losses.binaryCrossentropy({ fromLogits: true }).call(tensor([[1]]), tensor([[0]]))).toBeCloseTo(Math.LN2, 12);
    expect(losses.meanSquaredError().call(tensor([[1, 2]]), tensor([[2, 4]]))).toBe(2.5);
    expect(losses.meanAbsoluteError().call(tensor([[1, 2]]), tensor([[2, 4]]))).toBe(1.5);
  });

  test('from logits nothing is clipped', () => {
    const far = tensor([[200, -200]]);
    expect(losses.sparseCategoricalCrossentropy({ fromLogits: true }).call(tensor(Int32Array.of(1)), far)).toBeCloseTo(400, 3);
    expect(losses.binaryCrossentropy({ fromLogits: true }).call(tensor([[0, 1]]), far)).toBeCloseTo(200, 3);
  });

  test('weights multiply values and do not change the divisor; masks do', () => {
    const mse = losses.meanSquaredError();
    const yTrue = tensor([[0], [0]]);
    const yPred = tensor([[1], [3]]);
    expect(mse.call(yTrue, yPred, { sampleWeight: [1, 0] })).toBe(0.5);
    expect(mse.call(yTrue, yPred, { mask: tensor(Uint8Array.of(1, 0)) })).toBe(1);
    expect(losses.meanSquaredError({ reduction: 'meanWithSampleWeight' }).call(yTrue, yPred, { sampleWeight: [2, 0] })).toBe(1);
    expect(mse.call(yTrue, yPred, { mask: tensor(Uint8Array.of(0, 0)) })).toBe(0);
  });

  test('weights of rows count in double precision too, from logits', () => {
    const logits = [0.2, -0.5, 0.3, 2, 1, 0.5];
    const [classes, rows] = [tensor(Int32Array.of(1, 0)), tensor([[0, 1, 0], [1, 0, 0]])]; // prettier-ignore
    const weighting = { sampleWeight: [0.25, 3] };
    for (const [loss, yTrue] of [
      [losses.sparseCategoricalCrossentropy({ fromLogits: true }), classes],
      [losses.categoricalCrossentropy({ fromLogits: true }), rows],
    ] as const) {
      const wide = loss.valueAndGradient(yTrue, tensor(Float64Array.from(logits), [2, 3]), weighting);
      const narrow = loss.valueAndGradient(yTrue, tensor(Float32Array.from(logits), [2, 3]), weighting);
      expect(wide.value).toBeCloseTo(narrow.value, 6);
      expectClose(wide.gradient, Array.from(narrow.gradient.data()), within(1e-6));
    }
  });

  test('bad targets are refused with what to do', () => {
    const sparse = losses.sparseCategoricalCrossentropy();
    const yPred = tensor([[0.5, 0.5]]);
    expectError(() => sparse.call(tensor(Int32Array.of(2)), yPred), 'ERR_DATA', '0 to 1', 'received 2', 'row 0');
    expectError(() => sparse.call(tensor([Number.NaN]), yPred), 'ERR_DATA', 'NaN');
    expectError(() => sparse.call(tensor([0.5]), yPred), 'ERR_DATA', '0.5');
    expectError(() => sparse.call(tensor([[1, 0]]), yPred), 'ERR_SHAPE', 'categoricalCrossentropy');
    expectError(() => losses.categoricalCrossentropy().call(tensor(Int32Array.of(1)), yPred), 'ERR_SHAPE', 'sparseCategoricalCrossentropy');
    expectError(() => losses.binaryCrossentropy().call(tensor(Int32Array.of(1)), yPred), 'ERR_SHAPE', 'softmax');
    expectError(() => losses.meanSquaredError().call(tensor([1, 2, 3]), yPred), 'ERR_SHAPE', '(1,2)', '(3)');
    expectError(() => losses.meanSquaredError().call(yPred, yPred, { sampleWeight: [1, 2] }), 'ERR_SHAPE', 'sample weights');
    expectError(() => losses.meanSquaredError().call(yPred, yPred, { sampleWeight: [Number.NaN] }), 'ERR_DATA', 'NaN');
  });

  test('unknown names and options are refused with those that exist', () => {
    expectError(() => getLoss('contrastive' as LossName), 'ERR_ARG', 'sparseCategoricalCrossentropy', 'contrastive');
    expect(getLoss('sparse_categorical_crossentropy' as LossName).className).toBe('SparseCategoricalCrossentropy');
    expectError(() => losses.categoricalCrossentropy({ labelSmoothing: 2 }), 'ERR_ARG', '[0,1]');
    expectError(() => losses.meanSquaredError({ reduction: 'mean' as 'sum' }), 'ERR_ARG', 'sumOverBatchSize');
    expectError(() => lossFromConfig('Contrastive', {}), 'ERR_FORMAT', 'Contrastive');
  });

  test('a configuration makes the same loss again', () => {
    const loss = losses.categoricalCrossentropy({ labelSmoothing: 0.25, reduction: 'sum', name: 'mine' });
    expect(lossFromConfig(loss.className, loss.getConfig()).getConfig()).toEqual(loss.getConfig());
  });

  const rowsOf = tensor([
    [0, 1, 0],
    [1, 0, 0],
  ]);
  test.each([
    losses.binaryFocalCrossentropy({ applyClassBalancing: true, gamma: 1.5, labelSmoothing: 0.1 }),
    losses.binaryFocalCrossentropy({ fromLogits: true, gamma: 0 }),
    losses.categoricalFocalCrossentropy({ alpha: 1, gamma: 3, labelSmoothing: 0.1 }),
    losses.categoricalFocalCrossentropy({ alpha: 1, fromLogits: true }),
    losses.categoricalHinge(),
    losses.cosineSimilarity(),
    losses.cosineSimilarity({ axis: 0 }),
    losses.dice(),
    losses.dice({ axis: -1 }),
    losses.dice({ axis: [0], reduction: 'sum' }),
    losses.tversky({ alpha: 0.3, beta: 0.7, axis: 1 }),
    losses.hinge(),
    losses.huber({ delta: 0.4 }),
    losses.klDivergence(),
    losses.logCosh(),
    losses.meanSquaredLogarithmicError(),
    losses.poisson(),
    losses.squaredHinge(),
  ])('gradient of $className follows central differences', (loss) => {
    const yPred = tensor(Float32Array.from(probabilities), [2, 3]);
    expectClose(loss.valueAndGradient(rowsOf, yPred).gradient, numericGradient(loss, rowsOf, probabilities, [2, 3]), within(3e-3));
    expect(lossFromConfig(loss.className, loss.getConfig()).getConfig()).toEqual(loss.getConfig());
  });

  test('by hand: errors, margins and angles', () => {
    const one = (loss: Loss, t: number[], p: number[]): number => loss.call(tensor([t]), tensor([p]));
    expect(one(losses.huber(), [0, 0], [0.5, 3])).toBeCloseTo((0.125 + 2.5) / 2, 12);
    expect(one(losses.meanAbsolutePercentageError(), [2, 4], [1, 5])).toBeCloseTo(37.5, 12);
    expect(one(losses.hinge(), [-1, 1], [0.5, 2])).toBe(0.75);
    expect(one(losses.hinge(), [0, 1], [0.5, 2])).toBe(0.75);
    expect(one(losses.squaredHinge(), [-1, 1], [0.5, 2])).toBe(1.125);
    expect(one(losses.categoricalHinge(), [0, 1, 0], [1, 2, 1.5])).toBe(0.5);
    expect(one(losses.cosineSimilarity(), [1, 0], [3, 4])).toBeCloseTo(-0.6, 7);
    expect(one(losses.klDivergence(), [1, 0], [0.5, 0.5])).toBeCloseTo(Math.LN2, 5);
    expect(one(losses.logCosh(), [0], [400])).toBeCloseTo(400 - Math.LN2, 9);
    expect(one(losses.poisson(), [2], [1])).toBeCloseTo(1, 6);
  });

  test('a row of weight 0 has no gradient, whatever its values; a zero vector has a finite one', () => {
    const far = losses.poisson().valueAndGradient(tensor([[1], [1]]), tensor([[-1], [1]]), { sampleWeight: [0, 1] });
    expect(far.value).toBeCloseTo(0.5, 6);
    expect(far.gradient.data()[0]).toBe(0);
    expect(
      [
        ...losses
          .cosineSimilarity()
          .valueAndGradient(tensor([[1, 0]]), tensor([[0, 0]]))
          .gradient.data(),
      ].every(Number.isFinite),
    ).toBe(true);
  });

  test('rows are to be had unreduced; an axis that is none is refused', () => {
    const { values, shape } = losses.meanSquaredError().perRow(tensor([[[1], [2]]]), tensor([[[3], [2]]]));
    expect([[...values], shape]).toEqual([
      [4, 0],
      [1, 2],
    ]);
    const sparse = losses.sparseCategoricalCrossentropy({ ignoreClass: 1 });
    const rows = sparse.perRow(tensor(Int32Array.of(0, 1)), tensor(Float32Array.of(0.5, 0.5, 0.5, 0.5), [2, 2]));
    expect([rows.values[1], [...(rows.ignored ?? [])]]).toEqual([0, [0, 1]]);
    const cosine = losses.cosineSimilarity({ axis: 0 });
    expect(cosine.perRow(rowsOf, rowsOf).shape).toEqual([3]);
    expectError(() => cosine.call(rowsOf, rowsOf, { sampleWeight: [1, 2] }), 'ERR_SHAPE', 'sample weights');
    expectError(() => losses.cosineSimilarity({ axis: 2 }).call(rowsOf, rowsOf), 'ERR_ARG', 'axis 2', '(2,3)');
    expectError(() => losses.cosineSimilarity({ axis: 0.5 }), 'ERR_ARG', '0.5');
  });

  test("Keras' names and abbreviations name the same losses; a bad delta or count of targets is refused", () => {
    for (const name of ['kl_divergence', 'KLDivergence', 'kld', 'kullback_leibler_divergence'])
      expect(getLoss(name as LossName).className).toBe('KLDivergence');
    expect(getLoss('mape').className).toBe('MeanAbsolutePercentageError');
    expect(getLoss('log_cosh' as LossName).className).toBe('LogCosh');
    expectError(() => losses.huber({ delta: 0 }), 'ERR_ARG', 'delta', '0');
    expectError(() => losses.huber({ delta: Number.NaN }), 'ERR_ARG', 'NaN');
    expectError(() => losses.hinge().call(tensor([1, 2]), tensor([[1, 2, 3]])), 'ERR_SHAPE', '(1,3)', '(2)');
  });

  test('overlap of areas: the batch as one, or along axes; weights say how much a value counts', () => {
    const [t, p] = [
      tensor([
        [1, 0],
        [0, 1],
      ]),
      tensor([
        [1, 1],
        [0, 1],
      ]),
    ];
    expect(losses.dice().call(t, p)).toBeCloseTo(1 - 4 / 5, 6);
    expect(losses.tversky().call(t, p)).toBeCloseTo(1 - 4 / 5, 6);
    expect(losses.dice({ axis: 1, reduction: 'sum' }).call(t, p)).toBeCloseTo(1 / 3, 6);
    expect([...losses.dice({ axis: 0 }).perRow(t, p).values].map((v) => Math.round(1e6 * v))).toEqual([0, 333333]);
    const images = [t.reshape([1, 2, 2, 1]), p.reshape([1, 2, 2, 1])] as const;
    expect(losses.dice({ axis: [1, 2, 3] }).call(...images)).toBeCloseTo(0.2, 6);
    expect(losses.dice({ reduction: 'sum' }).call(t, p, { sampleWeight: [1, 2] })).toBeCloseTo(0.6, 6);
    expect(losses.dice().call(t, p, { sampleWeight: [1, 2] })).toBeCloseTo(0.3, 6);
    expect(losses.dice().call(t, p, { mask: tensor(Uint8Array.of(1, 0)) })).toBeCloseTo(0.2, 6);
    expect(
      losses
        .dice()
        .valueAndGradient(t, p, { sampleWeight: [0, 0] })
        .gradient.toArray(),
    ).toEqual([
      [-0, 0],
      [0, -0],
    ]);
    expectError(() => losses.dice({ axis: 2 }).call(t, p), 'ERR_ARG', 'axis 2', '(2,2)');
    expectError(() => losses.dice({ axis: [0.5] }), 'ERR_ARG', '0.5');
    expectError(() => losses.tversky({ alpha: -1 }), 'ERR_ARG', 'alpha', '-1');
    expectError(() => losses.tversky().call(tensor([1]), p), 'ERR_SHAPE', '(2,2)', '(1)');
    expectError(() => losses.dice().call(t, p, { sampleWeight: [Number.NaN, 1] }), 'ERR_DATA', 'NaN');
  });

  test('without focus the focal losses are the cross-entropies; with it an easy row counts less', () => {
    const yPred = tensor(Float32Array.from(probabilities), [2, 3]);
    const binary = losses.binaryCrossentropy().call(rowsOf, yPred);
    expect(losses.binaryFocalCrossentropy({ gamma: 0 }).call(rowsOf, yPred)).toBeCloseTo(binary, 12);
    const categorical = losses.categoricalCrossentropy().call(rowsOf, yPred);
    expect(losses.categoricalFocalCrossentropy({ alpha: 1, gamma: 0 }).call(rowsOf, yPred)).toBeCloseTo(categorical, 12);
    expect(losses.binaryFocalCrossentropy().call(tensor([[1]]), tensor([[0.5]]))).toBeCloseTo(Math.LN2 / 4, 12);
    expectError(() => losses.binaryFocalCrossentropy({ alpha: 2 }), 'ERR_ARG', 'alpha', '[0,1]');
    expectError(() => losses.categoricalFocalCrossentropy({ gamma: -1 }), 'ERR_ARG', 'gamma', '-1');
    expectError(() => losses.categoricalFocalCrossentropy({ alpha: [1, 2] as unknown as number }), 'ERR_ARG', 'alpha', '1,2');
  });
});
