import { join } from 'node:path';
import { availableMemory, requireMemory } from '../data/memory.js';
import { loadAddon } from '../backend/native.js';
import { SarafError } from '../errors.js';
import { auditExperiment } from './audit.js';
import { collectResults, evaluateRun } from './collect.js';
import { trainingMemory, type Estimate } from './estimate.js';
import type { Experiment, LoadContext } from './experiment.js';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import { readyExperiment, type Job, type ReadyExperiment } from './jobs.js';
import type { Selection } from './plan.js';
import { describeMachine, describeVersions } from './provenance.js';
import type { BaselineResult, Machine, Results, RunRecord, Trained, Versions } from './results.js';
import { RunStore } from './run-store.js';
import { freshModel, labelTensor, trainJob } from './train.js';
import { classCurves, type RunCurves } from './class-curves.js';
import { MOST_REMEMBERED, wrongRows } from './wrong-rows.js';
import { kernelVersion } from './verify/hashes.js';

/** What a front end hears while experiments run. All methods are optional. */
export interface ReproduceListener {
  /** Data is there; `resumed` runs were found finished. */
  ready?(experiment: Experiment, ready: ReadyExperiment, resumed: number): void;
  estimate?(estimate: Estimate): void;
  runStart?(job: Job): void;
  /** Training rows done in this run since the last call. */
  rows?(job: Job, rows: number): void;
  runEnd?(job: Job, record: RunRecord): void;
  /** All runs of an experiment are there and its results.json is written; others may follow. */
  experimentEnd?(outcome: Reproduced): void;
}

export interface ReproduceOptions {
  readonly selections: readonly { readonly experiment: Experiment; readonly selection: Selection }[];
  readonly outDir: string;
  readonly load: Omit<LoadContext, 'signal'>;
  /** Take finished runs from `outDir` instead of running them again. Default false. */
  readonly resume?: boolean;
  readonly threads?: number;
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

interface Work {
  readonly ready: ReadyExperiment;
  readonly store: RunStore;
  readonly folder: string;
  readonly records: Map<string, RunRecord>;
  readonly todo: readonly Job[];
}

/** Jobs that differ in their seed only cost the same. */
function costKey(job: Job): string {
  return JSON.stringify([job.experiment.id, job.preparedHash, job.mask, job.config]);
}

/**
 * Estimates what is to be run: memory from the shapes, and refused before a step is taken if the machine has too little;
 * then time from a few real steps of each different model.
 */
function estimateWork(works: readonly Work[], available: number, signal: AbortSignal | undefined): Estimate {
  const examples = new Map<string, Job>();
  for (const job of works.flatMap((w) => w.todo)) if (!examples.has(costKey(job))) examples.set(costKey(job), job);
  let largest = 0;
  for (const job of examples.values()) {
    // The data are in memory already: only what comes on top must still fit.
    const needed = trainingMemory(freshModel(job), job.config.batchSize, 0);
    requireMemory(`reproduce ${job.label}`, needed, available);
    largest = Math.max(largest, needed.total);
  }
  const seconds = new Map<string, number>();
  for (const [key, job] of examples) {
    signal?.throwIfAborted();
    const { train, validation, test } = job.prepared;
    const rows = Math.min(job.config.batchSize, train.labels.length);
    const model = freshModel(job);
    const step = (from: number): number => {
      const end = Math.min(train.labels.length, from + rows);
      const started = performance.now();
      model.trainOnBatch(train.x.rows(from, end), labelTensor({ ...train, labels: train.labels.subarray(from, end) }));
      return (performance.now() - started) / 1000 / (end - from);
    };
    step(0); // the first step allocates
    const perRow = Math.min(step(rows % train.labels.length), step(0));
    const forwardRows = job.config.epochs * validation.labels.length + test.labels.length + validation.labels.length;
    seconds.set(key, perRow * (job.config.epochs * train.labels.length + forwardRows / 3));
  }
  const perRun = new Map(works.flatMap((w) => w.todo).map((job) => [job.id, seconds.get(costKey(job)) ?? 0]));
  const total = [...perRun.values()].reduce((sum, s) => sum + s, 0);
  const data = works.reduce((sum, w) => sum + w.ready.dataBytes, 0);
  return { runs: perRun.size, seconds: total, bytes: largest + data, perRun };
}

async function runJob(job: Job, work: Work, machine: Machine, versions: Versions, options: ReproduceOptions): Promise<void> {
  const { listener, signal } = options;
  listener?.runStart?.(job);
  const { record, model, probabilities, scores } = await trainJob(job, (rows) => listener?.rows?.(job, rows), signal).catch(
    (error: unknown) => {
      if (error instanceof SarafError) throw new SarafError(error.code, `reproduce ${job.label}`, error.message, { cause: error });
      throw error;
    },
  );
  const cells = work.ready.cells.filter((c) => c.jobs.includes(job));
  const evaluations = Object.fromEntries(cells.map((c) => [c.cell.protocol, evaluateRun(work.ready, c, record)]));
  const config = {
    experiment: job.experiment.id,
    id: job.id,
    seed: job.seed,
    mask: job.mask,
    config: job.config,
    cells: cells.map(({ cell }) => ({ factor: cell.factor, variant: cell.variant, protocol: cell.protocol })),
    preparedSha256: job.preparedHash,
    data: work.ready.loaded.sources,
    classNames: work.ready.loaded.classNames,
    machine,
    versions,
  };
  const repeated = (row: number): boolean => cells.some((c) => c.prepared.test.keep?.[row] === 0);
  const wrong = wrongRows(job.prepared, record.testPredictions, probabilities, work.ready.loaded.classNames, repeated);
  const { labels } = job.prepared.test;
  const { classNames } = work.ready.loaded;
  const keep = cells.map((c) => c.prepared.test.keep).find((k) => k !== undefined);
  const curves: RunCurves = {
    all: classCurves(labels, scores, classNames),
    ...(keep ? { counted: classCurves(labels, scores, classNames, keep) } : {}),
  };
  const metrics = { metric: job.experiment.metric, evaluations };
  model.preprocessing = job.prepared.preprocessing ?? null;
  await work.store.write({ ...record, curves }, config, metrics, wrong, (folder) => model.save(folder));
  work.records.set(job.id, { ...record, curves, wrong: wrong.slice(0, MOST_REMEMBERED) });
  listener?.runEnd?.(job, record);
}

function withoutRows(trained: Trained): Trained {
  const copy = { ...trained };
  delete copy.wrong;
  return copy;
}

async function baselinesOf(ready: ReadyExperiment): Promise<BaselineResult[]> {
  const { experiment, protocols } = ready.plan;
  const found: BaselineResult[] = [];
  for (const protocol of protocols) {
    const cell = ready.cells.find((c) => c.cell.protocol === protocol);
    if (!cell || !experiment.baselines) continue;
    for (const b of await experiment.baselines(ready.loaded, cell.prepared)) found.push({ protocol, ...b });
  }
  return found;
}

/**
 * Runs selections of experiments: loads and prepares data, estimates, trains what is missing, and writes results.json and a
 * folder per run under `outDir/<experiment>/`.
 *
 * A run's folder appears whole or not at all; when `signal` aborts, those that are there stay.
 * Throws: ERR_ARG, ERR_DATA, ERR_MEMORY before anything is trained; the signal's reason when aborted.
 * Example: `await reproduce({ selections: [{ experiment: findExperiment('nusax-lstm'), selection: { scale: 'quick' } }], outDir: 'out', load: { dataDir: undefined, onProgress: undefined } })`
 */
export async function reproduce(options: ReproduceOptions): Promise<Reproduced[]> {
  const { signal, listener } = options;
  if (options.selections.length === 0) throw new SarafError('ERR_ARG', 'reproduce', 'expected at least one experiment, received none');
  if (options.threads !== undefined) loadAddon().native.setThreads(options.threads);
  const works: Work[] = [];
  for (const { experiment, selection } of options.selections) {
    const ready = await readyExperiment(experiment, { selection, load: { ...options.load, signal }, kernels: kernelVersion() });
    const folder = join(options.outDir, experiment.id);
    const store = new RunStore(folder);
    const records = new Map<string, RunRecord>();
    if (options.resume === true) {
      for (const job of ready.jobs) {
        const found = store.read(job.id);
        if (found) records.set(job.id, found);
      }
    }
    works.push({ ready, store, folder, records, todo: ready.jobs.filter((job) => !records.has(job.id)) });
    listener?.ready?.(experiment, ready, records.size);
  }
  const estimate = estimateWork(works, options.availableBytes ?? availableMemory(), signal);
  listener?.estimate?.(estimate);

  const machine = describeMachine();
  const versions = describeVersions(kernelVersion());
  for (const work of works) {
    work.store.clean();
    for (const job of work.todo) work.store.remove(job.id);
  }
  const outcomes: Reproduced[] = [];
  for (const work of works) {
    for (const job of work.todo) {
      signal?.throwIfAborted();
      await runJob(job, work, machine, versions, options);
    }
    const baselines = await baselinesOf(work.ready);
    const audits = auditExperiment(work.ready, options.rows);
    const date = new Date().toISOString();
    const { results, trained, besideTrained } = collectResults(work.ready, work.records, { machine, versions, date, baselines, audits });
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
  return outcomes;
}
