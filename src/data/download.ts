import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SarafError } from '../errors.js';
import { sha256File } from './hash.js';
import { claimPart, forgetParts, releasePart } from './part-file.js';
import type { OnProgress } from './progress.js';

export interface DownloadOptions {
  /** Expected size; `null` if not known. */
  bytes: number | null;
  /** Expected SHA-256; `null` if not known, and then the caller judges the content. */
  sha256: string | null;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
  /** Seconds without a byte after which a server counts as gone. Default 30. */
  stallSeconds?: number;
}

/** The address could not be reached or did not give the file: another source may. Wrong content is an ERR_DATA instead. */
export class Unreachable extends Error {
  constructor(url: string, why: string, cause?: unknown) {
    super(`${url}: ${why}`, { cause });
    this.name = 'Unreachable';
  }
}

/**
 * Fetches a file so that it is either there completely, with the expected hash, or not at all.
 *
 * When the connection breaks or the signal aborts, what came stays as `path.part`, and the next call goes on from there. Several
 * processes may fetch the same file at the same time.
 * Throws: Unreachable if the server cannot be reached or answers with an error; ERR_DATA naming expected and received size or hash.
 * @returns SHA-256 and size of the file.
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<{ sha256: string; bytes: number }> {
  await mkdir(dirname(path), { recursive: true });
  const part = await claimPart(path);
  try {
    const facts = await fetchInto(part, url, options);
    await rename(part, path);
    await forgetParts(path);
    return facts;
  } catch (error) {
    await releasePart(part, path);
    throw error;
  }
}

async function fetchInto(part: string, url: string, options: DownloadOptions): Promise<{ sha256: string; bytes: number }> {
  const resumed = await receive(url, part, options);
  let found = await judge(url, part, options);
  if (!found.good && resumed) {
    // The beginning may be of another version of the file: once more, from the start.
    await rm(part, { force: true });
    await receive(url, part, options);
    found = await judge(url, part, options);
  }
  if (!found.good) {
    await rm(part, { force: true });
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected ${url} to have ${options.bytes ?? 'some'} bytes and SHA-256 ${options.sha256 ?? '(unknown)'}, received ${found.bytes} bytes and ${found.sha256}; the public file may have changed: get the one meant by hand (saraf data list) or report it`,
    );
  }
  return { sha256: found.sha256, bytes: found.bytes };
}

async function judge(url: string, part: string, options: DownloadOptions): Promise<{ good: boolean; sha256: string; bytes: number }> {
  const { size } = await stat(part);
  const sha256 = await sha256File(part, (done) => options.onProgress?.({ phase: 'verify', what: url, done, total: size, unit: 'bytes' }));
  const good = (options.bytes === null || options.bytes === size) && (options.sha256 === null || options.sha256 === sha256);
  return { good, sha256, bytes: size };
}

/** Appends to `part`, or begins it; whether it went on from an earlier attempt. */
async function receive(url: string, part: string, options: DownloadOptions): Promise<boolean> {
  const had = await stat(part).then(
    (s) => s.size,
    () => 0,
  );
  if (had > 0 && options.bytes !== null && had >= options.bytes) {
    if (had === options.bytes) return true;
    await rm(part);
  }
  const offset = options.bytes !== null && had < options.bytes ? had : 0;
  const stall = new AbortController();
  const seconds = options.stallSeconds ?? 30;
  let timer = setTimeout(() => stall.abort(), seconds * 1000);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(), seconds * 1000);
  };
  const signal = options.signal ? AbortSignal.any([options.signal, stall.signal]) : stall.signal;
  try {
    // Ask for the bytes as they are: a compressed answer would have other sizes and ranges.
    const headers: Record<string, string> = { 'accept-encoding': 'identity', ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) };
    const response = await fetch(url, { headers, signal });
    if (!response.ok || !response.body) throw new Unreachable(url, `the server answered ${response.status} ${response.statusText}`);
    const goesOn = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${offset}-`) === true;
    let done = goesOn ? offset : 0;
    const length = Number(response.headers.get('content-length') ?? NaN);
    const total = options.bytes ?? (Number.isFinite(length) ? done + length : null);
    const counted = async function* (body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of body) {
        alive();
        done += chunk.length;
        if (options.bytes !== null && done > options.bytes) throw tooLong(url, options.bytes);
        options.onProgress?.({ phase: 'download', what: url, done, total, unit: 'bytes' });
        yield chunk;
      }
    };
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(body, counted, createWriteStream(part, { flags: goesOn ? 'a' : 'w' }), { signal });
    return goesOn;
  } catch (error) {
    if (error instanceof SarafError) await rm(part, { force: true });
    if (error instanceof SarafError || error instanceof Unreachable) throw error;
    if (options.signal?.aborted) throw options.signal.reason;
    const why = stall.signal.aborted ? `no byte for ${seconds} s` : `${(error as Error).message}${causeOf(error)}`;
    throw new Unreachable(url, why, error);
  } finally {
    clearTimeout(timer);
  }
}

function tooLong(url: string, bytes: number): SarafError {
  return new SarafError(
    'ERR_DATA',
    'data',
    `expected ${url} to have ${bytes} bytes, received more; the public file may have changed: get the one meant by hand (saraf data list)`,
  );
}

function causeOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause ? ` (${cause.code ?? cause.message})` : '';
}
