import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import { makeFolder } from '../files/make-folder.js';
import { curvesFile, readCurves } from './class-curves.js';
import type { HistoryRecord, RunRecord } from './results.js';
import { MOST_REMEMBERED, readWrongRows, wrongRowsFile, type WrongRow } from './wrong-rows.js';

/** What a run folder keeps beside history, metrics and weights. */
export type RunConfigFile = Readonly<Record<string, unknown>>;

function toCsv(history: HistoryRecord): string {
  const keys = Object.keys(history);
  const epochs = Math.max(0, ...keys.map((k) => history[k]?.length ?? 0));
  const rows = Array.from({ length: epochs }, (_, e) => [e + 1, ...keys.map((k) => history[k]?.[e] ?? '')].join(','));
  return [['epoch', ...keys].join(','), ...rows, ''].join('\n');
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'resume', `expected JSON in ${path}; remove the folder and run again`, { cause });
  }
}

/**
 * The folders of finished runs: `runs/<id>/` with config.json, history.csv, history.json, predictions.json,
 * errors.json, roc.json, metrics.json
 * and the weights. A run is written under a temporary name and renamed when it is whole, so a folder that is there is finished.
 */
export class RunStore {
  readonly folder: string;

  constructor(experimentFolder: string) {
    this.folder = join(experimentFolder, 'runs');
  }

  path(id: string): string {
    return join(this.folder, id);
  }

  /** The finished run, or null. Throws ERR_FORMAT if its files cannot be read. */
  read(id: string): RunRecord | null {
    const folder = this.path(id);
    if (!existsSync(join(folder, 'metrics.json'))) return null;
    const metrics = parse(join(folder, 'metrics.json')) as Partial<RunRecord>;
    const predictions = parse(join(folder, 'predictions.json')) as { test?: number[]; validation?: number[] };
    const history = parse(join(folder, 'history.json')) as HistoryRecord;
    if (
      metrics.id !== id ||
      typeof metrics.seconds !== 'number' ||
      typeof metrics.seed !== 'number' ||
      !predictions.test ||
      !predictions.validation
    ) {
      throw new SarafError('ERR_FORMAT', 'resume', `expected the record of run ${id} in ${folder}; remove the folder and run again`);
    }
    const wrong = readWrongRows(folder);
    const curves = readCurves(folder);
    return {
      id,
      seed: metrics.seed,
      seconds: metrics.seconds,
      rowsPerSecond: metrics.rowsPerSecond ?? 0,
      history,
      testPredictions: predictions.test,
      validationPredictions: predictions.validation,
      ...(wrong ? { wrong: wrong.slice(0, MOST_REMEMBERED) } : {}),
      ...(curves ? { curves } : {}),
    };
  }

  /** What config.json of a finished run holds; null without a run. Throws ERR_FORMAT if it cannot be read. */
  config(id: string): RunConfigFile | null {
    const path = join(this.path(id), 'config.json');
    return existsSync(path) ? (parse(path) as RunConfigFile | null) : null;
  }

  /** How the network of a finished run was defined, see `networkFingerprint`; null in runs from before it was kept. Throws ERR_FORMAT. */
  network(id: string): string | null {
    const network = this.config(id)?.['network'];
    return typeof network === 'string' ? network : null;
  }

  /** Writes a whole run; `saveWeights` gets the folder to write the model into. */
  async write(
    record: RunRecord,
    config: RunConfigFile,
    metrics: Readonly<Record<string, unknown>>,
    wrong: readonly WrongRow[],
    saveWeights: (folder: string) => Promise<void> | void,
  ): Promise<void> {
    const temporary = join(this.folder, `.${record.id}.${process.pid}.tmp`);
    rmSync(temporary, { recursive: true, force: true });
    makeFolder(temporary);
    try {
      writeFileAtomic(join(temporary, 'config.json'), toJsonText(config));
      writeFileAtomic(join(temporary, 'history.json'), toJsonText(record.history));
      writeFileAtomic(join(temporary, 'history.csv'), toCsv(record.history));
      writeFileAtomic(
        join(temporary, 'predictions.json'),
        `${JSON.stringify({ test: record.testPredictions, validation: record.validationPredictions })}\n`,
      );
      const errors = wrongRowsFile(wrong);
      writeFileAtomic(join(temporary, errors.name), errors.text);
      if (record.curves) {
        const curves = curvesFile(record.curves);
        writeFileAtomic(join(temporary, curves.name), curves.text);
      }
      await saveWeights(join(temporary, 'model'));
      writeFileAtomic(
        join(temporary, 'metrics.json'),
        toJsonText({ id: record.id, seed: record.seed, seconds: record.seconds, rowsPerSecond: record.rowsPerSecond, ...metrics }),
      );
      rmSync(this.path(record.id), { recursive: true, force: true });
      renameSync(temporary, this.path(record.id));
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  remove(id: string): void {
    rmSync(this.path(id), { recursive: true, force: true });
  }

  /** Removes what a killed process left half-written. */
  clean(): void {
    if (!existsSync(this.folder)) return;
    for (const name of readdirSync(this.folder))
      if (/^\..*\.tmp$/.test(name)) rmSync(join(this.folder, name), { recursive: true, force: true });
  }
}
