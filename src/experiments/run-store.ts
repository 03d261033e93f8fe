import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import { makeFolder } from '../files/make-folder.js';
import { inUse, ownerTag } from '../files/owner.js';
import { curvesFile } from './class-curves.js';
import { readPackedRuns } from './packed-runs.js';
import type { HistoryRecord, RunRecord } from './results.js';
import { readRunFolder, RUNS_FOLDER, type RunConfigFile, type StoredRun } from './stored-run.js';
import { MOST_REMEMBERED, readWrongRows, wrongRowsFile, type WrongRow } from './wrong-rows.js';

function toCsv(history: HistoryRecord): string {
  const keys = Object.keys(history);
  const epochs = Math.max(0, ...keys.map((k) => history[k]?.length ?? 0));
  const rows = Array.from({ length: epochs }, (_, e) => [e + 1, ...keys.map((k) => history[k]?.[e] ?? '')].join(','));
  return [['epoch', ...keys].join(','), ...rows, ''].join('\n');
}

/**
 * The folders of finished runs: `runs/<id>/` with config.json, history.csv, history.json, predictions.json,
 * errors.json, roc.json, metrics.json
 * and the weights. A run is written under a temporary name and renamed when it is whole, so a folder that is there is finished.
 * Runs that `packRuns` gathered, here or on another machine, count as finished too.
 */
export class RunStore {
  readonly folder: string;
  /** Where runs wait that are being trained again. */
  readonly replaced: string;
  private readonly experimentFolder: string;
  private packed: ReadonlyMap<string, StoredRun> | undefined;

  constructor(experimentFolder: string) {
    this.experimentFolder = experimentFolder;
    this.folder = join(experimentFolder, RUNS_FOLDER);
    this.replaced = join(experimentFolder, `${RUNS_FOLDER}.replaced`);
  }

  path(id: string): string {
    return join(this.folder, id);
  }

  /** The run's folder, else what was packed of it. Throws ERR_FORMAT if neither can be read. */
  private stored(id: string): StoredRun | null {
    const own = readRunFolder(this.path(id));
    if (own?.metrics.id === id) return own;
    if (own)
      throw new SarafError('ERR_FORMAT', 'resume', `expected run ${id} in ${this.path(id)}, received ${own.metrics.id}; remove the folder and run again`); // prettier-ignore
    this.packed ??= readPackedRuns(this.experimentFolder);
    return this.packed.get(id) ?? null;
  }

  /** The finished run, or null. One that was packed has no wrong rows. Throws ERR_FORMAT if its files cannot be read. */
  read(id: string): RunRecord | null {
    const run = this.stored(id);
    if (!run) return null;
    const wrong = readWrongRows(this.path(id));
    return {
      id,
      seed: run.metrics.seed,
      seconds: run.metrics.seconds,
      rowsPerSecond: run.metrics.rowsPerSecond ?? 0,
      history: run.history,
      testPredictions: run.predictions.test,
      validationPredictions: run.predictions.validation,
      ...(wrong ? { wrong: wrong.slice(0, MOST_REMEMBERED) } : {}),
      ...(run.curves ? { curves: run.curves } : {}),
    };
  }

  /** What config.json of a finished run holds; null without a run. Throws ERR_FORMAT if it cannot be read. */
  config(id: string): RunConfigFile | null {
    return this.stored(id)?.config ?? null;
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
    const temporary = join(this.folder, `.${record.id}.${ownerTag()}.tmp`);
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
      this.put(temporary, this.path(record.id));
      this.forgetReplaced(record.id);
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  /** Gives a whole run its name. Where another process has just done so, its run is the same one, and stays. */
  private put(temporary: string, path: string): void {
    rmSync(path, { recursive: true, force: true });
    try {
      renameSync(temporary, path);
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
      rmSync(temporary, { recursive: true, force: true });
    }
  }

  /** Moves a finished run out of the way until it is trained again; then it goes. Returns whether there was one. */
  setAside(id: string): boolean {
    if (!existsSync(this.path(id))) return false;
    makeFolder(this.replaced);
    rmSync(join(this.replaced, id), { recursive: true, force: true });
    renameSync(this.path(id), join(this.replaced, id));
    return true;
  }

  private forgetReplaced(id: string): void {
    if (!existsSync(this.replaced)) return;
    rmSync(join(this.replaced, id), { recursive: true, force: true });
    try {
      rmdirSync(this.replaced);
    } catch {
      // Others wait there, or another process was first.
    }
  }

  /** Removes what a killed process left half-written; what another one is writing stays. */
  clean(): void {
    if (!existsSync(this.folder)) return;
    for (const name of readdirSync(this.folder)) {
      const [, tag] = /^\.[^.]+\.(.*)\.tmp$/.exec(name) ?? [];
      const path = join(this.folder, name);
      if (tag !== undefined && !inUse(path, tag)) rmSync(path, { recursive: true, force: true });
    }
  }
}
