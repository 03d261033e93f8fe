import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { isStoredRun, readRunFolder, RUNS_FOLDER, type StoredRun } from './stored-run.js';

/** Where `packRuns` writes. */
export const PACKED_RUNS = 'runs.jsonl.gz';
/** Parts that came from other machines lie beside it under names of their own. */
const PACKED_NAME = /^runs.*\.jsonl\.gz$/;

function readLines(path: string): StoredRun[] {
  try {
    const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
    return lines.map((line) => {
      const run: unknown = JSON.parse(line);
      if (!isStoredRun(run)) throw new Error('a line is no run');
      return run;
    });
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'resume', `expected runs that saraf pack wrote in ${path}; the file is damaged, get it again or remove it`, { cause }); // prettier-ignore
  }
}

/** The runs in every `runs*.jsonl.gz` of an experiment's folder, by id. Throws ERR_FORMAT for a damaged file. */
export function readPackedRuns(experimentFolder: string): Map<string, StoredRun> {
  if (!existsSync(experimentFolder)) return new Map();
  const files = readdirSync(experimentFolder).filter((name) => PACKED_NAME.test(name)).sort(); // prettier-ignore
  return new Map(files.flatMap((name) => readLines(join(experimentFolder, name))).map((run) => [run.metrics.id, run]));
}

/** What `packRuns` wrote. */
export interface Packed {
  readonly path: string;
  readonly runs: number;
  readonly bytes: number;
}

/**
 * Gathers the finished runs of an experiment's folder, and those packed there before, in one file: configuration, history,
 * predictions, scores and curves, without weights and without the data's own texts and pictures. It may be passed on where the data
 * may not; laid into another machine's folder, `reproduce` with `resume` goes on from it.
 *
 * Throws: ERR_ARG if there is no finished run; ERR_FORMAT if one is damaged.
 */
export function packRuns(experimentFolder: string, path: string = join(experimentFolder, PACKED_RUNS)): Packed {
  const runs = readPackedRuns(experimentFolder);
  const folder = join(experimentFolder, RUNS_FOLDER);
  for (const id of existsSync(folder) ? readdirSync(folder) : []) {
    const run = id.startsWith('.') ? null : readRunFolder(join(folder, id));
    if (run) runs.set(run.metrics.id, run);
  }
  if (runs.size === 0)
    throw new SarafError('ERR_ARG', 'pack', `expected the folder of an experiment with finished runs, received ${experimentFolder}; give OUT/EXPERIMENT, as saraf reproduce wrote it`); // prettier-ignore
  const sorted = [...runs.values()].sort((a, b) => (a.metrics.id < b.metrics.id ? -1 : 1));
  const bytes = gzipSync(sorted.map((run) => `${JSON.stringify(run)}\n`).join(''), { level: 9 });
  writeFileAtomic(path, bytes);
  return { path, runs: runs.size, bytes: bytes.length };
}
