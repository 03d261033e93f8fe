import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { TraceFile } from './trace-file.js';
import type { TracePass } from './spans.js';
import { Tracer } from './tracer.js';

/** More spans than this make a file that no viewer opens. */
const SPANS_KEPT = 1_000_000;

/** Where SARAF_TRACE says that a trace should go: a file, or with 1 a new one in out/. null: nowhere. */
export function tracePath(setting: string | undefined): string | null {
  if (setting === undefined || setting === '' || setting === '0') return null;
  const worker = isMainThread ? '' : `-worker${threadId}`;
  if (setting === '1') {
    const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
    return join('out', `trace-${time}-${process.pid}${worker}.json`);
  }
  return worker === '' ? setting : `${setting.replace(/\.json$/, '')}${worker}.json`;
}

/** The tracer that SARAF_TRACE asks for. Throws ERR_ARG if its file cannot be written. */
function traceFromEnvironment(): Tracer | null {
  const path = tracePath(process.env['SARAF_TRACE']);
  if (path === null) return null;
  const file = new TraceFile(path);
  let full = false;
  const stop = (why: string): void => {
    full = true;
    process.emitWarning(`${why}; the run goes on without it`, { type: 'SarafWarning', code: 'SARAF_TRACE_STOPPED' });
  };
  const tracer = new Tracer((spans) => {
    if (full) return;
    try {
      file.append(spans);
      if (file.count >= SPANS_KEPT) stop(`the trace ${path} ends after ${file.count} spans`);
    } catch (error) {
      // A full disk must not end a training.
      stop(`the trace ${path} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  process.once('exit', () => {
    tracer.flush();
    process.stderr.write(`Trace of ${file.count} spans: ${path} (opens in Perfetto, ui.perfetto.dev, and in Chrome, about:tracing)\n`);
  });
  return tracer;
}

/** undefined: the environment was not asked yet. */
let active: Tracer | null | undefined;

/** The tracer, or null when nothing is traced: then a caller does nothing at all. */
export function tracer(): Tracer | null {
  if (active === undefined) {
    active = null;
    active = traceFromEnvironment();
  }
  return active;
}

/** Traces into `next` from now on; returns what traced before. */
export function setTracer(next: Tracer | null): Tracer | null {
  const before = tracer();
  active = next;
  return before;
}

/** Runs `work` as a span. Off, it only runs it. */
export function traced<T>(pass: TracePass, name: string, work: () => T): T {
  const trace = tracer();
  if (!trace) return work();
  const { depth } = trace;
  trace.begin(pass, name);
  try {
    const result = work();
    trace.end();
    return result;
  } finally {
    trace.unwind(depth);
  }
}
