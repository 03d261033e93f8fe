import { expect } from 'vitest';
import { Tensor } from '../../src/tensor/tensor.js';

type Values = Tensor | ArrayLike<number>;

/** How far an actual value may be from the expected one. */
export interface Tolerance {
  readonly name: string;
  /** Allowed absolute error at `expected`; `rms` is the size of a typical expected value. */
  allowed(expected: number, rms: number): number;
}

const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 };

/** For sums of k terms: rounding grows with √k, relative to the value or to a typical one where terms cancel. */
export function accum(k: number, dtype: keyof typeof EPSILON = 'float32'): Tolerance {
  const relative = EPSILON[dtype] * (8 + 4 * Math.sqrt(k));
  return { name: `accum(${k}, ${dtype})`, allowed: (expected, rms) => relative * Math.max(Math.abs(expected), rms) };
}

/** For element-wise results: n units in the last place of the expected value. */
export function ulp(n: number, dtype: keyof typeof EPSILON = 'float32'): Tolerance {
  const least = dtype === 'float32' ? 2 ** -149 : 2 ** -1074;
  return {
    name: `ulp(${n}, ${dtype})`,
    allowed: (expected) => n * Math.max(least, EPSILON[dtype] * 2 ** Math.floor(Math.log2(Math.abs(expected)))),
  };
}

/** For copies and for determinism: the same bits (NaN equals NaN, 0 differs from −0). */
export function exact(): Tolerance {
  return { name: 'exact()', allowed: () => 0 };
}

/** Against a reference computed elsewhere in float32: `relative` times max(1, |value|). */
export function within(relative: number): Tolerance {
  return { name: `within(${relative})`, allowed: (expected) => relative * Math.max(1, Math.abs(expected)) };
}

function flat(values: Values): ArrayLike<number> {
  return values instanceof Tensor ? values.data() : values;
}

/** Fails with the worst index, both values, absolute and relative error. */
export function expectClose(actual: Values, expected: Values, tolerance: Tolerance, what = 'values'): void {
  const [a, e] = [flat(actual), flat(expected)];
  if (actual instanceof Tensor && expected instanceof Tensor) expect(actual.shape, `shape of ${what}`).toEqual(expected.shape);
  expect(a.length, `number of ${what}`).toBe(e.length);
  let squares = 0;
  for (let i = 0; i < e.length; i++) squares += Number.isFinite(e[i]) ? (e[i] as number) ** 2 : 0;
  const rms = Math.sqrt(squares / Math.max(1, e.length));
  let worst = -1;
  let worstExcess = 0;
  let wrong = 0;
  for (let i = 0; i < e.length; i++) {
    const [x, y] = [a[i] as number, e[i] as number];
    if (Object.is(x, y)) continue;
    const error = Math.abs(x - y);
    const allowed = tolerance.allowed(y, rms);
    if (error <= allowed && (allowed > 0 || tolerance.name !== 'exact()')) continue;
    wrong++;
    const excess = Number.isNaN(error) ? Infinity : error / Math.max(allowed, Number.MIN_VALUE);
    if (worst < 0 || excess > worstExcess) [worst, worstExcess] = [i, excess];
  }
  if (worst < 0) return;
  const [x, y] = [a[worst] as number, e[worst] as number];
  const error = Math.abs(x - y);
  expect.fail(
    `${wrong} of ${e.length} ${what} beyond ${tolerance.name}; worst at index ${worst}: received ${x}, expected ${y}, ` +
      `absolute error ${error.toExponential(3)}, relative ${(error / Math.abs(y)).toExponential(3)}, allowed ${tolerance.allowed(y, rms).toExponential(3)}`,
  );
}
