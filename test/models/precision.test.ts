import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import { setSeed } from '../../src/initializers/seed.js';
import { layers } from '../../src/layers/index.js';
import { loadModel } from '../../src/models/load.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';
import type { Precision } from '../../src/backend/backend.js';
import { expectError } from '../helpers/expect-error.js';
import { describeBf16 } from '../helpers/processor.js';
import { randomTensor } from '../helpers/random-tensor.js';

const { native } = loadAddon();
const usual = { isa: native.isa(), threads: native.threads() };
afterEach(() => {
  native.setIsa(usual.isa);
  native.setThreads(usual.threads);
});

const loss = 'sparseCategoricalCrossentropy';
const labels = tensor(
  Int32Array.from({ length: 48 }, (_, i) => i % 3),
  [48],
);

function cnn(precision: Precision): Sequential {
  setSeed(4);
  const model = new Sequential([
    layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 8, 3] }),
    layers.conv2d({ filters: 24, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 32, activation: 'relu' }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss, precision });
  return model;
}
function rnn(precision: Precision): Sequential {
  setSeed(4);
  const model = new Sequential([
    layers.bidirectional({ layer: layers.lstm({ units: 16, returnSequences: true }), inputShape: [12, 20] }),
    layers.gru({ units: 16 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss, precision });
  return model;
}
const models = [
  ['a CNN', cnn, randomTensor([48, 8, 8, 3], 1)],
  ['a recurrent model', rnn, randomTensor([48, 12, 20], 2)],
] as const;

function train(model: Sequential, x: ReturnType<typeof randomTensor>, steps: number): number[] {
  return Array.from({ length: steps }, () => model.trainOnBatch(x, labels)['loss'] as number);
}

describe('precision of a compiled model', () => {
  it('an unknown one is refused by name', () => {
    expectError(() => cnn('float16' as Precision), 'ERR_ARG', '[compile]', 'float32 or bfloat16', 'float16');
  });

  it('bfloat16 is refused with the reason where the instruction set has none', () => {
    native.setIsa('ref');
    expectError(() => cnn('bfloat16'), 'ERR_DEVICE', '[compile]', String(native.bf16Absent()), "precision: 'float32'");
    expect(cnn('float32').compilation?.precision).toBe('float32');
  });
});

describeBf16('training in bfloat16', () => {
  for (const [name, make, x] of models) {
    it(`${name}: other bits than float32, a loss curve close to it, and kernels of the set`, () => {
      const exact = train(make('float32'), x, 25);
      native.resetKernelsRun();
      const mixed = train(make('bfloat16'), x, 25);
      expect(Object.keys(native.kernelsRun()).some((k) => k.startsWith('bf16_') && k.endsWith(`__${native.bf16Set()}`))).toBe(true);
      expect(mixed).not.toEqual(exact);
      expect(mixed[24]).toBeLessThan(0.9 * (mixed[0] as number));
      mixed.forEach((v, i) => expect(Math.abs(v - (exact[i] as number))).toBeLessThan(0.05 * (exact[i] as number) + 0.02));
    });

    it(`${name}: one seed, one result for any number of threads`, () => {
      const weights = [1, 2].map((threads) => {
        native.setThreads(threads);
        const model = make('bfloat16');
        train(model, x, 5);
        return model.weights.map((w) => Array.from(w.value.data()));
      });
      expect(weights[1]).toEqual(weights[0]);
    });
  }

  it('is saved with the model and comes back, to the same predictions', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'saraf-precision-'));
    try {
      const [, make, x] = models[0];
      const model = make('bfloat16');
      train(model, x, 2);
      await model.save(folder);
      expect(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))).toMatchObject({ compile: { precision: 'bfloat16' } });
      const again = await loadModel(folder);
      expect(again.compilation?.precision).toBe('bfloat16');
      expect((await again.predict(x)).data()).toEqual((await model.predict(x)).data());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
