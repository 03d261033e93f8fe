import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { threadId } from 'node:worker_threads';
import { SarafError } from '../../errors.js';
import { makeFolder } from '../../files/make-folder.js';
import { PASSES, workOf, type Span } from './spans.js';

const TAIL = '\n]}\n';

/** One event of Chrome's trace format. Units: microseconds. */
function event(span: Span): string {
  // Whole nanoseconds first, so that what is inside another span stays inside it.
  const begin = Math.round(span.begin * 1e6);
  const end = Math.round(span.end * 1e6);
  const work = workOf(span);
  const shapes = span.call && {
    layer: span.call.layer.className,
    input: span.call.inputs.map((s) => s.join('×')).join(', '),
    output: span.call.outputs.map((s) => s.join('×')).join(', '),
  };
  return JSON.stringify({
    name: span.name,
    cat: span.pass,
    ph: 'X',
    ts: begin / 1000,
    dur: (end - begin) / 1000,
    pid: process.pid,
    tid: PASSES.indexOf(span.pass) + 1,
    args: { step: span.step, ...shapes, ...(work ? { flops: Math.round(work.flops), bytes: Math.round(work.bytes) } : {}) },
  });
}

/**
 * A trace that Chrome (about:tracing) and Perfetto (ui.perfetto.dev) open, one track per pass.
 *
 * The file is whole JSON after every `append`: each one overwrites the closing brackets of the one before. So a run that is
 * killed leaves a trace of what it did.
 * Throws: ERR_ARG if the file cannot be written.
 */
export class TraceFile {
  readonly path: string;
  /** Spans written. */
  count = 0;
  private readonly file: number;
  /** Where the closing brackets begin. */
  private at = 0;

  constructor(path: string) {
    this.path = path;
    try {
      makeFolder(dirname(path));
      this.file = openSync(path, 'w');
    } catch (cause) {
      throw new SarafError(
        'ERR_ARG',
        'trace',
        `expected a file that can be written, received ${path}: ${cause instanceof Error ? cause.message : String(cause)}; name another one`,
        { cause },
      );
    }
    const thread = threadId === 0 ? '' : ` (worker ${threadId})`;
    const name = (kind: string, tid: number, args: object): string => JSON.stringify({ name: kind, ph: 'M', pid: process.pid, tid, args });
    const tracks = PASSES.flatMap((pass, i) => [
      name('thread_name', i + 1, { name: pass }),
      name('thread_sort_index', i + 1, { sort_index: i + 1 }),
    ]);
    this.write(`{"displayTimeUnit":"ms","traceEvents":[\n${[name('process_name', 0, { name: `saraf${thread}` }), ...tracks].join(',\n')}`);
  }

  append(spans: readonly Span[]): void {
    if (spans.length === 0) return;
    this.write(`,\n${spans.map(event).join(',\n')}`);
    this.count += spans.length;
  }

  close(): void {
    closeSync(this.file);
  }

  private write(text: string): void {
    const body = Buffer.from(text + TAIL, 'utf8');
    for (let done = 0; done < body.length;) done += writeSync(this.file, body, done, body.length - done, this.at + done);
    this.at += body.length - TAIL.length;
  }
}
