import type { MachinePeaks } from './peaks.js';
import { PASSES, workOf, type Span, type TracePass } from './spans.js';

/** What keeps a call from being faster. */
export type Bound = 'compute' | 'memory' | 'overhead' | null;

/** All calls of one layer in one pass. */
export interface ProfileRow {
  /** `other` is what a step spends between its parts. */
  readonly pass: TracePass | 'other';
  readonly name: string;
  readonly calls: number;
  /** Per step. */
  readonly milliseconds: number;
  /** Of the step, in [0,1]. */
  readonly share: number;
  /** null where the work is not counted. */
  readonly gflops: number | null;
  readonly gbps: number | null;
  /** Of what the machine reaches: 1 is all of it. */
  readonly ofCompute: number | null;
  readonly ofMemory: number | null;
  readonly bound: Bound;
}

export interface Profile {
  readonly steps: number;
  /** Mean of a step. */
  readonly milliseconds: number;
  /** In the order in which a step runs. */
  readonly rows: readonly ProfileRow[];
}

/** Below this share of both limits, neither is what holds a call up. */
export const NEAR = 0.25;

/**
 * The roofline rule: the limit that is used more is what bounds a call, unless both are used by less than a quarter. Then the
 * time goes elsewhere: into calling, waiting for a step before, or too little work for all threads.
 */
export function boundBy(ofCompute: number, ofMemory: number): Exclude<Bound, null> {
  if (Math.max(ofCompute, ofMemory) < NEAR) return 'overhead';
  return ofCompute >= ofMemory ? 'compute' : 'memory';
}

interface Sum {
  readonly pass: TracePass | 'other';
  readonly name: string;
  calls: number;
  milliseconds: number;
  flops: number;
  bytes: number;
  counted: boolean;
}

/** Adds spans up per layer and pass; the rows' times make up the time of the steps. Steps that were cut short do not count. */
export function summarize(spans: readonly Span[], peaks: MachinePeaks): Profile {
  const whole = spans.filter((s) => s.pass === 'step');
  const finished = new Set(whole.map((s) => s.step));
  const sums = new Map<string, Sum>();
  for (const span of spans) {
    if (!finished.has(span.step)) continue;
    const pass = span.pass === 'step' ? 'other' : span.pass;
    const name = span.pass === 'step' ? 'between the calls' : span.name;
    const key = `${pass}/${name}`;
    const sum = sums.get(key) ?? { pass, name, calls: 0, milliseconds: 0, flops: 0, bytes: 0, counted: false };
    sums.set(key, sum);
    sum.calls++;
    sum.milliseconds += span.self;
    const work = workOf(span);
    if (work && work.flops + work.bytes > 0) {
      sum.flops += work.flops;
      sum.bytes += work.bytes;
      sum.counted = true;
    }
  }
  const total = whole.reduce((sum, s) => sum + (s.end - s.begin), 0);
  const steps = Math.max(1, whole.length);
  const order = (s: Sum): number => (s.pass === 'other' ? PASSES.length : PASSES.indexOf(s.pass));
  const rows = [...sums.values()]
    .sort((a, b) => order(a) - order(b))
    .map((s): ProfileRow => {
      const gflops = s.counted ? s.flops / s.milliseconds / 1e6 : null;
      const gbps = s.counted ? s.bytes / s.milliseconds / 1e6 : null;
      const ofCompute = gflops === null ? null : gflops / peaks.gflops;
      const ofMemory = gbps === null ? null : gbps / peaks.gbps;
      return {
        pass: s.pass,
        name: s.name,
        calls: s.calls,
        milliseconds: s.milliseconds / steps,
        share: total > 0 ? s.milliseconds / total : 0,
        gflops,
        gbps,
        ofCompute,
        ofMemory,
        bound: ofCompute === null || ofMemory === null ? null : boundBy(ofCompute, ofMemory),
      };
    });
  return { steps: whole.length, milliseconds: total / steps, rows };
}
