import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { cacheDir } from './cache.js';
import type { DataFile, DataSet, Layout } from './data-set.js';
import { cachePath, mirrorDir, resolveLocally, type ResolveOptions } from './resolve.js';

/** One file of a set: where it may be had, where it belongs, and whether it is here. */
export interface FileStatus {
  readonly file: DataFile;
  readonly layout: string;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly present: 'cache' | 'mirror' | 'no';
  /** Where it is, or where a file got by hand belongs. */
  readonly path: string;
}

/** Every file of a set and whether it is here; nothing is read, so a wrong file counts as present (see `verifyDataset`). */
export function inventory(set: DataSet, options: Pick<ResolveOptions, 'dataDir' | 'cacheDir'> = {}): FileStatus[] {
  const cache = options.cacheDir ?? cacheDir();
  const mirror = mirrorDir(options);
  const status = (layout: Layout, file: DataFile): FileStatus => {
    const facts = file.public ?? file.mirror;
    const base = { file, layout: layout.name, bytes: facts?.bytes ?? null, sha256: facts?.sha256 ?? null };
    const cached = cachePath(set, file, cache);
    if (existsSync(cached)) return { ...base, present: 'cache', path: cached };
    const copy = mirror && file.mirror ? join(mirror, ...file.mirror.path.split('/')) : undefined;
    if (copy !== undefined && existsSync(copy)) {
      return {
        ...base,
        bytes: file.mirror?.bytes ?? statSync(copy).size,
        sha256: file.mirror?.sha256 ?? null,
        present: 'mirror',
        path: copy,
      };
    }
    return { ...base, present: 'no', path: cached };
  };
  return set.layouts.flatMap((layout) => layout.files.map((file) => status(layout, file)));
}

/** Result of checking one file: `good`, `absent`, or the reason why it is bad. */
export interface Verdict {
  readonly status: FileStatus;
  readonly verdict: 'good' | 'absent' | 'bad';
  readonly sha256?: string;
  readonly error?: SarafError;
}

/** Checks every file that is here against its hash, all of them even if some are bad. Asks no network. */
export async function verifyDataset(set: DataSet, options: ResolveOptions = {}): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const status of inventory(set, options)) {
    if (status.present === 'no') {
      verdicts.push({ status, verdict: 'absent' });
      continue;
    }
    try {
      const found = await resolveLocally(set, { ...options, layout: status.layout, files: [status.file.name] });
      const sha256 = found?.files[0]?.sha256;
      verdicts.push({ status, verdict: found ? 'good' : 'absent', ...(sha256 === undefined ? {} : { sha256 }) });
    } catch (error) {
      if (!(error instanceof SarafError)) throw error;
      verdicts.push({ status, verdict: 'bad', error });
    }
  }
  return verdicts;
}
