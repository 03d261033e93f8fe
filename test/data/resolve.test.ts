import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { verifyDataset } from '../../src/data/inventory.js';
import type { DataFile, DataSet } from '../../src/data/data-set.js';
import { sha256 } from '../../src/data/hash.js';
import { resolveDataset } from '../../src/data/resolve.js';

const CSV = 'text,label\nbaik,positive\nburuk,negative\n';
const MIRROR_CSV = CSV.replace('baik', 'bagus');
const LATIN = Buffer.from('text,label\r\ncaf\xe9,positive\r\nburuk,negative\r\n', 'latin1');
const factsOf = (content: string | Buffer): { bytes: number; sha256: string } => ({
  bytes: Buffer.byteLength(content),
  sha256: sha256(Buffer.from(content)),
});

let root = '';
let base = '';
let asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  if (request.url === '/a.csv') response.end(CSV);
  else if (request.url === '/latin.csv') response.end(LATIN);
  else if (request.url === '/short.csv') response.end('text,label\nbaik,positive\n');
  else response.writeHead(404).end();
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'saraf-resolve-'));
  asked = [];
  vi.stubEnv('SARAF_DATA', '');
  vi.stubEnv('SARAF_OFFLINE', '');
  return () => {
    rmSync(root, { recursive: true });
    vi.unstubAllEnvs();
  };
});

const put = (path: string, content: string | Buffer): string => {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
};
const a = (): DataFile => ({
  name: 'sub/a.csv',
  mirror: { path: 'tiny/a.csv', ...factsOf(MIRROR_CSV) },
  public: { url: `${base}/a.csv`, ...factsOf(CSV) },
});
const tiny = (...files: DataFile[]): DataSet => ({
  id: 'tiny',
  title: 'Tiny',
  licence: 'none',
  cite: 'nobody',
  address: 'https://example.org',
  notes: [],
  layouts: [{ name: 'original', note: '', files }],
});
const options = (): { cacheDir: string; dataDir: string } => {
  mkdirSync(join(root, 'mirror'), { recursive: true });
  return { cacheDir: join(root, 'cache'), dataDir: join(root, 'mirror') };
};
const rejection = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    () => Promise.reject(new Error('expected a rejection')),
    (error: Error) => error,
  );

test('cache before mirror before public address', async () => {
  const fetched = await resolveDataset(tiny(a()), options());
  expect([fetched.source, fetched.standIn, asked]).toEqual(['download', false, ['/a.csv']]);
  expect(fetched.files[0]).toMatchObject({
    name: 'sub/a.csv',
    source: 'download',
    path: join(root, 'cache', 'tiny', 'sub', 'a.csv'),
    ...factsOf(CSV),
  });
  expect((await resolveDataset(tiny(a()), options())).source).toBe('cache');
  expect(asked.length).toBe(1);
  rmSync(join(root, 'cache'), { recursive: true });
  put('mirror/tiny/a.csv', MIRROR_CSV);
  expect((await resolveDataset(tiny(a()), options())).files[0]).toMatchObject({ source: 'mirror', ...factsOf(MIRROR_CSV) });
  expect(asked.length).toBe(1);
});

test('SARAF_DATA names the mirror folder; one that is not there is refused', async () => {
  put('mirror/tiny/a.csv', MIRROR_CSV);
  vi.stubEnv('SARAF_DATA', join(root, 'mirror'));
  expect((await resolveDataset(tiny(a()), { cacheDir: join(root, 'cache') })).source).toBe('mirror');
  const error = await rejection(resolveDataset(tiny(a()), { cacheDir: root, dataDir: join(root, 'nowhere') }));
  expect(error.code).toBe('ERR_ARG');
  expect(error.message).toMatch(/expected the mirror folder \(--data\) to be a folder, received .*nowhere, which is not there/);
});

test('a mirror file with another hash stops, naming both hashes and the cure; the network is not asked', async () => {
  const path = put('mirror/tiny/a.csv', `${MIRROR_CSV}x,y\n`);
  const error = await rejection(resolveDataset(tiny(a()), options()));
  expect(error.code).toBe('ERR_DATA');
  expect(error.message).toContain(
    `expected ${path} to have SHA-256 ${factsOf(MIRROR_CSV).sha256}, received ${sha256(Buffer.from(`${MIRROR_CSV}x,y\n`))}`,
  );
  expect(error.message).toContain('copy the file again');
  expect(asked).toEqual([]);
});

test('a file put into the cache by hand may be the public one or the mirror copy, no other', async () => {
  put('cache/tiny/sub/a.csv', MIRROR_CSV);
  expect((await resolveDataset(tiny(a()), options())).source).toBe('cache');
  const path = put('cache/tiny/sub/a.csv', 'wrong');
  const error = await rejection(resolveDataset(tiny(a()), options()));
  expect(error.message).toContain(`expected ${path} to have SHA-256 ${factsOf(CSV).sha256} or ${factsOf(MIRROR_CSV).sha256}`);
  expect(error.message).toContain('delete the file');
});

test('a public file without known hash is judged by its content, warned about, and held to its hash from then on', async () => {
  const table = { rows: 2, columns: ['text', 'label'], counts: { column: 'label', of: { positive: 1, negative: 1 } } };
  const file = (name: string): DataFile => ({
    name,
    public: { url: `${base}/${name}`, bytes: null, sha256: null, csv: { encoding: 'latin1' } },
    table,
  });
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const found = await resolveDataset(tiny(file('latin.csv')), options());
  expect(found.files[0]).toMatchObject({ sha256: sha256(LATIN), csv: { encoding: 'latin1' } });
  expect(warn.mock.calls.map((call) => (call[1] as { code?: string }).code)).toEqual(['SARAF_UNKNOWN_HASH']);
  await resolveDataset(tiny(file('latin.csv')), options());
  expect(warn).toHaveBeenCalledOnce();
  put('cache/tiny/latin.csv', CSV);
  expect((await rejection(resolveDataset(tiny(file('latin.csv')), options()))).message).toContain('as when it came');
  const short = await rejection(resolveDataset(tiny(file('short.csv')), options()));
  expect(short.message).toContain('to have 2 rows, received 1');
  expect(existsSync(join(root, 'cache', 'tiny', 'short.csv'))).toBe(false);
  warn.mockRestore();
});

test('nothing to be had: every place tried is named, with what to do', async () => {
  const gone: DataFile = { name: 'gone.csv', public: { url: `${base}/gone.csv`, ...factsOf(CSV) } };
  const error = await rejection(resolveDataset(tiny(gone), options()));
  expect(error.code).toBe('ERR_DATA');
  for (const part of [
    join(root, 'cache'),
    join(root, 'mirror'),
    `${base}/gone.csv: the server answered 404`,
    '--data',
    'https://example.org',
    'saraf data list tiny',
  ])
    expect(error.message).toContain(part);
  expect((await rejection(resolveDataset(tiny(a()), { ...options(), offline: true }))).message).toContain('not asked (offline)');
  expect(asked).toEqual(['/gone.csv']);
});

test('layouts: the first that can be had, a reduced one only by name', async () => {
  put('mirror/tiny/a.csv', MIRROR_CSV);
  const set: DataSet = {
    ...tiny(),
    layouts: [
      { name: 'whole', note: '', files: [{ name: 'whole.bin', mirror: { path: 'tiny/whole.bin', ...factsOf('x') } }] },
      { name: 'part', note: 'a part', onlyByName: true, files: [a()] },
      { name: 'copy', note: 'a copy', files: [{ ...a(), name: 'copy.csv' }] },
    ],
  };
  expect(await resolveDataset(set, options())).toMatchObject({ layout: 'copy', notes: ['a copy'] });
  expect(await resolveDataset(set, { ...options(), layout: 'part' })).toMatchObject({ layout: 'part' });
  expect(await resolveDataset(set, { ...options(), files: ['copy.csv'] })).toMatchObject({ layout: 'copy' });
  expect((await rejection(resolveDataset(set, { ...options(), layout: 'none' }))).message).toContain(
    'expected a layout of tiny (whole, part, copy)',
  );
  expect((await rejection(resolveDataset(set, { ...options(), files: ['b.csv'] }))).message).toContain('received "b.csv"');
  expect((await rejection(resolveDataset('nosuch'))).message).toContain('expected one of nusax-senti');
});

test('verification goes through all files, bad ones too', async () => {
  put('mirror/tiny/a.csv', MIRROR_CSV);
  put('mirror/tiny/b.csv', 'wrong');
  const b: DataFile = { name: 'b.csv', mirror: { path: 'tiny/b.csv', ...factsOf(CSV) } };
  const c: DataFile = { name: 'c.csv', mirror: { path: 'tiny/c.csv', ...factsOf(CSV) } };
  const verdicts = await verifyDataset(tiny(a(), b, c), options());
  expect(verdicts.map((v) => v.verdict)).toEqual(['good', 'bad', 'absent']);
  expect(verdicts[1]?.error?.message).toContain('b.csv');
  expect(verdicts[2]?.status.path).toBe(join(root, 'cache', 'tiny', 'c.csv'));
});
