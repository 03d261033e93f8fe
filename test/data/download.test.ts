import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { download, Unreachable } from '../../src/data/download.js';
import { sha256 } from '../../src/data/hash.js';
import type { DataProgress } from '../../src/data/progress.js';

const dir = mkdtempSync(join(tmpdir(), 'saraf-download-'));
const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
const facts = { bytes: content.length, sha256: sha256(content) };
const asked: (string | undefined)[] = [];
let base = '';

function answer(request: IncomingMessage, response: ServerResponse): void {
  asked.push(request.headers.range);
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  switch (request.url) {
    case '/file':
      if (from > 0) response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
      else response.writeHead(200, { 'content-length': content.length });
      response.end(content.subarray(from));
      return;
    case '/no-ranges':
      response.writeHead(200);
      response.end(content);
      return;
    case '/cut':
      response.writeHead(200, { 'content-length': content.length });
      // Later, so that what was written has arrived before the connection breaks.
      response.write(content.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 100));
      return;
    case '/other':
      response.end(Buffer.alloc(content.length, 1));
      return;
    case '/long':
      response.end(Buffer.concat([content, content]));
      return;
    case '/stalls':
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000));
      return;
    default:
      response.writeHead(404);
      response.end();
  }
}

const server = createServer(answer);
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

const rejection = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    () => Promise.reject(new Error('expected a rejection')),
    (error: Error) => error,
  );

test('a whole file, with progress, and nothing beside it', async () => {
  const path = join(dir, 'whole', 'a.bin');
  const seen: DataProgress[] = [];
  expect(await download(`${base}/file`, path, { ...facts, onProgress: (p) => seen.push(p) })).toEqual(facts);
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(existsSync(`${path}.part`)).toBe(false);
  const last = seen.filter((p) => p.phase === 'download').at(-1);
  expect(last).toMatchObject({ done: content.length, total: content.length, unit: 'bytes' });
});

test('a broken connection keeps what came; the next call goes on from there', async () => {
  const path = join(dir, 'resume.bin');
  expect(await rejection(download(`${base}/cut`, path, facts))).toBeInstanceOf(Unreachable);
  expect(existsSync(path)).toBe(false);
  const had = statSync(`${path}.part`).size;
  expect(had).toBeGreaterThan(0);
  await download(`${base}/file`, path, facts);
  expect(asked.at(-1)).toBe(`bytes=${had}-`);
  expect(readFileSync(path).equals(content)).toBe(true);
});

test('a server without ranges, and a beginning that belongs to another file: both from the start', async () => {
  const path = join(dir, 'restart.bin');
  writeFileSync(`${path}.part`, content.subarray(0, 5000));
  await download(`${base}/no-ranges`, path, facts);
  expect(readFileSync(path).equals(content)).toBe(true);
  const other = join(dir, 'other.bin');
  writeFileSync(`${other}.part`, Buffer.alloc(5000, 9));
  await download(`${base}/file`, other, facts);
  expect(asked.slice(-2)).toEqual(['bytes=5000-', undefined]);
  expect(readFileSync(other).equals(content)).toBe(true);
});

test('a part that is complete already is only checked', async () => {
  const path = join(dir, 'complete.bin');
  writeFileSync(`${path}.part`, content);
  const before = asked.length;
  await download(`${base}/file`, path, facts);
  expect(asked.length).toBe(before);
});

test('another content is refused with both hashes, and nothing stays', async () => {
  const path = join(dir, 'bad.bin');
  const error = await rejection(download(`${base}/other`, path, facts));
  expect(error.code).toBe('ERR_DATA');
  expect(error.message).toContain(
    `SHA-256 ${facts.sha256}, received ${content.length} bytes and ${sha256(Buffer.alloc(content.length, 1))}`,
  );
  expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false]);
  const long = await rejection(download(`${base}/long`, path, facts));
  expect(long.message).toContain(`expected ${base}/long to have 300000 bytes, received more`);
  expect(existsSync(`${path}.part`)).toBe(false);
});

test('without known facts the hash is told and nothing is resumed', async () => {
  const path = join(dir, 'unknown.bin');
  writeFileSync(`${path}.part`, 'rest of something');
  expect(await download(`${base}/file`, path, { bytes: null, sha256: null })).toEqual(facts);
});

test('no server, an error answer, a server that falls silent: unreachable', async () => {
  const path = join(dir, 'none.bin');
  expect((await rejection(download('http://127.0.0.1:9/x', path, facts))).message).toMatch(/fetch failed|bad port/);
  expect((await rejection(download(`${base}/nothing`, path, facts))).message).toContain('answered 404');
  const silent = await rejection(download(`${base}/stalls`, path, { ...facts, stallSeconds: 0.2 }));
  expect(silent).toBeInstanceOf(Unreachable);
  expect(silent.message).toContain('no byte for 0.2 s');
});

test('two that fetch the same file at the same time do not mix their bytes', async () => {
  const path = join(dir, 'both', 'a.bin');
  expect(await Promise.all([1, 2].map(() => download(`${base}/file`, path, facts)))).toEqual([facts, facts]);
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(readdirSync(join(dir, 'both'))).toEqual(['a.bin']);
});

test('goes on from what a killed process left, not from what another one is writing', async () => {
  const path = join(dir, 'killed', 'a.bin');
  mkdirSync(join(dir, 'killed'));
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  const live = `a.bin.${hostname()}.${process.ppid}.0-0.part`;
  const elsewhere = 'a.bin.another-machine.1.0-0.part';
  writeFileSync(join(dir, 'killed', live), content.subarray(0, 9000));
  writeFileSync(join(dir, 'killed', elsewhere), content.subarray(0, 8000));
  writeFileSync(join(dir, 'killed', `a.bin.${hostname()}.${gone}.0-0.part`), content.subarray(0, 7000));
  await download(`${base}/file`, path, facts);
  expect(asked.at(-1)).toBe('bytes=7000-');
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(readdirSync(join(dir, 'killed')).sort()).toEqual(['a.bin', elsewhere, live].sort());
  const old = new Date(Date.now() - 3_600_000);
  utimesSync(join(dir, 'killed', elsewhere), old, old);
  rmSync(path);
  await download(`${base}/file`, path, facts);
  expect(asked.at(-1)).toBe('bytes=8000-');
  expect(readdirSync(join(dir, 'killed')).sort()).toEqual(['a.bin', live]);
});

test('abort keeps the part for the next call', async () => {
  const path = join(dir, 'abort.bin');
  const stop = new AbortController();
  const reason = new Error('stop');
  const pending = rejection(download(`${base}/stalls`, path, { ...facts, signal: stop.signal, onProgress: () => stop.abort(reason) }));
  expect(await pending).toBe(reason);
  expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, true]);
});
