import { join } from 'node:path';
import { availableMemory } from '../data/memory.js';
import { loadAddon } from '../backend/native.js';
import { SarafError } from '../errors.js';
import { auditExperiment } from './audit.js';
import { BaselineStore } from './baseline-store.js';
import { baselinesOf } from './baseline-sets.js';
import { collectResults } from './collect.js';
import type { Estimate } from './estimate.js';
import { estimateJobs } from './estimate-jobs.js';
import type { Experiment, LoadContext } from './experiment.js';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import { readKerasRecord } from './keras-record.js';
import type { Job, ReadyExperiment } from './jobs.js';
import { redefinedJobs } from './network.js';
import { describeMachine, describeVersions } from './provenance.js';
import type { Results, RunRecord, Trained } from './results.js';
import { runOrigins } from './run-origins.js';
import { shardOf, type Shard } from './shard.js';
import { trainJobs, type FailedJob, type Trainers } from './trainers.js';
import { kernelVersion } from './verify/hashes.js';
import { openWork, type SelectedExperiment, type Work } from './work.js';

/** What a front end hears while experiments run. All methods are optional. */
export interface ReproduceListener {
  /** Data is there; `resumed` runs were found finished. */
  ready?(experiment: Experiment, ready: ReadyExperiment, resumed: number): void;
  /** Before `ready`: finished runs that are trained again, since `model` defines their network otherwise now. */
  redefined?(jobs: readonly Job[]): void;
  /** Before `estimate`: finished runs that are trained again were moved into this folder, where each stays until it is replaced. */
  setAside?(folder: string, runs: number): void;
  estimate?(estimate: Estimate): void;
  runStart?(job: Job): void;
  /** Training rows done in this run since the last call. */
  rows?(job: Job, rows: number): void;
  runEnd?(job: Job, record: RunRecord): void;
  /** Its loss became infinite or no number; the other runs go on, and `reproduce` throws when they are done. */
  runFailed?(job: Job, error: SarafError): void;
  /** All runs of an experiment are there and its results.json is written; others may follow. */
  experimentEnd?(outcome: Reproduced): void;
  /** Instead of `experimentEnd` where a shard's runs are there and others' are not: `here` of `all` runs are. */
  shardEnd?(folder: string, here: number, all: number): void;
}

export interface ReproduceOptions {
  readonly selections: readonly SelectedExperiment[];
  readonly outDir: string;
  readonly load: Omit<LoadContext, 'signal'>;
  /** Take finished runs from `outDir` instead of running them again, unless their network is defined otherwise now. Default false. */
  readonly resume?: boolean;
  /** Train only this part of the runs, the others being trained elsewhere; an experiment has no results before all of them are in `outDir`. */
  readonly shard?: Shard;
  readonly threads?: number;
  /** Trains several runs at once. Default: one after another, here. */
  readonly trainers?: Trainers;
  /** Show rows of the data, as text or picture, in the results. Default true; false for results that are passed on where the data may not be. */
  readonly rows?: boolean;
  readonly signal?: AbortSignal;
  readonly listener?: ReproduceListener;
  /** Bytes that may be used. Default: what the machine has free. */
  readonly availableBytes?: number;
}

/** One experiment's outcome, and the folder that holds it. */
export interface Reproduced {
  readonly folder: string;
  readonly results: Results;
  readonly trained: readonly Trained[];
  /** The runs behind `results.beside`. */
  readonly besideTrained: readonly Trained[];
}

/** A selection's work, what of it was found finished or has been trained, and what is left. */
interface Progress {
  readonly work: Work;
  readonly records: Map<string, RunRecord>;
  todo: readonly Job[];
}

function withoutRows(trained: Trained): Trained {
  const copy = { ...trained };
  delete copy.wrong;
  return copy;
}

const MOST_NAMED = 5;

/** One error for all runs that failed. */
function failure(failed: readonly FailedJob[], trained: number): SarafError {
  const [{ error }] = failed as [FailedJob];
  if (failed.length === 1 && trained === 0) return error;
  const named = failed.slice(0, MOST_NAMED).map((f) => f.error.message);
  const more = failed.length > named.length ? `; and ${failed.length - named.length} more` : '';
  return new SarafError(
    error.code,
    'reproduce',
    `expected every run to train, received ${failed.length} that did not: ${named.join('; ')}${more}. The other ${trained} are kept: with --resume and --variant (those to run) there are results without these`,
    { cause: error },
  );
}

/**
 * Runs selections of experiments: loads and prepares data, estimates, trains what is missing, and writes results.json and a
 * folder per run under `outDir/<experiment>/`. Returns the experiments whose runs are all there: with a shard, that may be none.
 *
 * A run's folder appears whole or not at all; when `signal` aborts, those that are there stay.
 * Throws: ERR_ARG, ERR_DATA, ERR_MEMORY before anything is trained; ERR_DATA at the end for runs whose loss became infinite or no number; the signal's reason when aborted.
 * Example: `await reproduce({ selections: [{ experiment: findExperiment('nusax-lstm'), selection: { scale: 'quick' } }], outDir: 'out', load: { dataDir: undefined, onProgress: undefined } })`
 */
export async function reproduce(options: ReproduceOptions): Promise<Reproduced[]> {
  const { signal, listener, trainers } = options;
  if (options.selections.length === 0) throw new SarafError('ERR_ARG', 'reproduce', 'expected at least one experiment, received none');
  if (options.threads !== undefined) loadAddon().native.setThreads(options.threads);
  const all: Progress[] = [];
  for (const selected of options.selections) {
    const work = await openWork(selected, options.outDir, { ...options.load, signal });
    const records = new Map<string, RunRecord>();
    if (options.resume === true) {
      for (const job of work.ready.jobs) {
        const found = work.store.read(job.id);
        if (found) records.set(job.id, found);
      }
      const redefined = redefinedJobs(
        work.ready.jobs.filter((job) => records.has(job.id)),
        work.store,
      );
      for (const job of redefined) records.delete(job.id);
      if (redefined.length > 0) listener?.redefined?.(redefined);
    }
    all.push({ work, records, todo: work.ready.jobs.filter((job) => !records.has(job.id)) });
    listener?.ready?.(selected.experiment, work.ready, records.size);
  }
  if (options.shard !== undefined) {
    const part = shardOf(all.flatMap((p) => p.work.ready.jobs), options.shard); // prettier-ignore
    for (const p of all) p.todo = p.todo.filter((job) => part.has(job.id));
  }
  const todo = all.flatMap((p) => p.todo);
  const dataBytes = all.reduce((sum, p) => sum + p.work.ready.dataBytes, 0);
  const atOnce = Math.max(1, Math.min(trainers?.count ?? 1, todo.length));
  const estimate = estimateJobs(todo, { dataBytes, available: options.availableBytes ?? availableMemory(), atOnce, signal });
  const machine = describeMachine();
  const versions = describeVersions(kernelVersion());
  for (const { work, todo: own } of all) {
    work.store.clean();
    const aside = own.filter((job) => work.store.setAside(job.id)).length;
    if (aside > 0) listener?.setAside?.(work.store.replaced, aside);
  }
  listener?.estimate?.(estimate);
  const outcomes: Reproduced[] = [];
  const failed: FailedJob[] = [];
  for (const [selection, { work, records, todo: own }] of all.entries()) {
    const lost = await trainJobs(own, work, { selection, trainers, listener, signal }, (record) => void records.set(record.id, record));
    if (lost.length > 0) {
      failed.push(...lost);
      continue;
    }
    if (records.size < work.ready.jobs.length) {
      listener?.shardEnd?.(work.folder, records.size, work.ready.jobs.length);
      continue;
    }
    const store = new BaselineStore(work.folder, options.resume === true);
    const baselines = await baselinesOf(work.ready, store, { versions, signal, onProgress: options.load.onProgress });
    const audits = auditExperiment(work.ready, options.rows);
    const date = new Date().toISOString();
    const runs = runOrigins(work.store, work.ready.jobs.map((job) => job.id)); // prettier-ignore
    const context = { machine: { ...machine, runs }, versions, date, ...baselines, audits, keras: readKerasRecord(work.folder) };
    const { results, trained, besideTrained } = collectResults(work.ready, records, context);
    writeFileAtomic(join(work.folder, 'results.json'), toJsonText(results));
    const outcome: Reproduced = {
      folder: work.folder,
      results,
      trained: options.rows === false ? trained.map(withoutRows) : trained,
      besideTrained,
    };
    listener?.experimentEnd?.(outcome);
    outcomes.push(outcome);
  }
  if (failed.length > 0) throw failure(failed, todo.length - failed.length);
  return outcomes;
}
