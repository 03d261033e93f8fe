import { Callback } from '../../callbacks/callback.js';
import { SarafError } from '../../errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Model } from '../model.js';
import { setTracer } from './active.js';
import type { Tracer } from './tracer.js';

export interface ProfileRun {
  readonly x: Tensor | readonly Tensor[];
  /** null: only inference. */
  readonly y: Tensor | readonly Tensor[] | null;
  readonly batchSize: number;
  readonly steps: number;
  readonly tracer: Tracer;
  readonly signal?: AbortSignal;
}

/** The first steps allocate and warm caches: they are not traced. */
const WARM_UP = 3;

/** Lets the tracer look at the steps after the first ones, and ends training after the last. */
class Window extends Callback {
  private readonly watched: Model;
  private readonly run: ProfileRun;
  private done = 0;

  constructor(watched: Model, run: ProfileRun) {
    super();
    this.watched = watched;
    this.run = run;
  }

  override onBatchEnd(): void {
    this.done++;
    if (this.done === WARM_UP) setTracer(this.run.tracer);
    if (this.done === WARM_UP + this.run.steps) this.watched.stopTraining = true;
  }
}

/**
 * Runs some real steps of `fit` (or of `predict`, without y) under a tracer. The model's weights change as in any training.
 *
 * Throws: what fit throws; AbortError when `signal` aborts. Another tracer is put back in any case.
 */
export async function profileRun(model: Model, run: ProfileRun): Promise<void> {
  const { x, y, batchSize, steps, tracer, signal } = run;
  const inputs = Array.isArray(x) ? (x as readonly Tensor[]) : [x as Tensor];
  const rows = inputs[0]?.shape[0] ?? 0;
  if (rows === 0) throw new SarafError('ERR_DATA', 'profile', 'expected at least one row of data, received none');
  const before = setTracer(null);
  try {
    if (y !== null) {
      const perEpoch = Math.ceil(rows / batchSize);
      const epochs = Math.ceil((steps + WARM_UP) / perEpoch);
      const callbacks = [new Window(model, run)];
      await model.fit(inputs, y, { epochs, batchSize, callbacks, verbose: 0, ...(signal ? { signal } : {}) });
      return;
    }
    for (let step = 0; step < steps + WARM_UP; step++) {
      signal?.throwIfAborted();
      if (step === WARM_UP) setTracer(tracer);
      const from = (step * batchSize) % rows;
      model.predictOnBatch(inputs.map((t) => t.rows(from, Math.min(rows, from + batchSize))));
      // Ctrl-C is heard between steps.
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  } finally {
    setTracer(before);
    tracer.flush();
  }
}
