import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SarafError } from '../../errors.js';
import type { GroupTree } from './write.js';
import type { StoredNumbers } from './values.js';

/** What the thread is asked. */
export type Request =
  | { readonly kind: 'describe'; readonly bytes: Uint8Array }
  | { readonly kind: 'read'; readonly bytes: Uint8Array; readonly paths: readonly string[] }
  | { readonly kind: 'write'; readonly tree: GroupTree };

export interface AttributeMessage {
  /** null: it holds no text. */
  readonly texts: readonly string[] | null;
  /** How it is stored, in words. */
  readonly what: string;
}

export interface DatasetMessage {
  readonly kind: 'dataset';
  readonly path: string;
  readonly shape: readonly number[];
  readonly numeric: boolean;
  readonly what: string;
  readonly attributes: Readonly<Record<string, AttributeMessage>>;
}

export interface GroupMessage {
  readonly kind: 'group';
  readonly attributes: Readonly<Record<string, AttributeMessage>>;
  readonly children: Readonly<Record<string, GroupMessage | DatasetMessage | { readonly kind: 'link'; readonly target: string }>>;
}

interface Answers {
  describe: GroupMessage;
  read: StoredNumbers[];
  write: Uint8Array<ArrayBuffer>;
}

/** `spent`: the thread must not serve another file. */
type Answer = { readonly result: unknown; readonly spent: boolean } | { readonly refused: string; readonly spent: boolean };

/** Time for any file, and for each MiB of it: some hundred times what a good one takes, since all that it has to end are endless loops. */
const BASE_MS = 15_000;
const MS_PER_MIB = 200;

/** A thread that runs `worker.mjs`, which is beside this file in a checkout and bears another name in the package. */
function start(): Promise<Worker> {
  const [source, built] = ['./worker.mjs', './hdf5-worker.mjs'].map((name) => new URL(name, import.meta.url)) as [URL, URL];
  const worker = new Worker(existsSync(fileURLToPath(source)) ? source : built, {
    name: 'saraf-hdf5',
    // Not tsx, a coverage tool or a debugger: it is plain JavaScript.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', () => {
      worker.off('error', reject);
      resolve(worker);
    });
  });
}

let running: Promise<Worker> | null = null;
let last: Promise<unknown> = Promise.resolve();

/** The request with arrays of its own, which go over without another copy: posted as they are, views would take all of their buffer along. */
function packed(request: Request): { message: Request; transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = [];
  const own = <T extends { slice(): T; buffer: ArrayBufferLike }>(array: T): T => {
    const copy = array.slice();
    transfer.push(copy.buffer as ArrayBuffer);
    return copy;
  };
  const group = ({ children, ...rest }: GroupTree): GroupTree => ({
    ...rest,
    children: Object.fromEntries(
      Object.entries(children).map(([name, child]) => [
        name,
        'values' in child ? { shape: [...child.shape], values: own(child.values as Float32Array) } : group(child),
      ]),
    ),
  });
  // A Buffer's slice() would be a view.
  if (request.kind === 'write') return { message: { kind: 'write', tree: group(request.tree) }, transfer };
  const { bytes } = request;
  return { message: { ...request, bytes: own(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)) }, transfer };
}

/** One request in a thread that is ready. What the thread does not survive is an answer too. */
function exchange(worker: Worker, request: Request, milliseconds: number): Promise<Answer> {
  return new Promise((resolve) => {
    const done = (answer: Answer): void => {
      clearTimeout(timer);
      worker.off('message', done).off('error', failed).off('exit', ended);
      resolve(answer);
    };
    const died = (reason: string): void => done({ refused: reason, spent: true });
    const failed = (error: Error): void => died(error.message);
    const ended = (): void => died('its reader ended');
    // Where this thread was busy, its clock is heard before an answer that is there already: that has its turn first.
    const late = (): void => void setImmediate(() => died(`it was not read within ${milliseconds} ms`));
    const timer = setTimeout(late, milliseconds);
    worker.on('message', done).on('error', failed).on('exit', ended);
    const { message, transfer } = packed(request);
    worker.postMessage(message, transfer);
  });
}

async function serve(request: Request, source: string): Promise<unknown> {
  running ??= start();
  let worker: Worker;
  try {
    worker = await running;
  } catch (cause) {
    running = null;
    throw new SarafError('ERR_STATE', 'hdf5', `expected h5wasm to start, received ${(cause as Error).message}; install the package again`, {
      cause,
    });
  }
  const size = 'bytes' in request ? request.bytes.length / 2 ** 20 : 2 ** 10;
  worker.ref();
  const answer = await exchange(worker, request, Math.round(BASE_MS + MS_PER_MIB * size));
  // A process may end while the thread waits for the next file.
  worker.unref();
  if (answer.spent) {
    running = null;
    await worker.terminate();
  }
  if ('result' in answer) return answer.result;
  throw new SarafError('ERR_FORMAT', 'hdf5', `${source}: ${answer.refused}; the file is damaged or no HDF5 file, copy or save it again`);
}

/**
 * Asks libhdf5, which runs as WebAssembly in a thread of its own: one file at a time, with bounds of time and memory. The
 * thread is kept for the next file, unless one brought it down.
 *
 * Throws: ERR_FORMAT with the reason if the file is damaged; ERR_STATE if the thread cannot be started.
 */
export function askHdf5<K extends Request['kind']>(request: Extract<Request, { kind: K }>, source: string): Promise<Answers[K]> {
  const answer = last.then(() => serve(request, source));
  last = answer.catch(() => undefined);
  return answer as Promise<Answers[K]>;
}
