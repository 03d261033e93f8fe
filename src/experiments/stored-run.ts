import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { readCurves, type RunCurves } from './class-curves.js';
import type { HistoryRecord, RunRecord } from './results.js';

/** Holds a folder per run, in the folder of an experiment. */
export const RUNS_FOLDER = 'runs';

/** What a run folder keeps beside history, metrics and weights. */
export type RunConfigFile = Readonly<Record<string, unknown>>;

/** All that a finished run keeps but its weights and the data's own texts and pictures. */
export interface StoredRun {
  readonly config: RunConfigFile | null;
  readonly metrics: Pick<RunRecord, 'id' | 'seed' | 'seconds'> & Partial<Pick<RunRecord, 'rowsPerSecond'>> & RunConfigFile;
  readonly history: HistoryRecord;
  readonly predictions: { readonly test: readonly number[]; readonly validation: readonly number[] };
  readonly curves?: RunCurves;
}

export function isStoredRun(value: unknown): value is StoredRun {
  const { metrics, history, predictions } = (value ?? {}) as Partial<StoredRun>;
  return (
    typeof metrics?.id === 'string' &&
    typeof metrics.seconds === 'number' &&
    typeof metrics.seed === 'number' &&
    typeof history === 'object' &&
    history !== null &&
    Array.isArray(predictions?.test) &&
    Array.isArray(predictions.validation)
  );
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'resume', `expected JSON in ${path}; remove the folder and run again`, { cause });
  }
}

/** The finished run in a folder; null if it has none, or one that is not finished. Throws ERR_FORMAT if its files cannot be read. */
export function readRunFolder(folder: string): StoredRun | null {
  if (!existsSync(join(folder, 'metrics.json'))) return null;
  const curves = readCurves(folder);
  const run: unknown = {
    config: readRunConfig(folder),
    metrics: parse(join(folder, 'metrics.json')),
    history: parse(join(folder, 'history.json')),
    predictions: parse(join(folder, 'predictions.json')),
    ...(curves ? { curves } : {}),
  };
  if (isStoredRun(run)) return run;
  throw new SarafError('ERR_FORMAT', 'resume', `expected the record of a run in ${folder}; remove the folder and run again`);
}

/** What config.json of a run's folder holds; null without one. Throws ERR_FORMAT if it cannot be read. */
function readRunConfig(folder: string): RunConfigFile | null {
  const path = join(folder, 'config.json');
  return existsSync(path) ? (parse(path) as RunConfigFile | null) : null;
}
