import { loadAddon } from '../backend/native.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Experiment, Loaded, LoadContext, MaskSetting, Prepared, TrainingConfig } from './experiment.js';
import { fingerprintPrepared } from './fingerprint.js';
import { planExperiment, runId, trainingConfig, type Plan, type PlannedCell, type Selection } from './plan.js';
import { sarafVersion } from './provenance.js';

/** One training to do: several cells may need it. */
export interface Job {
  readonly id: string;
  readonly experiment: Experiment;
  readonly config: TrainingConfig;
  readonly mask: MaskSetting;
  readonly seed: number;
  readonly prepared: Prepared;
  readonly preparedHash: string;
  /** The first cell that asked for it, for messages; with its protocol where protocols train apart. */
  readonly label: string;
}

/** A cell with its trainings, one per seed, and the data it is evaluated on. */
export interface CellJobs {
  readonly cell: PlannedCell;
  readonly jobs: readonly Job[];
  readonly prepared: Prepared;
}

export interface ReadyExperiment {
  readonly plan: Plan;
  readonly loaded: Loaded;
  readonly cells: readonly CellJobs[];
  /** Each training once, in the order of the cells. */
  readonly jobs: readonly Job[];
  readonly dataBytes: number;
}

/** What the kernels compute, see `kernelVersion`. */
export interface ReadyOptions {
  readonly selection: Selection;
  readonly load: LoadContext;
  readonly kernels: string;
}

function bytesOf(t: Tensor): number {
  return t.data().byteLength;
}

/** Loads and prepares the data of a selection and lists the trainings; trains nothing. Throws ERR_ARG, ERR_DATA. */
export async function readyExperiment(experiment: Experiment, options: ReadyOptions): Promise<ReadyExperiment> {
  const plan = planExperiment(experiment, options.selection);
  const loaded = await experiment.load(
    options.load,
    plan.cells.map((c) => c.config),
  );
  const preparations = new Map<string, { prepared: Prepared; hash: string }>();
  for (const cell of plan.cells) {
    if (preparations.has(cell.preparation)) continue;
    options.load.signal?.throwIfAborted();
    const prepared = await experiment.prepare(loaded, cell.config, options.load);
    preparations.set(cell.preparation, { prepared, hash: fingerprintPrepared(prepared) });
  }
  // Protocols that prepare equal rows share their tensors too.
  const byHash = new Map<string, Prepared>();
  const jobs = new Map<string, Job & { label: string }>();
  const protocolOf = new Map<string, string>();
  const cells = plan.cells.map((cell): CellJobs => {
    const found = preparations.get(cell.preparation);
    if (found === undefined) throw new Error(`no preparation ${cell.preparation}`);
    const shared = byHash.get(found.hash) ?? found.prepared;
    byHash.set(found.hash, shared);
    const own = plan.seeds.slice(0, cell.seeds).map((seed) => {
      const id = runId({
        experiment: experiment.id,
        config: trainingConfig(experiment, cell.config),
        mask: cell.mask,
        prepared: found.hash,
        seed,
        kernels: cell.config.precision === 'bfloat16' ? `${options.kernels} ${loadAddon().native.bf16Set()}` : options.kernels,
        saraf: sarafVersion(),
      });
      const job = jobs.get(id) ?? {
        id,
        experiment,
        config: cell.config,
        mask: cell.mask,
        seed,
        prepared: shared,
        preparedHash: found.hash,
        label: [
          experiment.id,
          cell.variant,
          cell.mask === null ? '' : `mask ${cell.mask}`,
          plan.precisions.length > 1 ? cell.precision : '',
          `seed ${seed}`,
        ]
          .filter((s) => s !== '')
          .join(' '),
      };
      if (!jobs.has(id)) protocolOf.set(id, cell.protocol);
      jobs.set(id, job);
      return job;
    });
    return { cell, jobs: own, prepared: found.prepared };
  });
  const labels = [...jobs.values()].map((job) => job.label);
  const shared = new Set(labels.filter((label, i) => labels.indexOf(label) < i));
  for (const job of jobs.values()) if (shared.has(job.label)) job.label += `, ${protocolOf.get(job.id)}`;
  const dataBytes = [...byHash.values()].reduce(
    (sum, p) => sum + [p.train, p.validation, p.test].reduce((n, part) => n + bytesOf(part.x) + part.labels.byteLength, 0),
    0,
  );
  return { plan, loaded, cells, jobs: [...jobs.values()], dataBytes };
}
