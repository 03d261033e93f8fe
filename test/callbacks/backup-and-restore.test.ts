import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as callbacks from '../../src/callbacks/index.js';
import { Callback } from '../../src/callbacks/callback.js';
import { setSeed } from '../../src/initializers/seed.js';
import { layers, resetLayerNames } from '../../src/layers/index.js';
import type { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import * as optimizers from '../../src/optimizers/index.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { blobs, sameBits } from '../helpers/toy-data.js';
import { Script } from './script.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const { x, y } = blobs(40);

describe('BackupAndRestore', () => {
  const dropping = (): Sequential => {
    resetLayerNames();
    setSeed(1);
    const m = new Sequential([
      layers.dense({ units: 6 }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    m.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
    return m;
  };
  const half = (epoch: number, rate: number): number => (epoch < 2 ? rate : rate / 2);
  const options = (backupDir: string): { epochs: number; batchSize: number; verbose: 0; callbacks: Callback[] } => ({
    epochs: 5,
    batchSize: 16,
    verbose: 0,
    callbacks: [callbacks.backupAndRestore({ backupDir }), callbacks.learningRateScheduler(half)],
  });
  /** Fails in the middle of an epoch. */
  const failing = (epoch: number): Callback => {
    let now = 0;
    return callbacks.lambdaCallback({
      onEpochBegin: (e) => {
        now = e;
      },
      onBatchEnd: (batch) => {
        if (now === epoch && batch === 1) throw new Error('power cut');
      },
    });
  };

  test('a run that was interrupted twice gives the bits of one that was not', async () => {
    const whole = dropping();
    const history = await whole.fit(x, y, { ...options(at('whole')) });
    expect(existsSync(at('whole'))).toBe(false);
    const { callbacks: both, ...rest } = options(at('backup'));
    for (const epoch of [2, 3]) {
      const broken = dropping().fit(x, y, { ...rest, callbacks: [...both, failing(epoch)] });
      await expect(broken).rejects.toThrow('power cut');
      expect(readdirSync(at('backup'))).toEqual([`epoch-${epoch}`]);
    }
    const last = dropping();
    const end = await last.fit(x, y, { ...rest, callbacks: both });
    expect(end.epoch).toEqual([3, 4]);
    expect(end.history['loss']).toEqual(history.history['loss']?.slice(3));
    expect(sameBits(last.getWeights(), whole.getWeights())).toBe(true);
    expect(last.training).toEqual(whole.training);
    expect(existsSync(at('backup'))).toBe(false);
  });

  test('what callbacks after it change is kept too', async () => {
    const lower = (): Callback => {
      let now: Model | null = null;
      return callbacks.lambdaCallback({
        onTrainBegin: () => void (now = current),
        onEpochEnd: () => {
          if (now) now.optimizer.learningRate /= 2;
        },
      });
    };
    let current: Model | null = null;
    const fit = async (backupDir: string, after: readonly Callback[]): Promise<Model> => {
      const m = (current = dropping());
      const backup = callbacks.backupAndRestore({ backupDir });
      await m.fit(x, y, { epochs: 5, batchSize: 16, verbose: 0, callbacks: [backup, lower(), ...after] });
      return m;
    };
    const whole = await fit(at('order-whole'), []);
    await expect(fit(at('order'), [failing(3)])).rejects.toThrow('power cut');
    const resumed = await fit(at('order'), []);
    expect(resumed.optimizer.learningRate).toBe(whole.optimizer.learningRate);
    expect(sameBits(resumed.getWeights(), whole.getWeights())).toBe(true);
  });

  test('a run that another callback stopped is finished: no backup is left to go on from', async () => {
    const stop = callbacks.earlyStopping({ patience: 1 });
    const both = [callbacks.backupAndRestore({ backupDir: at('stopped') }), new Script([1, 2, 3, 4, 5]), stop];
    const history = await dropping().fit(x, y, { epochs: 5, verbose: 0, callbacks: both });
    expect([history.stoppedEarly, history.epoch.length]).toEqual([true, 2]);
    expect(existsSync(at('stopped'))).toBe(false);
  });

  test('a backup that is kept, and is of a run that is finished', async () => {
    const kept = [callbacks.backupAndRestore({ backupDir: at('kept'), deleteCheckpoint: false })];
    await dropping().fit(x, y, { epochs: 2, verbose: 0, callbacks: kept });
    writeFileSync(join(at('kept'), 'notes.txt'), '');
    const again = dropping();
    const history = await again.fit(x, y, { epochs: 2, verbose: 0, callbacks: kept });
    expect([history.epoch, again.training.epoch]).toEqual([[], 2]);
    // Files of others stay.
    await dropping().fit(x, y, { epochs: 2, verbose: 0, callbacks: [callbacks.backupAndRestore({ backupDir: at('kept') })] });
    expect(readdirSync(at('kept'))).toEqual(['notes.txt']);
  });

  test('refuses a backup of another model', async () => {
    const kept = [callbacks.backupAndRestore({ backupDir: at('other'), deleteCheckpoint: false })];
    await dropping().fit(x, y, { verbose: 0, callbacks: kept });
    const deeper = new Sequential([layers.dense({ units: 6 }), layers.dense({ units: 3, activation: 'softmax' })]);
    deeper.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    await expectRejection(deeper.fit(x, y, { verbose: 0, callbacks: kept }), 'ERR_FORMAT', 'expected');
    const sgd = dropping();
    sgd.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    await expectRejection(sgd.fit(x, y, { verbose: 0, callbacks: kept }), 'ERR_FORMAT', 'SGD', 'Adam');
    await expectRejection(new Sequential([layers.dense({ units: 1 })]).restore(at('other')), 'ERR_STATE', 'compile');
    expectError(() => callbacks.backupAndRestore({ backupDir: '' }), 'ERR_ARG', 'backupDir');
  });
});
