import { SarafError } from '../errors.js';
import type { Job } from './jobs.js';
import type { ReproduceListener } from './reproduce.js';
import type { RunRecord } from './results.js';
import { runJob, type Work } from './work.js';

/**
 * Trains runs elsewhere, several at once: in processes of their own, each with its part of the threads. As neither threads nor
 * order change a bit, the results are those of one after another.
 */
export interface Trainers {
  /** Trainings at once. */
  readonly count: number;
  /** Trains a job of selection number `selection` and leaves its folder in the store. Throws what the training threw. */
  train(selection: number, job: Job, onRows: (rows: number) => void): Promise<void>;
}

interface TrainOptions {
  readonly selection: number;
  readonly trainers: Trainers | undefined;
  readonly listener: ReproduceListener | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A run whose training failed on its data or its loss, which concerns no other. */
export interface FailedJob {
  readonly job: Job;
  readonly error: SarafError;
}

/**
 * Trains jobs of one selection here, one after another, or by `trainers`; each record goes to `done` as soon as it is there. Returns those
 * whose loss became infinite or no number: the others go on.
 */
export async function trainJobs(
  jobs: readonly Job[],
  work: Work,
  { selection, trainers, listener, signal }: TrainOptions,
  done: (record: RunRecord) => void,
): Promise<FailedJob[]> {
  const failed: FailedJob[] = [];
  const waiting = [...jobs];
  const next = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      signal?.throwIfAborted();
      const current = job;
      const onRows = (rows: number): void => listener?.rows?.(current, rows);
      listener?.runStart?.(job);
      let record: RunRecord | null;
      try {
        if (trainers) await trainers.train(selection, job, onRows);
        record = trainers ? work.store.read(job.id) : await runJob(job, work, onRows, signal);
      } catch (error) {
        signal?.throwIfAborted(); // then that its process ended is no failure
        if (!(error instanceof SarafError) || error.code !== 'ERR_DATA') throw error;
        failed.push({ job, error });
        listener?.runFailed?.(job, error);
        continue;
      }
      if (!record) throw new SarafError('ERR_STATE', `reproduce ${job.label}`, `expected the run in ${work.store.path(job.id)}`);
      done(record);
      listener?.runEnd?.(job, record);
    }
  };
  try {
    await Promise.all(Array.from({ length: trainers?.count ?? 1 }, next));
  } finally {
    waiting.length = 0; // where one threw, the others begin no further run
  }
  return failed;
}
