import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SampleRequest } from '../harness/types.js';
import type { SuiteName } from '../suites/index.js';
import type { Job, Outputs, OwnClock } from '../suites/suite.js';
import { NotAvailable } from './contender.js';

/**
 * A contender that is no Node package: a program that answers one line of JSON with one line of JSON, in this order.
 *
 *     {"load": {"threads": 2}}                                    {"version": "…"}  or {"unavailable": "why"}
 *     {"prepare": {"suite": "conv", "inputs": …, "folder": "…"}}  {"outputs": {"y": {"file", "dtype"}}, "variant"?, "note"?}
 *                                                                 or {"unavailable": "why"}
 *     {"sample": {"repetitions", "budgetMs", "warmUpMs",          {"times": [ms a call], "cpuMs": n, "peakBytes": n, "note"?}
 *                 "repetitionMs"}}
 *
 * `inputs` are the suite's, each array replaced by {"file", "dtype": "float32" | "float64" | "int32"}: raw, little-endian, gone
 * once `prepare` is answered. Outputs are written into `folder` alike, in Keras' layouts. Whatever fails is {"failed": "why"}.
 * Lines that do not start with { are ignored, for libraries that greet. The program ends when its input does.
 */
export interface ProgramCall {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const TYPES = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;
type Stored = { readonly file: string; readonly dtype: keyof typeof TYPES };
type Answer = Readonly<Record<string, unknown>>;

/** The same structure with its arrays in files. */
function stored(value: unknown, folder: string, next: { count: number }): unknown {
  if (ArrayBuffer.isView(value)) {
    const dtype = Object.entries(TYPES).find(([, type]) => value instanceof type)?.[0];
    if (dtype === undefined) throw new Error(`[bench] expected arrays of ${Object.keys(TYPES).join(', ')} as inputs; add the type`);
    const file = join(folder, `input-${next.count++}.bin`);
    writeFileSync(file, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return { file, dtype };
  }
  if (Array.isArray(value)) return value.map((v) => stored(v, folder, next));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, stored(v, folder, next)]));
  return value;
}

function read({ file, dtype }: Stored): Float32Array | Float64Array {
  const bytes = readFileSync(file);
  const values = new TYPES[dtype](bytes.buffer, bytes.byteOffset, bytes.byteLength / TYPES[dtype].BYTES_PER_ELEMENT);
  return values instanceof Int32Array ? Float64Array.from(values) : values.slice();
}

export class ChildProgram {
  private readonly child: ChildProcess;
  private readonly waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void }[] = [];
  private complaint = '';
  private ended: string | null = null;

  constructor({ command, args, env }: ProgramCall) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const end = (why: string): void => {
      this.ended ??= `${why}; ${this.complaint.trim().split('\n').at(-1) ?? ''}`;
      for (const { reject } of this.waiting.splice(0)) reject(new Error(this.ended));
    };
    this.child.on('error', (error) => end(`${command} does not start: ${error.message}`));
    this.child.on('close', (code, signal) => end(`its program ended with ${signal ?? `code ${code}`}`));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.complaint = (this.complaint + chunk.toString('utf8')).slice(-2000)));
    // Told to whoever waits by `close`.
    this.child.stdin?.on('error', () => {});
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const asker = this.waiting.shift();
      try {
        const answer = JSON.parse(line) as Answer;
        if (typeof answer['failed'] === 'string') asker?.reject(new Error(answer['failed']));
        else asker?.resolve(answer);
      } catch {
        asker?.reject(new Error(`its program answers what is not JSON: ${line.slice(0, 80)}`));
      }
    });
  }

  /** What it is, or why it cannot be had. */
  async load(threads: number): Promise<{ readonly version: string } | { readonly unavailable: string }> {
    const answer = await this.ask({ load: { threads } });
    return typeof answer['unavailable'] === 'string' ? { unavailable: answer['unavailable'] } : { version: String(answer['version']) };
  }

  /** The job of one suite. Its results come with the preparation; throws NotAvailable for what the program cannot do. */
  async job(suite: SuiteName, inputs: unknown): Promise<Job> {
    const folder = mkdtempSync(join(tmpdir(), 'saraf-peer-'));
    try {
      const answer = await this.ask({ prepare: { suite, inputs: stored(inputs, folder, { count: 0 }), folder } });
      if (typeof answer['unavailable'] === 'string') throw new NotAvailable(answer['unavailable']);
      const outputs = Object.fromEntries(
        Object.entries(answer['outputs'] as Record<string, Stored>).map(([name, at]) => [name, read(at)]),
      ) as Outputs;
      let note = typeof answer['note'] === 'string' ? answer['note'] : '';
      return {
        check: () => outputs,
        run: () => {
          throw new Error('[bench] expected a program to be timed by its own clock');
        },
        sample: async (request: SampleRequest, repetitionMs: number): Promise<OwnClock> => {
          const sampled = await this.ask({ sample: { ...request, repetitionMs } });
          if (typeof sampled['note'] === 'string') note = sampled['note'];
          return sampled as unknown as OwnClock;
        },
        note: () => note,
        ...(typeof answer['variant'] === 'string' ? { variant: answer['variant'] } : {}),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  end(): void {
    this.child.kill('SIGKILL');
  }

  private ask(question: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.ended !== null) return reject(new Error(this.ended));
      this.waiting.push({ resolve, reject });
      this.child.stdin?.write(`${JSON.stringify(question)}\n`);
    });
  }
}
