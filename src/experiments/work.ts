import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { classCurves, type RunCurves } from './class-curves.js';
import { evaluateRun } from './collect.js';
import type { Experiment, LoadContext } from './experiment.js';
import { readyExperiment, type Job, type ReadyExperiment } from './jobs.js';
import type { Selection } from './plan.js';
import { describeMachine, describeVersions } from './provenance.js';
import type { Machine, RunRecord, Versions } from './results.js';
import { RunStore } from './run-store.js';
import { networkOf } from './network.js';
import { trainJob } from './train.js';
import { kernelVersion } from './verify/hashes.js';
import { MOST_REMEMBERED, wrongRows } from './wrong-rows.js';

/** A part of an experiment to be run. */
export interface SelectedExperiment {
  readonly experiment: Experiment;
  readonly selection: Selection;
}

/** A selection with its data, and the folder that keeps its runs. */
export interface Work {
  readonly ready: ReadyExperiment;
  readonly store: RunStore;
  readonly folder: string;
  /** What trains here, for the record of each run. */
  readonly machine: Machine;
  readonly versions: Versions;
}

/**
 * Loads and prepares the data of a selection and opens its folder; trains nothing.
 *
 * Throws: ERR_ARG; ERR_DATA, also where the full scale would be trained on rows of another task: hours for figures that say nothing.
 */
export async function openWork({ experiment, selection }: SelectedExperiment, outDir: string, load: LoadContext): Promise<Work> {
  const ready = await readyExperiment(experiment, { selection, load, kernels: kernelVersion() });
  const { loaded, plan } = ready;
  if (!loaded.sameTask && plan.scale === 'full')
    throw new SarafError(
      'ERR_DATA',
      `reproduce ${experiment.id}`,
      `expected the data of the experiment at full scale, received a stand-in of another task: ${loaded.standIn ?? ''} ` +
        'Set SARAF_DATA or --data to a folder with a copy (saraf data list says what goes where); --scale quick runs on the stand-in',
    );
  const folder = join(outDir, experiment.id);
  return { ready, store: new RunStore(folder), folder, machine: describeMachine(), versions: describeVersions(kernelVersion()) };
}

/** Trains one job and writes its whole folder. Throws the signal's reason when aborted. */
export async function runJob(job: Job, work: Work, onRows: (rows: number) => void, signal: AbortSignal | undefined): Promise<RunRecord> {
  const network = networkOf(job);
  const { record, model, probabilities, scores } = await trainJob(job, onRows, signal).catch((error: unknown) => {
    if (error instanceof SarafError) throw new SarafError(error.code, `reproduce ${job.label}`, error.message, { cause: error });
    throw error;
  });
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
    network,
    data: work.ready.loaded.sources,
    classNames: work.ready.loaded.classNames,
    machine: work.machine,
    versions: work.versions,
    date: new Date().toISOString(),
  };
  const { classNames } = work.ready.loaded;
  const repeated = (row: number): boolean => cells.some((c) => c.prepared.test.keep?.[row] === 0);
  const wrong = wrongRows(job.prepared, record.testPredictions, probabilities, classNames, repeated);
  const { labels } = job.prepared.test;
  const keep = cells.map((c) => c.prepared.test.keep).find((k) => k !== undefined);
  const curves: RunCurves = {
    all: classCurves(labels, scores, classNames),
    ...(keep ? { counted: classCurves(labels, scores, classNames, keep) } : {}),
  };
  const metrics = { metric: job.experiment.metric, evaluations };
  model.preprocessing = job.prepared.preprocessing ?? null;
  await work.store.write({ ...record, curves }, config, metrics, wrong, (folder) => model.save(folder));
  return { ...record, curves, wrong: wrong.slice(0, MOST_REMEMBERED) };
}
