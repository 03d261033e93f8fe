import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setSeed } from '../../src/initializers/seed.js';
import { layers } from '../../src/layers/index.js';
import { loadModel } from '../../src/models/load.js';
import { Sequential } from '../../src/models/sequential.js';
import * as regularizers from '../../src/regularizers/index.js';
import { getRegularizer, registerRegularizer, type Regularizer, type RegularizerOption } from '../../src/regularizers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';

describe('regularizers', () => {
  test('names, configurations, refusals', () => {
    expect(getRegularizer('dense', 'l1_l2' as RegularizerOption).className).toBe('L1L2');
    const made = regularizers.l1l2({ l1: 0.1, l2: 0.2 });
    expect(getRegularizer('dense', { className: made.className, config: made.getConfig() }).getConfig()).toEqual({ l1: 0.1, l2: 0.2 });
    expect(getRegularizer('dense', made)).toBe(made);
    expectError(() => getRegularizer('dense', 'l3' as RegularizerOption), 'ERR_ARG', 'dense', 'l1l2', 'l3');
    expectError(() => regularizers.l2({ l2: -1 }), 'ERR_ARG', 'l2 >= 0');
    expectError(() => regularizers.orthogonal({ mode: 'both' as 'rows' }), 'ERR_ARG', 'rows or columns');
    expectError(() => regularizers.orthogonal().loss(tensor([1, 2])), 'ERR_SHAPE', 'matrix');
  });

  test('a model adds the penalty to its loss and to its gradients, of trainable weights alone', async () => {
    const make = (options: object): Sequential => {
      setSeed(3);
      const model = new Sequential([layers.dense({ units: 2, inputShape: [3], ...options })]);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      return model;
    };
    const x = tensor([[1, 2, 3]]);
    const y = tensor([[0, 1]]);
    const [plain, penalised] = [make({}), make({ kernelRegularizer: regularizers.l2({ l2: 0.5 }), biasRegularizer: 'l1' })];
    const kernel = Array.from(plain.layers[0]?.weights[0]?.value.data() ?? []);
    const penalty = 0.5 * kernel.reduce((sum, w) => sum + w * w, 0);
    const loss = async (model: Sequential): Promise<number> => (await model.evaluate(x, y))['loss'] as number;
    expect((await loss(penalised)) - (await loss(plain))).toBeCloseTo(penalty, 6);
    plain.trainOnBatch(x, y);
    penalised.trainOnBatch(x, y);
    const after = (model: Sequential): number[] => Array.from(model.layers[0]?.weights[0]?.value.data() ?? []);
    expectClose(
      after(penalised),
      after(plain).map((w, i) => w - 0.01 * (kernel[i] as number)),
      within(1e-6),
    );
    const frozen = make({ kernelRegularizer: 'l2', trainable: false });
    expect(await loss(frozen)).toBe(await loss(make({})));
  });

  test('one of your own is saved with a model, and loaded where it was made known', async () => {
    class Sparse implements Regularizer {
      readonly className = 'Sparse';
      loss = (weight: Tensor): number => Array.from(weight.data()).filter((v) => v !== 0).length;
      addGradient = (): void => {};
      getConfig = (): Record<string, unknown> => ({});
    }
    const folder = mkdtempSync(join(tmpdir(), 'saraf-regularizers-'));
    try {
      const model = new Sequential([layers.dense({ units: 2, inputShape: [3], kernelRegularizer: new Sparse() })]);
      await model.save(folder);
      await expectRejection(loadModel(folder), 'ERR_FORMAT', 'Sparse', 'registerRegularizer');
      registerRegularizer('Sparse', () => new Sparse());
      expect((await loadModel(folder)).weights[0]?.regularizer).toBeInstanceOf(Sparse);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('layers keep it in their configuration, for each weight; a misspelt one is refused', () => {
    const options = { kernelRegularizer: 'l1', recurrentRegularizer: 'l2', biasConstraint: 'nonNeg' } as const;
    const config = layers.lstm({ units: 2, ...options }).getConfig();
    expect(config).toMatchObject({
      kernelRegularizer: { className: 'L1', config: { l1: 0.01 } },
      recurrentRegularizer: { className: 'L2', config: { l2: 0.01 } },
      biasConstraint: { className: 'NonNeg', config: {} },
    });
    const model = new Sequential([layers.bidirectional({ layer: layers.lstm({ units: 2, ...options }), inputShape: [4, 3] })]);
    expect(model.layers[0]?.weights.map((w) => w.regularizer?.className ?? w.constraint?.className)).toEqual([
      'L1',
      'L2',
      'NonNeg',
      'L1',
      'L2',
      'NonNeg',
    ]);
    expect(layers.embedding({ inputDim: 3, outputDim: 2, embeddingsRegularizer: 'l2' }).getConfig()['embeddingsRegularizer']).toBeDefined();
    expectError(() => layers.dense({ units: 2, kernalRegularizer: 'l2' } as never), 'ERR_ARG', 'kernalRegularizer');
    expectError(() => layers.dense({ units: 2, kernelConstraint: 'small' as never }), 'ERR_ARG', 'maxNorm', 'small');
  });
});
