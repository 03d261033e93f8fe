import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Callback, type Logs } from '../../src/callbacks/callback.js';
import { earlyStopping, progressBar } from '../../src/callbacks/index.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { model, part, quiet, rows, SIZE, x, y } from './streams.js';

describe('validation', () => {
  test('on a stream: a function from its beginning each time, a generator where it is', async () => {
    const taken: number[] = [];
    const numbered = function* (): Generator<Tensor[]> {
      for (let i = 0; i < 9; i++) {
        taken.push(i);
        yield part(0);
      }
    };
    const options = { epochs: 3, validationSteps: 2, ...quiet };
    await model().fit(x, y, { ...options, validationData: numbered });
    expect(taken.splice(0)).toEqual([0, 1, 0, 1, 0, 1]);
    await model().fit(x, y, { ...options, validationData: numbered() });
    expect(taken.splice(0)).toEqual([0, 1, 2, 3, 4, 5]);
    const once = model().fit(x, y, { epochs: 2, validationData: rows(), ...quiet });
    await expectRejection(once, 'ERR_DATA', 'validation of epoch 1, step 0', 'validationSteps');
  });

  test('measures what evaluate measures; its own batch size and number of batches', async () => {
    const m = model();
    const history = await m.fit(x, y, { validationData: rows, ...quiet });
    expect(history.history['val_loss']?.[0]).toBe((await m.evaluate(x, y, { batchSize: SIZE }))['loss']);
    const asked: number[] = [];
    const source = {
      rows: 50,
      batch: (indices: Int32Array) => {
        asked.push(...indices);
        return {
          x: [x.rows(indices[0] as number, (indices.at(-1) as number) + 1)],
          y: y.rows(indices[0] as number, (indices.at(-1) as number) + 1),
        };
      },
    };
    await m.fit(x, y, { epochs: 2, validationData: source, validationBatchSize: 3, validationSteps: 2, ...quiet });
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
  });

  test('every so many epochs, or after those of a list; the history has NaN between', async () => {
    const measured = async (validationFreq: number | number[]): Promise<boolean[]> => {
      const history = await model().fit(x, y, { epochs: 5, validationData: [x, y], validationFreq, ...quiet });
      return (history.history['val_loss'] ?? []).map((v) => !Number.isNaN(v));
    };
    expect(await measured(2)).toEqual([false, true, false, true, false]);
    expect(await measured([1, 4, 9])).toEqual([true, false, false, true, false]);
    // A callback that watches it waits for the next one.
    const early = earlyStopping({ monitor: 'val_accuracy', mode: 'max', minDelta: 2, patience: 1 });
    const history = await model().fit(x, y, { epochs: 9, validationData: [x, y], validationFreq: 2, callbacks: [early], ...quiet });
    expect(history.epoch).toHaveLength(4);
  });

  test('validationData goes before validationSplit', async () => {
    const rowsOf: number[] = [];
    class Counts extends Callback {
      override onBatchEnd(_batch: number, logs: Logs): void {
        rowsOf.push(logs['size'] as number);
      }
    }
    await model().fit(x, y, { batchSize: 50, validationSplit: 0.5, validationData: [x, y], callbacks: [new Counts()], ...quiet });
    expect(rowsOf).toEqual([50]);
  });
});

test('the bar counts batches of an unknown number, and knows it in the second epoch', async () => {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const terminal = { isTTY: true, columns: 160, cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  const stream = Object.assign(sink, terminal) as unknown as NodeJS.WriteStream;
  await model().fit(rows, { epochs: 2, callbacks: [progressBar({ stream })] });
  const [first, second] = text.split('Epoch 2/2');
  expect(first).toMatch(/Epoch 1\/2 3 batches · \d+ rows\/s · loss [\d.]+/);
  expect(first).not.toContain('%');
  expect(text).toMatch(/Epoch 2\/2 .*100% · \d+ rows\/s/);
  expect(second).toBeDefined();
});
