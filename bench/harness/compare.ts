import type { Outputs } from '../suites/suite.js';
import type { Errors } from './types.js';

/** ‖actual − expected‖ / ‖expected‖. NaN, and anything that holds one, never agrees. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i] as number;
    const d = (actual[i] as number) - e;
    difference += d * d;
    norm += e * e;
  }
  const error = Math.sqrt(difference) / (norm > 0 ? Math.sqrt(norm) : 1);
  return Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
}

export interface Agreement {
  readonly agrees: boolean;
  /** The output that is farthest off for its tolerance, in words. */
  readonly note: string;
}

/** Compares every output of the reference; the tolerance of `update.x` is that of `update` unless it has its own. */
export function compare(actual: Outputs, expected: Outputs, tolerance: Readonly<Record<string, number>>): Agreement {
  let worst = { name: 'nothing', error: 0, ratio: 0 };
  for (const [name, reference] of Object.entries(expected)) {
    const allowed = tolerance[name] ?? tolerance[name.split('.', 1)[0] as string];
    if (allowed === undefined) throw new Error(`[bench] expected a tolerance for the output ${name}, received none; add it to the suite`);
    const values = actual[name];
    const error = values === undefined ? Number.POSITIVE_INFINITY : relativeError(values, reference);
    const ratio = error / allowed;
    if (ratio >= worst.ratio) worst = { name, error, ratio };
  }
  return {
    agrees: worst.ratio <= 1,
    note: `largest relative error ${worst.error.toExponential(1)} (${worst.name})`,
  };
}

/** The outputs of one variant, `variant/…` without its name; without a variant those of the usual one. */
export function ofVariant(outputs: Outputs, variant: string | undefined): Outputs {
  const entries = Object.entries(outputs);
  if (variant === undefined) return Object.fromEntries(entries.filter(([name]) => !name.includes('/')));
  const prefix = `${variant}/`;
  return Object.fromEntries(entries.filter(([name]) => name.startsWith(prefix)).map(([name, v]) => [name.slice(prefix.length), v]));
}

/** Errors against the double reference; `direct`: the same outputs by the plain algorithm. */
export function errorsOf(actual: Outputs, expected: Outputs, direct?: Outputs): Errors {
  let rms = 0;
  let max = 0;
  let vsDirect: number | null = null;
  for (const [name, reference] of Object.entries(expected)) {
    const values = actual[name] ?? [];
    const error = relativeError(values, reference);
    rms = Math.max(rms, error);
    let square = 0;
    let largest = 0;
    for (let i = 0; i < reference.length; i++) {
      const e = reference[i] as number;
      square += e * e;
      largest = Math.max(largest, Math.abs((values[i] as number) - e));
    }
    if (square > 0) max = Math.max(max, largest / Math.sqrt(square / reference.length));
    const plain = direct?.[name] === undefined ? 0 : relativeError(direct[name], reference);
    // Outputs that come out exactly say nothing.
    if (plain > 0) vsDirect = Math.max(vsDirect ?? 0, error / plain);
  }
  return { rms, max, vsDirect };
}
