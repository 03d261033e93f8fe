import { createHash } from 'node:crypto';
import { Philox } from '../../tensor/random.js';
import * as portable from '../../tensor/portable-math.js';
import recorded from './host-functions.json' with { type: 'json' };

/** Digests of the values of each function, as recorded by `saraf verify --record`. */
export const RECORDED_HOST_FUNCTIONS: Readonly<Record<string, string>> = recorded;

/** The functions that TypeScript computes weights and figures with: portable-math's, and those of the engine that they rest on. */
const FUNCTIONS: Readonly<Record<string, (random: Philox) => number>> = {
  exp: (r) => portable.exp(r.uniform(-30, 30)),
  log: (r) => portable.log(r.uniform(0, 10)),
  log1p: (r) => portable.log1p(r.uniform(-0.9, 5)),
  tanh: (r) => portable.tanh(r.uniform(-8, 8)),
  sin: (r) => portable.sin(r.uniform(-1e3, 1e3)),
  cos: (r) => portable.cos(r.uniform(-1e3, 1e3)),
  pow: (r) => portable.pow(r.uniform(0, 2), r.uniform(-9, 9)),
  'pow of whole numbers': (r) => portable.pow(0.999, r.integer(100_000)),
  'Math.sqrt': (r) => Math.sqrt(r.uniform(0, 10)),
  'Math.hypot': (r) => Math.hypot(r.uniform(), r.uniform(), r.uniform()),
};
const VALUES = 50_000;

/** A digest of each function's values at the same random places. */
export function hostFunctions(): Record<string, string> {
  const digest = (value: (random: Philox) => number): string => {
    const random = new Philox(7, 1);
    const values = Float64Array.from({ length: VALUES }, () => value(random));
    return createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex').slice(0, 16);
  };
  return Object.fromEntries(Object.entries(FUNCTIONS).map(([name, value]) => [name, digest(value)]));
}

/** Names of functions whose values are not the recorded ones. */
export function differingHostFunctions(values: Readonly<Record<string, string>> = hostFunctions()): string[] {
  return Object.keys(values).filter((name) => values[name] !== RECORDED_HOST_FUNCTIONS[name]);
}
