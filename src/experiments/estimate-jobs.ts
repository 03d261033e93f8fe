import { requireMemory } from '../data/memory.js';
import { SarafError } from '../errors.js';
import { trainingMemory, type Estimate } from './estimate.js';
import type { Job } from './jobs.js';
import { networkKey } from './network.js';
import { freshModel, labelTensor } from './train.js';

interface EstimateOptions {
  /** Bytes of data that are in memory already. */
  readonly dataBytes: number;
  /** Bytes that may still be used. */
  readonly available: number;
  /** Trainings at once, each with the data of its own. */
  readonly atOnce: number;
  readonly signal: AbortSignal | undefined;
}

/** Rows of a step that is measured: a larger batch costs hardly less a row. */
const MOST_ROWS = 64;

/** Jobs of one model on rows of one shape cost the same a row, however many rows there are. */
function costKey(job: Job): string {
  const byData = new Set<string>(job.experiment.preparedBy);
  const config = Object.entries(job.config).filter(([key]) => !byData.has(key));
  const { train, embeddings } = job.prepared;
  return JSON.stringify([job.experiment.id, job.mask, config, train.x.shape.slice(1), embeddings?.shape.at(-1)]);
}

/** Seconds that a row of training takes, by a few real steps. */
function secondsPerRow(job: Job): number {
  const { train } = job.prepared;
  const rows = Math.min(job.config.batchSize, MOST_ROWS, train.labels.length);
  const model = freshModel(job);
  const step = (from: number): number => {
    const end = Math.min(train.labels.length, from + rows);
    const started = performance.now();
    try {
      model.trainOnBatch(train.x.rows(from, end), labelTensor({ ...train, labels: train.labels.subarray(from, end) }));
    } catch (error) {
      // A loss that is no number costs what others do; its run will say so.
      if (!(error instanceof SarafError) || error.code !== 'ERR_DATA') throw error;
    }
    return (performance.now() - started) / 1000 / (end - from);
  };
  step(0); // the first step allocates
  return Math.min(step(rows % train.labels.length), step(0));
}

/**
 * Estimates what is to be run: memory from the shapes, and refused before a step is taken if the machine has too little;
 * then time from a few real steps of each different model.
 */
export function estimateJobs(jobs: readonly Job[], { dataBytes, available, atOnce, signal }: EstimateOptions): Estimate {
  const seen = new Set<string>();
  let largest = 0;
  for (const job of jobs) {
    signal?.throwIfAborted();
    if (seen.has(networkKey(job))) continue;
    seen.add(networkKey(job));
    // The data are here already, and only what comes on top must still fit; other processes load them again.
    const each = trainingMemory(freshModel(job), job.config.batchSize, atOnce === 1 ? 0 : dataBytes);
    const needed = { ...each, total: atOnce * each.total };
    requireMemory(`reproduce ${job.label}${atOnce === 1 ? '' : `, ${atOnce} at once`}`, needed, available);
    largest = Math.max(largest, needed.total);
  }
  const perRow = new Map<string, number>();
  const perRun = new Map<string, number>();
  for (const job of jobs) {
    signal?.throwIfAborted();
    const key = costKey(job);
    const seconds = perRow.get(key) ?? secondsPerRow(job);
    perRow.set(key, seconds);
    const { train, validation, test } = job.prepared;
    const forwardRows = job.config.epochs * validation.labels.length + test.labels.length + validation.labels.length;
    perRun.set(job.id, (seconds * (job.config.epochs * train.labels.length + forwardRows / 3)) / atOnce);
  }
  return { runs: jobs.length, seconds: [...perRun.values()].reduce((sum, s) => sum + s, 0), bytes: largest + dataBytes, perRun };
}
