import { createWriteStream, cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { encode } from 'jpeg-js';
import { pack } from 'tar-stream';
import { afterAll, expect, test } from 'vitest';
import { archiveBatches } from '../../src/data/cifar-archive.js';
import { decodeJrec, PIXELS, RECORD, unpackBatch } from '../../src/data/cifar-batch.js';
import { loadCifar10 } from '../../src/data/cifar.js';
import { sha256 } from '../../src/data/hash.js';
import { CIFAR10_BATCHES, type Cifar10Batch } from '../../src/data/sets/cifar-10.js';

const dir = mkdtempSync(join(tmpdir(), 'saraf-cifar-'));
afterAll(() => rmSync(dir, { recursive: true }));
const data = process.env['SARAF_DATA'];

const rejection = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    () => Promise.reject(new Error('expected a rejection')),
    (error: Error) => error,
  );

test('records become pixels in order', () => {
  const batch = new Uint8Array(2 * RECORD);
  batch[0] = 3;
  batch[RECORD] = 9;
  batch.set([10, 11], 1);
  batch.set([20, 21], 1 + PIXELS);
  batch.set([30, 31], 1 + 2 * PIXELS);
  const images = new Uint8Array(3 * 3 * PIXELS);
  const labels = new Int32Array(3);
  unpackBatch('b', batch, 2, images, labels, 1);
  expect([...labels]).toEqual([0, 3, 9]);
  expect([...images.subarray(3 * PIXELS, 3 * PIXELS + 6)]).toEqual([10, 20, 30, 11, 21, 31]);
  expect(() => unpackBatch('b', batch, 3, images, labels, 0)).toThrow(/expected b to hold 3 records/);
  batch[0] = 10;
  expect(() => unpackBatch('b', batch, 1, images, labels, 0)).toThrow(/b record 0: expected a label 0 to 9, received 10/);
});

/** A record of our own: the whole JPEG is the body, the common header is empty. */
function record(label: number, side = 32, cut = 0): Buffer {
  const body = encode({ width: side, height: side, data: Buffer.alloc(side * side * 4, 128) }, 90).data;
  const head = Buffer.alloc(5);
  head[0] = label;
  head.writeUInt16LE(body.length, 3);
  return Buffer.concat([head, body.subarray(0, body.length - cut)]);
}

test('JPEG records that cannot be are refused, naming the record', async () => {
  const decode = (...records: Buffer[]): Promise<Error> => rejection(decodeJrec('x.jrec', Buffer.concat(records), new Uint8Array(0)));
  expect((await decode(record(1), record(10))).message).toContain('x.jrec record 1: expected a label 0 to 9, received 10');
  expect((await decode(record(1, 16))).message).toContain('expected a picture of 32×32, received 16×16');
  expect((await decode(record(1, 32, 5))).message).toContain('bytes of JPEG, received the end of the file');
  expect((await decode(record(1))).message).toContain('x.jrec record 1: expected a record, received the end of the file');
});

async function archive(path: string, names: readonly string[]): Promise<Record<Cifar10Batch, string>> {
  const tar = pack();
  const hashes: Partial<Record<Cifar10Batch, string>> = {};
  tar.entry({ name: 'cifar-10-batches-bin/readme.html' }, 'hello');
  for (const name of names) {
    const bytes = Buffer.alloc(RECORD, name.length);
    hashes[name as Cifar10Batch] = sha256(bytes);
    tar.entry({ name: `cifar-10-batches-bin/${name}.bin` }, bytes);
  }
  tar.finalize();
  await pipeline(tar, createGzip(), createWriteStream(path));
  return hashes as Record<Cifar10Batch, string>;
}

async function all(path: string, hashes: Record<Cifar10Batch, string>): Promise<string[]> {
  const found: string[] = [];
  for await (const { batch } of archiveBatches(path, hashes)) found.push(batch);
  return found;
}

test('the official archive: every batch once, each with its hash', async () => {
  const path = join(dir, 'a.tar.gz');
  const hashes = await archive(path, CIFAR10_BATCHES);
  expect(await all(path, hashes)).toEqual([...CIFAR10_BATCHES]);
  expect((await rejection(all(path, { ...hashes, data_batch_3: 'other' }))).message).toContain(
    'data_batch_3.bin) to have SHA-256 other, received',
  );
  const short = await archive(join(dir, 'b.tar.gz'), CIFAR10_BATCHES.slice(1));
  expect((await rejection(all(join(dir, 'b.tar.gz'), short))).message).toContain('expected data_batch_1 in');
});

test('rows that are not there are refused before anything is read', async () => {
  for (const options of [{ trainRows: 0 }, { testRows: 10_001 }, { trainRows: 1.5 }, { subset: 'lossless', trainRows: 4001 }] as const) {
    expect(await rejection(loadCifar10(options))).toMatchObject({ code: 'ERR_ARG' });
  }
});

test('an archive with another hash is refused', async () => {
  const cacheDir = join(dir, 'wrong');
  await archive(join(dir, 'wrong.tar.gz'), []);
  cpSync(join(dir, 'wrong.tar.gz'), join(cacheDir, 'cifar-10', 'cifar-10-binary.tar.gz'));
  const error = await rejection(loadCifar10({ cacheDir, offline: true, standIn: false }));
  expect(error.code).toBe('ERR_DATA');
  expect(error.message).toContain('c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd');
});

test('from JPEG copies: decoded once, the decoded batch held to its hash, then used without the mirror', async ({ skip }) => {
  if (!data) skip('SARAF_DATA is not set');
  const cacheDir = join(dir, 'jpeg');
  const decoded: string[] = [];
  const options = { cacheDir, trainRows: 100, testRows: 50 };
  const first = await loadCifar10({ ...options, dataDir: data, onProgress: (p) => p.phase === 'decode' && decoded.push(p.what) });
  expect(new Set(decoded)).toEqual(new Set(['jpeg/data_batch_1.jrec', 'jpeg/test_batch.jrec']));
  expect(first).toMatchObject({ lossy: true, standIn: false, shape: [32, 32, 3] });
  expect([first.train.rows, first.train.images.length, first.test.labels.length]).toEqual([100, 100 * 3072, 50]);
  expect([...first.train.labels.subarray(0, 5)]).toEqual([6, 9, 9, 4, 1]);
  expect(first.provenance.map((p) => [p.name, p.source, p.rows])).toEqual([
    ['cifar-10/jpeg/data_batch_1.jrec', 'mirror', 100],
    ['cifar-10/jpeg/test_batch.jrec', 'mirror', 50],
  ]);
  decoded.length = 0;
  const again = await loadCifar10({ ...options, dataDir: data, onProgress: (p) => p.phase === 'decode' && decoded.push(p.what) });
  expect(decoded).toEqual([]);
  expect(again).toEqual(first);

  const folder = join(cacheDir, 'cifar-10', 'decoded-by-jpeg-js-0.4.4');
  expect(readdirSync(folder).sort()).toEqual(['data_batch_1.bin', 'test_batch.bin']);
  const away = await loadCifar10({ ...options, dataDir: dir });
  expect(Buffer.compare(away.train.images, first.train.images)).toBe(0);
  expect(away).toMatchObject({ lossy: true, provenance: [{ source: 'cache' }, { source: 'cache' }] });

  const path = join(folder, 'test_batch.bin');
  const bytes = readFileSync(path);
  bytes[7] = (bytes[7] as number) ^ 1;
  writeFileSync(path, bytes);
  expect((await rejection(loadCifar10({ ...options, dataDir: data }))).message).toContain(`expected ${path} to have SHA-256`);
});

test('a cache that cannot be written costs a warning, not the images', async ({ skip }) => {
  if (!data) skip('SARAF_DATA is not set');
  const file = join(dir, 'a-file');
  writeFileSync(file, '');
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const { train } = await loadCifar10({ cacheDir: file, dataDir: data, trainRows: 1, testRows: 1 });
  expect(train.labels[0]).toBe(6);
  expect(await warned).toMatchObject({ code: 'SARAF_CACHE_READONLY' });
});

test('original pixels of the first images, close to their JPEG copies', async ({ skip }) => {
  if (!data) skip('SARAF_DATA is not set');
  const lossless = await loadCifar10({ subset: 'lossless', dataDir: data, cacheDir: join(dir, 'lossless') });
  expect([lossless.train.rows, lossless.test.rows, lossless.lossy]).toEqual([4000, 1000, false]);
  const count = new Int32Array(10);
  for (const label of lossless.train.labels) count[label] = (count[label] as number) + 1;
  expect([...count]).toEqual([396, 366, 420, 384, 422, 393, 414, 385, 407, 413]);
  expect(existsSync(join(dir, 'lossless'))).toBe(false);
});

test('abort stops decoding', async ({ skip }) => {
  if (!data) skip('SARAF_DATA is not set');
  const stop = new AbortController();
  const reason = new Error('stop');
  const loading = loadCifar10({
    cacheDir: join(dir, 'abort'),
    dataDir: data,
    signal: stop.signal,
    onProgress: (p) => p.phase === 'decode' && stop.abort(reason),
  });
  expect(await rejection(loading)).toBe(reason);
});
