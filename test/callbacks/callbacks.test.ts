import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import * as callbacks from '../../src/callbacks/index.js';
import { Callback, type Logs } from '../../src/callbacks/callback.js';
import { showLogs } from '../../src/callbacks/progress-bar.js';
import { setSeed } from '../../src/initializers/seed.js';
import { layers } from '../../src/layers/index.js';
import { loadModel } from '../../src/models/load.js';
import { Sequential } from '../../src/models/sequential.js';
import * as optimizers from '../../src/optimizers/index.js';
import { tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { blobs, sameBits } from '../helpers/toy-data.js';
import { Script } from './script.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-callbacks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const { x, y } = blobs(40);

function model(): Sequential {
  setSeed(1);
  const m = new Sequential([layers.dense({ units: 6, activation: 'relu' }), layers.dense({ units: 3, activation: 'softmax' })]);
  m.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return m;
}

/** Remembers the calls. */
class Recorder extends Callback {
  readonly calls: string[] = [];
  override async onTrainBegin(): Promise<void> {
    await Promise.resolve();
    this.calls.push('train begin');
  }
  override onTrainEnd(): void {
    this.calls.push('train end');
  }
  override onEpochBegin(epoch: number): void {
    this.calls.push(`epoch ${epoch} begin`);
  }
  override onEpochEnd(epoch: number, logs: Logs): void {
    this.calls.push(`epoch ${epoch} end ${Object.keys(logs).join()}`);
  }
  override onBatchBegin(batch: number): void {
    this.calls.push(`batch ${batch} begin`);
  }
  override onBatchEnd(batch: number, logs: Logs): void {
    this.calls.push(`batch ${batch} end ${logs['size']}`);
  }
}

describe('callbacks', () => {
  test('are called in order, asynchronous ones awaited', async () => {
    const recorder = new Recorder();
    await model().fit(x, y, { batchSize: 32, callbacks: [recorder], verbose: 0 });
    expect(recorder.calls).toEqual([
      'train begin',
      'epoch 0 begin',
      'batch 0 begin',
      'batch 0 end 32',
      'batch 1 begin',
      'batch 1 end 8',
      'epoch 0 end loss,accuracy',
      'train end',
    ]);
  });

  test('end when training fails, and the failure is what fit reports', async () => {
    class Fails extends Callback {
      override onEpochEnd(): void {
        throw new Error('no');
      }
      override onTrainEnd(): void {
        throw new Error('neither');
      }
    }
    const recorder = new Recorder();
    await expect(model().fit(x, y, { callbacks: [new Fails(), recorder], verbose: 0 })).rejects.toThrow(/^no$/);
    expect(recorder.calls.at(-1)).toBe('train end');
  });

  test('stopTraining ends after the batch', async () => {
    class Stop extends Callback {
      override onBatchEnd(): void {
        if (this.model) this.model.stopTraining = true;
      }
    }
    const m = model();
    const history = await m.fit(x, y, { epochs: 3, batchSize: 10, callbacks: [new Stop()], verbose: 0 });
    expect([history.epoch.length, m.training.step, history.stoppedEarly]).toEqual([1, 1, true]);
  });
});

describe('EarlyStopping', () => {
  const run = async (values: readonly number[], options: Parameters<typeof callbacks.earlyStopping>[0]) => {
    const early = callbacks.earlyStopping(options);
    const m = model();
    const history = await m.fit(x, y, { epochs: values.length, callbacks: [new Script(values), early], verbose: 0 });
    return { early, m, epochs: history.epoch.length };
  };

  test('waits for patience epochs without improvement', async () => {
    expect((await run([3, 2, 2.5, 2.4, 1], { patience: 2 })).epochs).toBe(4);
    expect((await run([3, 2, 2.5, 1.9, 2], { patience: 2 })).epochs).toBe(5);
    expect((await run([3, 2.9, 2.8, 2.7, 2.6], { patience: 2, minDelta: 0.5 })).epochs).toBe(3);
    expect((await run([1, 2, 3, 4, 5], { mode: 'max', patience: 1 })).epochs).toBe(5);
    expect((await run([1, 2, 3, 4, 5], { patience: 1, startFromEpoch: 3 })).epochs).toBe(5);
    expect((await run([1, Number.NaN, Number.NaN, 0], { patience: 2 })).epochs).toBe(3);
  });

  test('puts the best weights back', async () => {
    const { early, m } = await run([3, 1, 2, 2], { patience: 2, restoreBestWeights: true });
    expect([early.bestEpoch, early.stoppedEpoch]).toEqual([1, 3]);
    const reference = model();
    await reference.fit(x, y, { epochs: 2, verbose: 0 });
    expect(sameBits(m.getWeights(), reference.getWeights())).toBe(true);
  });

  test('after an error the model keeps the weights of its last step, which its optimizer and epochs belong to', async () => {
    const m = model();
    const failing = callbacks.lambdaCallback({
      onEpochEnd: (epoch) => {
        if (epoch === 2) throw new Error('power cut');
      },
    });
    const early = callbacks.earlyStopping({ patience: 5, restoreBestWeights: true });
    const fit = m.fit(x, y, { epochs: 4, verbose: 0, callbacks: [new Script([1, 2, 3]), early, failing] });
    await expect(fit).rejects.toThrow('power cut');
    const reference = model();
    await reference.fit(x, y, { epochs: 3, verbose: 0 });
    expect(sameBits(m.getWeights(), reference.getWeights())).toBe(true);
  });

  test('a baseline counts as well; the best weights come back also where none beat it', async () => {
    expect((await run([3, 2.9, 2.8, 2.9, 3], { patience: 2, baseline: 1 })).epochs).toBe(4);
    expect((await run([3, 2, 0.9, 1.2, 1.1], { patience: 2, baseline: 1 })).epochs).toBe(5);
    const { early, m } = await run([3, 2, 2.5, 3], { patience: 3, baseline: 1, restoreBestWeights: true });
    expect([early.bestEpoch, early.stoppedEpoch]).toEqual([1, 2]);
    const reference = model();
    await reference.fit(x, y, { epochs: 2, verbose: 0 });
    expect(sameBits(m.getWeights(), reference.getWeights())).toBe(true);
  });

  test('the first epoch never stops a run, and rounding is no progress', async () => {
    expect((await run([Number.NaN, Number.NaN, 1], {})).epochs).toBe(2);
    expect((await run([1, 1 - 1e-9, 1 - 2e-9], { patience: 2 })).epochs).toBe(3);
    expect((await run([1, 1 - 1e-6, 1 - 2e-6, 1], { patience: 2 })).epochs).toBe(4);
  });

  test('refuses a number that is not logged, and says which are', async () => {
    const fit = model().fit(x, y, { callbacks: [callbacks.earlyStopping()], verbose: 0 });
    await expectRejection(fit, 'ERR_ARG', 'loss, accuracy', 'val_loss', 'validationData');
    expectError(() => callbacks.earlyStopping({ patience: -1 }), 'ERR_ARG', 'patience');
    expectError(() => callbacks.earlyStopping({ mode: 'best' as 'min' }), 'ERR_ARG', 'min');
  });
});

describe('ModelCheckpoint', () => {
  test('saves each epoch under its name, or only better ones', async () => {
    await model().fit(x, y, { epochs: 2, verbose: 0, callbacks: [callbacks.modelCheckpoint({ path: at('each-{epoch}') })] });
    expect(
      readdirSync(folder)
        .filter((n) => n.startsWith('each'))
        .sort(),
    ).toEqual(['each-1', 'each-2']);
    const saved: number[] = [];
    const best = callbacks.modelCheckpoint({ path: at('best'), saveBestOnly: true, onSave: (_path, epoch) => saved.push(epoch) });
    await model().fit(x, y, { epochs: 4, verbose: 0, callbacks: [new Script([3, 2, 2.5, 1]), best] });
    expect(saved).toEqual([0, 1, 3]);
    expect((await loadModel(at('best'))).training.epoch).toBe(4);
  });

  test('names with digits as Keras writes them; weights alone; every so many batches, across epochs', async () => {
    const fitted = model();
    const every = callbacks.modelCheckpoint({
      path: at('w-{epoch:02d}-{batch:3d}-{loss:.1f}.safetensors'),
      saveWeightsOnly: true,
      saveFreq: 3,
    });
    await fitted.fit(x, y, { epochs: 3, batchSize: 20, verbose: 0, callbacks: [every] });
    const names = readdirSync(folder).filter((n) => n.startsWith('w-'));
    expect(names.sort()).toEqual([expect.stringMatching(/^w-02-  1-\d\.\d\.s/), expect.stringMatching(/^w-03-  2-\d\.\d\.s/)]);
    const last = fitted.getWeights();
    await fitted.fit(x, y, { verbose: 0 });
    await fitted.loadWeights(at(names[1] as string));
    expect(sameBits(fitted.getWeights(), last)).toBe(true);
  });

  test('better than a number given', async () => {
    const saved: number[] = [];
    const options = {
      path: at('threshold'),
      saveBestOnly: true,
      initialValueThreshold: 2.5,
      onSave: (_: string, epoch: number) => saved.push(epoch),
    };
    await model().fit(x, y, { epochs: 4, verbose: 0, callbacks: [new Script([3, 2.7, 2.4, 2.5]), callbacks.modelCheckpoint(options)] });
    expect(saved).toEqual([2]);
  });

  test('refuses digits that are none, and validation between batches', async () => {
    const bad = callbacks.modelCheckpoint({ path: at('{epoch:x}') });
    await expectRejection(model().fit(x, y, { verbose: 0, callbacks: [bad] }), 'ERR_ARG', '{epoch:x}', '{epoch:02d}');
    expectError(() => callbacks.modelCheckpoint({ path: 'a', saveFreq: -1 }), 'ERR_ARG', 'saveFreq');
    expectError(() => callbacks.modelCheckpoint({ path: 'a', saveFreq: 2, saveBestOnly: true }), 'ERR_ARG', "'loss'");
  });

  test('refuses a path with an unknown number', async () => {
    const fit = model().fit(x, y, { verbose: 0, callbacks: [callbacks.modelCheckpoint({ path: at('{val_f1}') })] });
    await expectRejection(fit, 'ERR_ARG', '{val_f1}', 'loss');
    expectError(() => callbacks.modelCheckpoint({ path: '' }), 'ERR_ARG', 'path');
  });
});

describe('learning rates', () => {
  test('a scheduler sets the rate of each epoch and logs it', async () => {
    const history = await model().fit(x, y, {
      epochs: 3,
      verbose: 0,
      callbacks: [callbacks.learningRateScheduler((epoch, rate) => (epoch === 0 ? rate : rate / 2))],
    });
    expect(history.history['learningRate']).toEqual([0.01, 0.005, 0.0025]);
    const bad = model().fit(x, y, { verbose: 0, callbacks: [callbacks.learningRateScheduler(() => Number.NaN)] });
    await expectRejection(bad, 'ERR_ARG', 'learning rate', 'NaN');
  });

  test('a plateau lowers the rate, down to its least', async () => {
    const plateau = callbacks.reduceLROnPlateau({ factor: 0.1, patience: 2, minLearningRate: 5e-4 });
    const history = await model().fit(x, y, { epochs: 7, verbose: 0, callbacks: [new Script([1, 1, 1, 1, 1, 1, 1]), plateau] });
    const rates = history.history['learningRate'] as number[];
    [0.01, 0.01, 0.01, 0.001, 0.001, 5e-4, 5e-4].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 10));
    expectError(() => callbacks.reduceLROnPlateau({ factor: 1 }), 'ERR_ARG', '(0,1)');
  });
});

test('a cooldown is not judged', async () => {
  const plateau = callbacks.reduceLROnPlateau({ factor: 0.1, patience: 1, cooldown: 2 });
  const history = await model().fit(x, y, { epochs: 6, verbose: 0, callbacks: [new Script([1, 1, 1, 1, 1, 1]), plateau] });
  const rates = history.history['learningRate'] as number[];
  // As Keras counts: an epoch of the two ends the cooldown and is judged.
  [1e-2, 1e-2, 1e-3, 1e-3, 1e-4, 1e-4].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 10));
});

describe('LambdaCallback', () => {
  test('calls what it was given', async () => {
    const calls: string[] = [];
    const lambda = callbacks.lambdaCallback({
      onTrainBegin: () => void calls.push('begin'),
      onBatchEnd: (batch) => void calls.push(`batch ${batch}`),
      onEpochEnd: async (epoch, logs) => {
        await Promise.resolve();
        calls.push(`epoch ${epoch} ${Object.keys(logs).join()}`);
      },
      onTrainEnd: () => void calls.push('end'),
    });
    await model().fit(x, y, { verbose: 0, callbacks: [lambda] });
    expect(calls).toEqual(['begin', 'batch 0', 'batch 1', 'epoch 0 loss,accuracy', 'end']);
  });

  test('refuses what is no hook', () => {
    expectError(() => callbacks.lambdaCallback({ onEpoch: () => undefined } as never), 'ERR_ARG', 'onEpochEnd', 'onEpoch');
    expectError(() => callbacks.lambdaCallback({ onEpochEnd: 3 } as never), 'ERR_ARG', 'onEpochEnd: number');
  });
});

describe('CSVLogger', () => {
  test('writes a header and a line per epoch; a resumed run goes on', async () => {
    const path = at('history.csv');
    const m = model();
    await m.fit(x, y, { epochs: 2, verbose: 0, callbacks: [callbacks.csvLogger(path)] });
    writeFileSync(path, `${readFileSync(path, 'utf8')}2,0.`);
    const history = await m.fit(x, y, { epochs: 3, initialEpoch: 2, verbose: 0, callbacks: [callbacks.csvLogger({ path, append: true })] });
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('epoch,loss,accuracy');
    expect(lines).toHaveLength(4);
    expect(lines[3]).toBe(`2,${history.history['loss']?.[0]},${history.history['accuracy']?.[0]}`);
    // Cut off in its first line: nothing is lost.
    writeFileSync(path, 'epoch,lo');
    await m.fit(x, y, { epochs: 1, verbose: 0, callbacks: [callbacks.csvLogger({ path, append: true })] });
    expect(readFileSync(path, 'utf8')).toMatch(/^epoch,loss,accuracy\n0,.+\n$/);
  });

  test('refuses other columns and a path that cannot be written', async () => {
    const path = at('columns.csv');
    writeFileSync(path, 'epoch,loss\n');
    const seldom = at('seldom.csv');
    await model().fit(x, y, { epochs: 2, verbose: 0, validationFreq: 2, validationData: [x, y], callbacks: [callbacks.csvLogger(seldom)] });
    const [head, first, second] = readFileSync(seldom, 'utf8').split('\n').map((line) => line.split(',')); // prettier-ignore
    expect(head?.filter((name) => name.startsWith('val_'))).toHaveLength(((head?.length ?? 0) - 1) / 2);
    expect([first?.at(-1), Number(second?.at(-1)) > 0]).toEqual(['', true]);
    const fit = model().fit(x, y, { verbose: 0, callbacks: [callbacks.csvLogger({ path, append: true })] });
    await expectRejection(fit, 'ERR_FORMAT', 'epoch,loss', 'accuracy');
    await expect(model().fit(x, y, { verbose: 0, callbacks: [callbacks.csvLogger(at('no/such/folder.csv'))] })).rejects.toThrow('ENOENT');
    expectError(() => callbacks.csvLogger(''), 'ERR_ARG', 'path');
  });
});

describe('ProgressBar', () => {
  const stream = (isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } => {
    let text = '';
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    const terminal = { isTTY, columns: 160, cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
    return { stream: Object.assign(sink, terminal) as unknown as NodeJS.WriteStream, text: () => text };
  };

  test('without a terminal: one line per epoch', async () => {
    const lines: string[] = [];
    const { stream: s, text } = stream(false);
    await model().fit(x, y, {
      epochs: 2,
      validationSplit: 0.25,
      callbacks: [callbacks.progressBar({ stream: s, print: (l) => lines.push(l) })],
    });
    expect(text()).toBe('');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^Epoch 2\/2 · [\d.]+ s · loss [\d.]+ · accuracy [\d.]+ · val_loss [\d.]+ · val_accuracy [\d.]+$/);
  });

  test('on a terminal: a bar with rate and time left', async () => {
    const { stream: s, text } = stream(true);
    await model().fit(x, y, { epochs: 1, callbacks: [callbacks.progressBar({ stream: s })] });
    expect(text()).toContain('Epoch 1/1');
    expect(text()).toMatch(/100% · \d+ rows\/s · .* left · loss [\d.]+ · accuracy [\d.]+/);
  });

  test('numbers are short, tiny ones in powers of ten', () => {
    expect(showLogs({ loss: 0.123456, rate: 1e-5, zero: 0, size: 32 })).toBe('loss 0.1235 · rate 1.00e-5 · zero 0.0000');
  });
});

describe('TerminateOnNaN', () => {
  test('terminateOnNaN ends training at a loss that is no number, with the weights before it; other errors stay errors', async () => {
    const diverging = (): Sequential => {
      const m = new Sequential([layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' })]);
      m.compile({ optimizer: optimizers.sgd({ learningRate: 1e-3 }), loss: 'meanSquaredError' });
      return m;
    };
    // The sum of the third row is beyond float32.
    const xs = tensor([
      [1, 2],
      [2, 1],
      [3e38, 3e38],
      [1, 1],
    ]);
    const ys = tensor([[0], [0], [0], [0]]);
    const stop = callbacks.terminateOnNaN();
    const recorder = new Recorder();
    const m = diverging();
    const history = await m.fit(xs, ys, { batchSize: 1, epochs: 9, shuffle: false, verbose: 0, callbacks: [stop, recorder] });
    expect(history.stoppedEarly).toBe(true);
    expect(stop.stoppedBatch).toBe(2);
    expect(history.history['loss']).toHaveLength(1);
    expect(Number.isFinite(history.history['loss']?.[0])).toBe(false);
    for (const w of m.getWeights()) expect(Array.from(w.data()).every(Number.isFinite)).toBe(true);
    expect(recorder.calls.slice(-2)).toEqual(['epoch 0 end loss', 'train end']);
    await expectRejection(diverging().fit(xs, ys, { batchSize: 1, shuffle: false, verbose: 0 }), 'ERR_DATA', 'finite loss');
    const broken = tensor([
      [Number.NaN, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    await expectRejection(diverging().fit(broken, ys, { verbose: 0, callbacks: [callbacks.terminateOnNaN()] }), 'ERR_DATA', 'NaN');
  });

  test('also where a metric would refuse what the model predicts', async () => {
    const m = new Sequential([layers.dense({ units: 2, activation: 'softmax', inputShape: [2], kernelInitializer: 'ones' })]);
    m.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const xs = tensor([
      [1, 2],
      [3e38, 3e38],
    ]);
    const ys = tensor(new Int32Array([0, 1]), [2]);
    const stop = callbacks.terminateOnNaN();
    const history = await m.fit(xs, ys, { batchSize: 1, shuffle: false, verbose: 0, callbacks: [stop] });
    expect(stop.stoppedBatch).toBe(1);
    expect(history.history['loss']).toEqual([Number.NaN]);
    expect(history.history['accuracy']).toHaveLength(1);
  });
});
