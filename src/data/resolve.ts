import { existsSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve as absolute } from 'node:path';
import { SarafError } from '../errors.js';
import { cacheDir } from './cache.js';
import { readChecked } from './check-table.js';
import type { CsvOptions } from './csv-options.js';
import type { DataFile, DataSet, FileFacts, Layout } from './data-set.js';
import { download, Unreachable } from './download.js';
import { sha256File, writeWhole } from './hash.js';
import { fetchPackage } from './npm-package.js';
import type { OnProgress } from './progress.js';
import { dataSet } from './registry.js';

/** Where a file was found: fetched earlier, in the mirror folder, at its public address just now, or in an npm package. */
export type Source = 'cache' | 'mirror' | 'download' | 'npm';

export interface ResolveOptions {
  /** Mirror folder. Default: the environment variable SARAF_DATA; none if that is not set. */
  dataDir?: string | undefined;
  /** Folder for fetched files. Default: SARAF_CACHE or the system's folder for caches. */
  cacheDir?: string | undefined;
  /** Only these files of the set. Default: all. */
  files?: readonly string[] | undefined;
  /** Only this layout. Default: the first that can be had. */
  layout?: string | undefined;
  /** Ask no public address. Default: false, or true if SARAF_OFFLINE is 1. */
  offline?: boolean | undefined;
  /** Whether a set of another kind may stand in when this one cannot be had. Default true; the result says so. */
  standIn?: boolean | undefined;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

export interface ResolvedFile {
  readonly name: string;
  readonly path: string;
  readonly source: Source;
  readonly sha256: string;
  readonly bytes: number;
  /** How to read it, if it is a table. */
  readonly csv: CsvOptions | undefined;
}

/** A data set whose files are here and are the ones meant. */
export interface ResolvedDataSet {
  readonly id: string;
  readonly title: string;
  readonly licence: string;
  readonly layout: string;
  readonly source: Source;
  /** True if this is another data set than the one asked for: no figure of it may stand beside a published one. */
  readonly standIn: boolean;
  /** Why it stands in, and how these files differ from the original: belongs on top of every report. */
  readonly notes: readonly string[];
  readonly files: readonly ResolvedFile[];
}

const ORDER: readonly Source[] = ['cache', 'mirror', 'download', 'npm'];

/**
 * Finds the files of a data set: in the cache, then in a mirror folder, then at their public addresses; failing all of these,
 * fetches a real data set of another kind from an npm package and says so.
 *
 * Throws: ERR_DATA for a file with another hash than declared (naming both, and the cure), or if nothing can be had (naming all that
 *         was tried); ERR_ARG for an unknown set, layout or file, or a mirror folder that is none.
 * Example: `const { files, standIn } = await resolveDataset('nusax-senti', { dataDir: '/data' })`
 */
export async function resolveDataset(id: string | DataSet, options: ResolveOptions = {}): Promise<ResolvedDataSet> {
  const set = typeof id === 'string' ? dataSet(id) : id;
  return (await resolveLocally(set, options)) ?? (await resolveRemotely(set, options));
}

/** The mirror folder in use, or undefined. Throws ERR_ARG if one is named that is no folder. */
export function mirrorDir(options: ResolveOptions): string | undefined {
  const named = options.dataDir ?? process.env['SARAF_DATA'];
  if (!named) return undefined;
  const path = absolute(named);
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    const where = options.dataDir ? 'the mirror folder (--data)' : 'SARAF_DATA';
    throw new SarafError(
      'ERR_ARG',
      'data',
      `expected ${where} to be a folder, received ${path}, which is ${existsSync(path) ? 'a file' : 'not there'}; correct the path or leave it out`,
    );
  }
  return path;
}

/** Path at which a fetched file lies, and where a file got by hand belongs. */
export function cachePath(set: DataSet, file: DataFile, cache: string): string {
  return join(cache, set.id, ...file.name.split('/'));
}

/** Layouts that hold every file asked for. */
function layoutsFor(set: DataSet, options: ResolveOptions): { layout: Layout; files: readonly DataFile[] }[] {
  const named = set.layouts.filter((layout) => (options.layout === undefined ? !layout.onlyByName : layout.name === options.layout));
  if (named.length === 0) {
    throw new SarafError(
      'ERR_ARG',
      'data',
      `expected a layout of ${set.id} (${set.layouts.map((l) => l.name).join(', ')}), received ${JSON.stringify(options.layout)}`,
    );
  }
  const wanted = options.files;
  if (!wanted) return named.map((layout) => ({ layout, files: layout.files }));
  const fitting = named
    .map((layout) => ({ layout, files: layout.files.filter((file) => wanted.includes(file.name)) }))
    .filter(({ files }) => files.length === wanted.length);
  if (fitting.length === 0) {
    const known = named.flatMap((layout) => layout.files.map((file) => file.name));
    const unknown = wanted.find((name) => !known.includes(name));
    throw new SarafError(
      'ERR_ARG',
      'data',
      `expected files of ${set.id} (${known.join(', ')}), received ${JSON.stringify(unknown ?? wanted)}`,
    );
  }
  return fitting;
}

/** The set as cache and mirror have it, verified; undefined if no layout is complete there. */
export async function resolveLocally(set: DataSet, options: ResolveOptions): Promise<ResolvedDataSet | undefined> {
  const cache = options.cacheDir ?? cacheDir();
  const mirror = mirrorDir(options);
  for (const { layout, files } of layoutsFor(set, options)) {
    const places = files.map((file) => localPlace(set, file, cache, mirror));
    if (places.some((place) => place === undefined)) continue;
    const found: ResolvedFile[] = [];
    for (const [i, file] of files.entries()) found.push(await verified(file, places[i] as LocalPlace, options));
    return resolved(set, layout, found);
  }
  return undefined;
}

interface LocalPlace {
  readonly source: 'cache' | 'mirror';
  readonly path: string;
}

function localPlace(set: DataSet, file: DataFile, cache: string, mirror: string | undefined): LocalPlace | undefined {
  const fetched = cachePath(set, file, cache);
  if (existsSync(fetched)) return { source: 'cache', path: fetched };
  if (!mirror || !file.mirror) return undefined;
  const path = join(mirror, ...file.mirror.path.split('/'));
  return existsSync(path) ? { source: 'mirror', path } : undefined;
}

async function verified(file: DataFile, place: LocalPlace, options: ResolveOptions): Promise<ResolvedFile> {
  const bytes = statSync(place.path).size;
  const sha256 = await sha256File(place.path, (done) =>
    options.onProgress?.({ phase: 'verify', what: file.name, done, total: bytes, unit: 'bytes' }),
  );
  const found = { name: file.name, path: place.path, source: place.source, sha256, bytes };
  // A file put into the cache by hand may be the public one or a copy from a mirror.
  const candidates: (FileFacts & { csv?: CsvOptions })[] = place.source === 'mirror' ? [] : file.public ? [file.public] : [];
  if (file.mirror) candidates.push(file.mirror);
  const match = candidates.find((facts) => facts.sha256 === sha256);
  if (match) return { ...found, csv: match.csv };
  if (place.source === 'cache' && file.public && file.public.sha256 === null) {
    await judgeByContent(file, place.path, sha256, options);
    return { ...found, csv: file.public.csv };
  }
  const expected = candidates.map((facts) => facts.sha256).filter((hash) => hash !== null);
  throw new SarafError(
    'ERR_DATA',
    'data',
    `expected ${place.path} to have SHA-256 ${expected.join(' or ')}, received ${sha256} (${bytes} bytes${candidates[0]?.bytes == null ? '' : `, expected ${candidates[0].bytes}`}); ${
      place.source === 'mirror'
        ? 'copy the file again from where the mirror has it, or leave out --data to fetch the public one'
        : 'delete the file: it will be fetched again'
    }`,
  );
}

/** A file whose hash nobody recorded: believed if its rows and labels are right, and from then on held to the hash it had. */
async function judgeByContent(file: DataFile, path: string, sha256: string, options: ResolveOptions): Promise<void> {
  const receipt = `${path}.sha256`;
  const earlier = existsSync(receipt) ? (await readFile(receipt, 'utf8')).trim() : undefined;
  if (earlier === sha256) return;
  if (earlier !== undefined) {
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected ${path} to have SHA-256 ${earlier} as when it came, received ${sha256}; delete it and ${receipt}: it will be fetched again`,
    );
  }
  await readChecked(path, file.public?.csv, file.table, options.signal);
  process.emitWarning(
    `${path}: the public file's hash is not known to saraf; believed because rows and label counts are right (SHA-256 ${sha256})`,
    {
      code: 'SARAF_UNKNOWN_HASH',
    },
  );
  await writeWhole(receipt, `${sha256}\n`);
}

function resolved(set: DataSet, layout: Layout, files: readonly ResolvedFile[]): ResolvedDataSet {
  const source = files.reduce<Source>((worst, file) => (ORDER.indexOf(file.source) > ORDER.indexOf(worst) ? file.source : worst), 'cache');
  return {
    id: set.id,
    title: set.title,
    licence: set.licence,
    layout: layout.name,
    source,
    standIn: false,
    notes: layout.note ? [layout.note] : [],
    files,
  };
}

/** The set from its public addresses, else its stand-in. */
export async function resolveRemotely(set: DataSet, options: ResolveOptions): Promise<ResolvedDataSet> {
  const cache = options.cacheDir ?? cacheDir();
  const mirror = mirrorDir(options);
  const offline = options.offline ?? process.env['SARAF_OFFLINE'] === '1';
  const tried: string[] = [
    `${join(cache, set.id)}: not complete`,
    mirror ? `${mirror}: not complete` : 'no mirror folder (--data or SARAF_DATA)',
  ];
  for (const { layout, files } of layoutsFor(set, options)) {
    if (!files.every((file) => file.public || localPlace(set, file, cache, mirror))) continue;
    if (offline) {
      tried.push('public addresses: not asked (offline)');
      break;
    }
    try {
      const found: ResolvedFile[] = [];
      for (const file of files) {
        const place = localPlace(set, file, cache, mirror);
        found.push(place ? await verified(file, place, options) : await fetched(set, file, cache, options));
      }
      return resolved(set, layout, found);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      tried.push(error.message);
    }
  }
  if (set.standIn && options.standIn !== false) {
    try {
      return await standInOf(set, cache, tried, options);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      tried.push(error.message);
    }
  }
  throw new SarafError(
    'ERR_DATA',
    'data',
    `expected the data set ${set.id}, received nothing from: ${tried.join('; ')}. Connect to the network, point --data at a copy, or get it by hand from ${set.address} (saraf data list ${set.id} says where to put it)`,
  );
}

async function fetched(set: DataSet, file: DataFile, cache: string, options: ResolveOptions): Promise<ResolvedFile> {
  const facts = file.public;
  if (!facts) throw new Unreachable(file.name, 'no public address');
  const path = cachePath(set, file, cache);
  const { sha256, bytes } = await download(facts.url, path, {
    bytes: facts.bytes,
    sha256: facts.sha256,
    onProgress: options.onProgress,
    signal: options.signal,
  });
  if (facts.sha256 === null) {
    try {
      await judgeByContent(file, path, sha256, options);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }
  return { name: file.name, path, source: 'download', sha256, bytes, csv: facts.csv };
}

async function standInOf(set: DataSet, cache: string, tried: readonly string[], options: ResolveOptions): Promise<ResolvedDataSet> {
  const standIn = set.standIn;
  if (!standIn) throw new Unreachable(set.id, 'no stand-in is declared');
  const path = await fetchPackage(cache, standIn, options);
  return {
    id: set.id,
    title: standIn.title,
    licence: standIn.licence,
    layout: `npm ${standIn.package}@${standIn.version}`,
    source: 'npm',
    standIn: true,
    notes: [`${set.id} could not be had (${tried.join('; ')})`, `${standIn.title} stands in: ${standIn.note}`],
    files: [{ name: standIn.package, path, source: 'npm', sha256: standIn.sha256, bytes: standIn.bytes, csv: undefined }],
  };
}
