import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import { makeFolder } from '../files/make-folder.js';
import type { Baseline, Prepared } from './experiment.js';
import { canonicalJson, fingerprint } from './fingerprint.js';
import type { CellJobs, ReadyExperiment } from './jobs.js';
import type { Versions } from './results.js';

/** What baselines look at beyond the rows that a network sees: the texts, which test rows count, the rows before resampling. */
function beyondRows({ audited, test, unsampled }: Prepared): string {
  const hash = createHash('sha256');
  for (const texts of [audited.train.texts, audited.test.texts, unsampled?.texts]) hash.update(canonicalJson(texts ?? null));
  for (const values of [test.keep, unsampled?.labels]) hash.update(canonicalJson(values ? Array.from(values) : null));
  return hash.digest('hex');
}

/** Names what determines the baselines of a cell, apart from code. */
export function baselineKey({ plan, loaded }: ReadyExperiment, own: CellJobs, versions: Versions): string {
  const { experiment } = plan;
  return fingerprint({
    experiment: experiment.id,
    score: experiment.score ?? null,
    classNames: loaded.classNames,
    prepared: own.jobs[0]?.preparedHash ?? null,
    beyond: beyondRows(own.prepared),
    kernels: versions.kernels,
    saraf: versions.saraf,
  }).slice(0, 16);
}

/** `baselines.json` in an experiment's folder: so that drawing a report once more does not learn them again. */
export class BaselineStore {
  private readonly path: string;
  private readonly found: Record<string, readonly Baseline[]>;

  /** `resume`: use what is there. A file that is damaged counts as none. */
  constructor(folder: string, resume: boolean) {
    this.path = join(folder, 'baselines.json');
    this.found = resume ? readStored(this.path) : {};
  }

  get(key: string): readonly Baseline[] | undefined {
    return Object.hasOwn(this.found, key) ? this.found[key] : undefined;
  }

  set(key: string, baselines: readonly Baseline[]): void {
    this.found[key] = baselines;
    makeFolder(join(this.path, '..'));
    writeFileAtomic(this.path, toJsonText(this.found));
  }
}

function readStored(path: string): Record<string, readonly Baseline[]> {
  if (!existsSync(path)) return {};
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, readonly Baseline[]>) : {};
  } catch {
    return {};
  }
}
