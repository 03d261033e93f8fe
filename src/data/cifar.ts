import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { SarafError } from '../errors.js';
import { cacheDir } from './cache.js';
import { archiveBatches, checkBatch } from './cifar-archive.js';
import { BATCH_ROWS, decodeJrec, PIXELS, RECORD, unpackBatch } from './cifar-batch.js';
import { writeWhole } from './hash.js';
import { loadMnist } from './mnist.js';
import { provenanceOf, type Provenance } from './provenance.js';
import { resolveLocally, resolveRemotely, type ResolvedDataSet, type ResolveOptions } from './resolve.js';
import { CIFAR10_BATCHES, CIFAR10_CLASSES, CIFAR10_SHA256, cifar10, type Cifar10Batch } from './sets/cifar-10.js';

/** Images as bytes, and their classes. */
export interface ImagePart {
  /** (rows,32,32,3), red green blue, 0 to 255. */
  readonly images: Uint8Array;
  /** (rows), numbers into `classes`. */
  readonly labels: Int32Array;
  readonly rows: number;
}

export interface ImageDataSet {
  readonly title: string;
  readonly train: ImagePart;
  readonly test: ImagePart;
  /** Shape of one image. */
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[];
  /** True if the pixels are JPEG copies: no figure is comparable with one on the original pixels. */
  readonly lossy: boolean;
  /** True if another data set stands in. */
  readonly standIn: boolean;
  readonly notes: readonly string[];
  readonly provenance: readonly Provenance[];
}

export interface Cifar10Options extends Omit<ResolveOptions, 'files' | 'layout'> {
  /** 'lossless': the 4,000 + 1,000 images that a mirror may hold with their original pixels. Default: all 60,000. */
  subset?: 'all' | 'lossless';
  /** Only the first so many: batches that are not needed are neither decoded nor read. */
  trainRows?: number;
  testRows?: number;
}

type Kind = 'original' | 'jpeg';

const TITLES: Record<Kind, string> = { original: 'CIFAR-10', jpeg: 'CIFAR-10 (lossy JPEG copies)' };

/**
 * CIFAR-10: 50,000 training and 10,000 test images of 32×32 in ten classes.
 *
 * From the official archive, or from JPEG copies in a mirror folder (`lossy: true`); either is unpacked once into the cache in the
 * official binary layout, and held to known hashes from then on. Where neither can be had, MNIST with `standIn: true`.
 * Throws: as `resolveDataset`; ERR_ARG for a number of rows that is not there.
 * Example: `const { train, test, lossy } = await loadCifar10({ dataDir, trainRows: 10_000 })`
 */
export async function loadCifar10(options: Cifar10Options = {}): Promise<ImageDataSet> {
  const lossless = options.subset === 'lossless';
  const most = lossless ? [4000, 1000] : [50_000, 10_000];
  const trainRows = rowsWanted('trainRows', options.trainRows, most[0] as number);
  const testRows = rowsWanted('testRows', options.testRows, most[1] as number);
  if (lossless) return losslessSubset(await resolveOrThrow(options), trainRows, testRows, options);

  const cache = options.cacheDir ?? cacheDir();
  const original = await unpacked('original', cache, trainRows, testRows, options);
  if (original) return original;
  const local = await resolveLocally(cifar10, options);
  if (local) return fromFiles(local, cache, trainRows, testRows, options);
  const decoded = await unpacked('jpeg', cache, trainRows, testRows, options);
  if (decoded) return decoded;
  const remote = await resolveRemotely(cifar10, options);
  if (!remote.standIn) return fromFiles(remote, cache, trainRows, testRows, options);
  const file = remote.files[0];
  if (!file) throw new SarafError('ERR_DATA', 'loadCifar10', `expected the tarball of ${remote.title}, received none`);
  const digits = await loadMnist(file.path, trainRows, testRows, options.signal);
  return {
    title: remote.title,
    ...digits,
    shape: [32, 32, 3],
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    lossy: false,
    standIn: true,
    notes: remote.notes,
    provenance: [{ name: remote.layout, source: 'npm', sha256: file.sha256, rows: digits.train.rows + digits.test.rows }],
  };
}

function rowsWanted(name: string, wanted: number | undefined, most: number): number {
  const rows = wanted ?? most;
  if (!Number.isInteger(rows) || rows < 1 || rows > most)
    throw new SarafError('ERR_ARG', 'loadCifar10', `expected ${name} in [1, ${most}], received ${rows}`);
  return rows;
}

/** Batches that hold the rows asked for, and how many of each. */
function plan(trainRows: number, testRows: number): { batch: Cifar10Batch; rows: number; test: boolean; first: number }[] {
  return CIFAR10_BATCHES.map((batch, i) => {
    const test = batch === 'test_batch';
    const first = test ? 0 : i * BATCH_ROWS;
    return { batch, test, first, rows: Math.max(0, Math.min(BATCH_ROWS, (test ? testRows : trainRows) - first)) };
  }).filter(({ rows }) => rows > 0);
}

function unpackedPath(cache: string, kind: Kind, batch: Cifar10Batch): string {
  return join(cache, cifar10.id, kind === 'original' ? 'cifar-10-batches-bin' : 'decoded-by-jpeg-js-0.4.4', `${batch}.bin`);
}

/** All batches wanted, from the official binary layout; `bytesOf` gives each, verified. */
async function assemble(
  kind: Kind,
  trainRows: number,
  testRows: number,
  notes: readonly string[],
  bytesOf: (batch: Cifar10Batch, rows: number) => Promise<{ bytes: Uint8Array; provenance: Provenance }>,
): Promise<ImageDataSet> {
  const part = (rows: number): ImagePart => ({ images: new Uint8Array(rows * 3 * PIXELS), labels: new Int32Array(rows), rows });
  const [train, test] = [part(trainRows), part(testRows)];
  const provenance: Provenance[] = [];
  for (const { batch, rows, test: isTest, first } of plan(trainRows, testRows)) {
    const { bytes, provenance: entry } = await bytesOf(batch, rows);
    const to = isTest ? test : train;
    unpackBatch(`${batch}.bin`, bytes, rows, to.images, to.labels, first);
    provenance.push(entry);
  }
  const lossy = kind === 'jpeg';
  return {
    title: TITLES[kind],
    train,
    test,
    shape: [32, 32, 3],
    classes: CIFAR10_CLASSES,
    lossy,
    standIn: false,
    notes,
    provenance,
  };
}

/** From batches that an earlier call unpacked; undefined if one is missing. A batch with another hash than known is an error. */
async function unpacked(
  kind: Kind,
  cache: string,
  trainRows: number,
  testRows: number,
  options: Cifar10Options,
): Promise<ImageDataSet | undefined> {
  if (!plan(trainRows, testRows).every(({ batch }) => existsSync(unpackedPath(cache, kind, batch)))) return undefined;
  const notes = kind === 'jpeg' ? cifar10.layouts.filter((layout) => layout.name === 'jpeg').map((layout) => layout.note) : [];
  return assemble(kind, trainRows, testRows, notes, async (batch, rows) => {
    const bytes = await readUnpacked(kind, cache, batch, options);
    return { bytes, provenance: { name: `${cifar10.id}/${batch}.bin`, source: 'cache', sha256: CIFAR10_SHA256[kind][batch], rows } };
  });
}

async function readUnpacked(kind: Kind, cache: string, batch: Cifar10Batch, options: Cifar10Options): Promise<Uint8Array> {
  const path = unpackedPath(cache, kind, batch);
  const bytes = await readFile(path, options.signal ? { signal: options.signal } : {});
  checkBatch(path, CIFAR10_SHA256[kind][batch], bytes);
  return bytes;
}

/** Keeps a batch for the next time; a cache that cannot be written costs time, not the result. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeWhole(path, bytes);
  } catch (error) {
    process.emitWarning(
      `${path} could not be written (${(error as Error).message}): the images will be unpacked again next time; set SARAF_CACHE to a folder that can be written`,
      {
        code: 'SARAF_CACHE_READONLY',
      },
    );
  }
}

async function fromFiles(
  found: ResolvedDataSet,
  cache: string,
  trainRows: number,
  testRows: number,
  options: Cifar10Options,
): Promise<ImageDataSet> {
  return found.layout === 'jpeg'
    ? fromJpeg(found, cache, trainRows, testRows, options)
    : fromArchive(found, cache, trainRows, testRows, options);
}

async function fromArchive(
  found: ResolvedDataSet,
  cache: string,
  trainRows: number,
  testRows: number,
  options: Cifar10Options,
): Promise<ImageDataSet> {
  const [archive] = found.files;
  if (!archive) throw new SarafError('ERR_DATA', 'loadCifar10', 'expected the official archive, received no file');
  const batches = new Map<Cifar10Batch, Uint8Array>();
  for await (const { batch, bytes } of archiveBatches(archive.path, CIFAR10_SHA256.original, options.signal)) {
    batches.set(batch, bytes);
    const total = CIFAR10_BATCHES.length * BATCH_ROWS * RECORD;
    options.onProgress?.({ phase: 'unpack', what: archive.name, done: batches.size * bytes.length, total, unit: 'bytes' });
    await keep(unpackedPath(cache, 'original', batch), bytes);
  }
  return assemble('original', trainRows, testRows, found.notes, (batch, rows) =>
    Promise.resolve({ bytes: batches.get(batch) as Uint8Array, provenance: provenanceOf(cifar10.id, archive, rows) }),
  );
}

async function fromJpeg(
  found: ResolvedDataSet,
  cache: string,
  trainRows: number,
  testRows: number,
  options: Cifar10Options,
): Promise<ImageDataSet> {
  const file = (name: string): ResolvedDataSet['files'][number] => {
    const entry = found.files.find((f) => f.name === name);
    if (!entry) throw new SarafError('ERR_DATA', 'data', `expected ${name} among the files of ${cifar10.id}, received none`);
    return entry;
  };
  const header = await readFile(file('jpeg/jpeg-header.bin').path);
  return assemble('jpeg', trainRows, testRows, found.notes, async (batch, rows) => {
    const records = file(`jpeg/${batch}.jrec`);
    const provenance = provenanceOf(cifar10.id, records, rows);
    const path = unpackedPath(cache, 'jpeg', batch);
    if (existsSync(path)) return { bytes: await readUnpacked('jpeg', cache, batch, options), provenance };
    const bytes = await decodeJrec(records.name, await readFile(records.path), header, options);
    checkBatch(`${records.path}, decoded,`, CIFAR10_SHA256.jpeg[batch], bytes);
    await keep(path, bytes);
    return { bytes, provenance };
  });
}

async function resolveOrThrow(options: Cifar10Options): Promise<ResolvedDataSet> {
  const only = { ...options, layout: 'lossless', standIn: false };
  return (await resolveLocally(cifar10, only)) ?? resolveRemotely(cifar10, only);
}

async function losslessSubset(found: ResolvedDataSet, trainRows: number, testRows: number, options: Cifar10Options): Promise<ImageDataSet> {
  const part = await assemble('original', trainRows, testRows, found.notes, async (batch, rows) => {
    const file = found.files.find((f) => f.name.startsWith(`lossless/${batch}`));
    if (!file) throw new SarafError('ERR_DATA', 'data', `expected original pixels of ${batch}, received none`);
    const bytes = await promisify(gunzip)(await readFile(file.path, options.signal ? { signal: options.signal } : {}));
    return { bytes, provenance: provenanceOf(cifar10.id, file, rows) };
  });
  return { ...part, title: 'CIFAR-10 (first 4,000 + 1,000 images)' };
}
