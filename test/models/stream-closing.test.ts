import { describe, expect, test } from 'vitest';
import { Callback } from '../../src/callbacks/callback.js';
import { layers } from '../../src/layers/index.js';
import { AbortError } from '../../src/models/history.js';
import { Sequential } from '../../src/models/sequential.js';
import { zeros, type Tensor } from '../../src/tensor/tensor.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { model, part, quiet, x, y } from './streams.js';

describe('a stream that is not read to its end is closed', () => {
  /** Counts what is asked of it; `closed` when it was told to stop. */
  const watched = (): {
    batches: () => Generator<Tensor[]>;
    later: () => AsyncGenerator<Tensor[]>;
    seen: { asked: number; closed: boolean };
  } => {
    const seen = { asked: 0, closed: false };
    const batches = function* (): Generator<Tensor[]> {
      try {
        for (;;) {
          seen.asked++;
          yield part(0);
        }
      } finally {
        seen.closed = true;
      }
    };
    const later = async function* (): AsyncGenerator<Tensor[]> {
      for (const batch of batches()) yield batch;
    };
    return { batches, later, seen };
  };
  class StopAt extends Callback {
    constructor(
      private readonly batch: number,
      private readonly stop: () => void,
    ) {
      super();
    }
    override onBatchEnd(batch: number): void {
      if (batch === this.batch) this.stop();
    }
  }

  test('by stopTraining, by an abort, by an error, at the end of the last epoch', async () => {
    for (const kind of ['batches', 'later'] as const) {
      const stopped = watched();
      const m = model();
      const stream = stopped[kind]();
      await m.fit(stream, { stepsPerEpoch: 9, callbacks: [new StopAt(3, () => (m.stopTraining = true))], ...quiet });
      expect(stopped.seen.closed).toBe(true);
      expect(m.training.step).toBe(4);

      const aborted = watched();
      const abort = new AbortController();
      const work = model().fit(aborted[kind], { signal: abort.signal, callbacks: [new StopAt(2, () => abort.abort())], ...quiet });
      await expect(work).rejects.toBeInstanceOf(AbortError);
      expect(aborted.seen.closed).toBe(true);

      const failed = watched();
      const fails = new StopAt(1, () => {
        throw new Error('no');
      });
      await expect(model().fit(failed[kind](), { callbacks: [fails], ...quiet })).rejects.toThrow(/^no$/);
      expect(failed.seen.closed).toBe(true);

      const done = watched();
      await model().fit(done[kind], { epochs: 2, stepsPerEpoch: 2, ...quiet });
      // Never a batch more than needed.
      expect(done.seen).toEqual({ asked: 4, closed: true });

      const measured = watched();
      await model().evaluate(measured[kind], { steps: 2 });
      await model().predict(measured[kind](), { steps: 2 });
      expect(measured.seen.asked).toBe(4);
    }
  });

  test('when the options are refused or the model is not compiled', async () => {
    const { batches, seen } = watched();
    await expectRejection(model().fit(batches(), { validationData: [x, y], validationSteps: 5, ...quiet }), 'ERR_ARG', 'validationSteps');
    expect(seen).toEqual({ asked: 1, closed: true });
    seen.closed = false;
    await expectRejection(new Sequential([layers.dense({ units: 1 })]).evaluate(batches()), 'ERR_STATE', 'compile');
    expect(seen.closed).toBe(true);
  });

  test('an abort does not wait for a batch that never comes', async () => {
    const abort = new AbortController();
    let closed = false;
    const stuck: AsyncIterable<Tensor[]> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: async () => {
          closed = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const work = model().fit(stuck, { signal: abort.signal, ...quiet });
    setTimeout(() => abort.abort(), 5);
    await expect(work).rejects.toBeInstanceOf(AbortError);
    expect(closed).toBe(true);
  });

  test('an error while closing is reported, unless another one came first', async () => {
    const sour = function* (): Generator<Tensor[]> {
      try {
        for (;;) yield part(0);
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- what a broken stream does
        throw new Error('cannot close');
      }
    };
    await expect(model().fit(sour, { stepsPerEpoch: 1, ...quiet })).rejects.toThrow('cannot close');
    await expect(model().fit(sour, { validationData: [x, y], validationSteps: 9, stepsPerEpoch: 1, ...quiet })).rejects.toThrow(
      'validationSteps',
    );
  });

  test('an asynchronous stream makes the next batch while this one is computed', async () => {
    const order: string[] = [];
    const noted = async function* (): AsyncGenerator<Tensor[]> {
      for (let i = 0; i < 3; i++) {
        order.push(`make ${i}`);
        yield part(0);
      }
    };
    const note = new StopAt(-1, () => undefined);
    note.onBatchEnd = (batch) => void order.push(`computed ${batch}`);
    await model().fit(noted, { callbacks: [note], ...quiet });
    expect(order).toEqual(['make 0', 'make 1', 'computed 0', 'make 2', 'computed 1', 'computed 2']);
  });
});
test('what training holds is bounded by the batch', async () => {
  const m = model();
  const fresh = function* (batches: number): Generator<Tensor[]> {
    for (let i = 0; i < batches; i++) yield [zeros([256, 4]), zeros([256], 'int32')];
  };
  await m.fit(() => fresh(2), quiet);
  const held = m.workspaceBytes;
  await m.fit(() => fresh(500), quiet);
  expect(m.workspaceBytes).toBe(held);
});
