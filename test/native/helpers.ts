import { expect } from 'vitest';
import { type NativeAddon, loadAddon } from '../../src/backend/native.js';
import { SarafError, type ErrorCode } from '../../src/errors.js';
import { recordCompared } from '../helpers/bit-coverage.js';

/** Shared by all native tests: settings, guarded buffers, seeded data, comparisons that say where they failed. */
export const native: NativeAddon = loadAddon().native;

export type FloatArray = Float32Array | Float64Array;
export type AnyArray = FloatArray | Int32Array | Uint8Array;
type Of<T extends AnyArray> = new (length: number) => T;

/** A small generator of its own, so that kernels are not tested with their own numbers. */
export function randomSource(seed: number): () => number {
  let s = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = s;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Float32 values, uniform in [-scale, scale). */
export function randomFloats(length: number, seed: number, scale = 1): Float32Array {
  const next = randomSource(seed);
  return Float32Array.from({ length }, () => (next() * 2 - 1) * scale);
}

/** Integers in [0, limit). */
export function randomInts(length: number, seed: number, limit: number): Int32Array {
  const next = randomSource(seed);
  return Int32Array.from({ length }, () => Math.floor(next() * limit));
}

/** The same values in double. */
export function toDouble(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x);
}
export function toFloat(x: ArrayLike<number>): Float32Array {
  return Float32Array.from(x);
}

const guards: { check: () => void }[] = [];
const PAD = 24;

function guard<T extends AnyArray>(type: Of<T>, length: number, fill: number, name: string): T {
  const whole = new type(length + 2 * PAD);
  const pattern = (i: number): number => (i * 37 + 11) % 101;
  const pads = Array.from({ length: 2 * PAD }, (_, i) => (i < PAD ? i : length + i));
  whole.fill(fill);
  for (const i of pads) whole[i] = pattern(i);
  guards.push({
    check: () => {
      for (const i of pads) {
        if (whole[i] !== pattern(i)) throw new Error(`${name}: canary at ${i - PAD} of ${length} was overwritten by ${String(whole[i])}`);
      }
    },
  });
  return whole.subarray(PAD, PAD + length) as T;
}

/** An output: NaN (integers: a pattern) inside, canaries on both sides, looked at by `checkCanaries`. */
export function output(length: number, name = 'output'): Float32Array {
  return guard(Float32Array, length, NaN, name);
}
export function outputDouble(length: number, name = 'output'): Float64Array {
  return guard(Float64Array, length, NaN, name);
}
export function outputInt32(length: number, name = 'output'): Int32Array {
  return guard(Int32Array, length, -123456789, name);
}
export function outputUint8(length: number, name = 'output'): Uint8Array {
  return guard(Uint8Array, length, 0xa5, name);
}
/** An output of the type of `like`. */
export function outputLike<T extends AnyArray>(like: T, length = like.length, name = 'output'): T {
  return guard(like.constructor as Of<T>, length, like instanceof Float32Array || like instanceof Float64Array ? NaN : 77, name);
}
/** A copy of x between canaries, for arrays updated in place. */
export function guardedCopy<T extends AnyArray>(x: T, name = 'copy'): T {
  const y = guard(x.constructor as Of<T>, x.length, 0, name);
  y.set(x as never);
  return y;
}
/** Throws if any guarded array since the last call was written outside its range. */
export function checkCanaries(): void {
  for (const g of guards.splice(0)) g.check();
}

/** Every instruction set of this machine × threads 1, 2, 3. */
export const SETTINGS: { isa: string; threads: number }[] = native.isas().flatMap((isa) => [1, 2, 3].map((threads) => ({ isa, threads })));

const firstIsa = native.isa();

/** Runs fn under one instruction set and thread count, and puts both back. */
export function withSetting<T>(isa: string, threads: number, fn: () => T): T {
  native.setIsa(isa);
  native.setThreads(threads);
  try {
    return fn();
  } finally {
    native.setIsa(firstIsa);
    native.setThreads(0);
  }
}

/**
 * Runs `run` under every setting and holds each output against ref with one thread, bit for bit. `run` makes its outputs
 * anew (with `output()`) and returns them by name. Returns ref's.
 */
export function expectSameBitsEverywhere<T extends Record<string, AnyArray>>(label: string, run: () => T): T {
  const before = native.kernelsRun();
  const reference = withSetting('ref', 1, run);
  checkCanaries();
  for (const { isa, threads } of SETTINGS) {
    const got = withSetting(isa, threads, run);
    checkCanaries();
    for (const name of Object.keys(reference)) expectBits(got[name] as AnyArray, reference[name] as AnyArray, `${label}: ${name} on ${isa} with ${threads} threads`);
  }
  const after = Object.entries(native.kernelsRun());
  recordCompared(expect.getState().testPath ?? '', after.filter(([name, calls]) => calls > (before[name] ?? 0)).map(([name]) => name));
  return reference;
}

function bits(x: AnyArray): ArrayLike<number | bigint> {
  if (x instanceof Float32Array) return new Uint32Array(x.slice().buffer);
  if (x instanceof Float64Array) return new BigUint64Array(x.slice().buffer);
  return x;
}

/** The same bits; NaN equals any NaN. */
export function expectBits(actual: AnyArray, expected: AnyArray, label: string): void {
  if (actual.length !== expected.length) throw new Error(`${label}: ${actual.length} values, expected ${expected.length}`);
  const bytes = (x: AnyArray): Buffer => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
  if (actual.constructor === expected.constructor && bytes(actual).equals(bytes(expected))) return;
  const a = bits(actual);
  const b = bits(expected);
  let wrong = 0;
  let first = -1;
  for (let i = 0; i < actual.length; i++) {
    if (a[i] !== b[i] && !(Number.isNaN(actual[i]) && Number.isNaN(expected[i]))) {
      if (first < 0) first = i;
      wrong++;
    }
  }
  if (wrong > 0) throw new Error(`${label}: ${wrong} of ${actual.length} differ, first at ${first}: ${String(actual[first])}, expected ${String(expected[first])}`);
}

/** Tolerance of a float32 sum of k terms of magnitude 1, with chunked or lane order. */
export function accum(k: number): number {
  return 2 ** -24 * (8 + 2 * Math.sqrt(Math.max(k, 1)));
}

/** |actual − expected| <= tolerance·max(scale, |expected|) everywhere; NaN and infinities must agree. Scale 1 unless told. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, label = 'values', scale = 1): void {
  if (actual.length !== expected.length) throw new Error(`${label}: ${actual.length} values, expected ${expected.length}`);
  let worst = -1;
  let worstError = 0;
  for (let i = 0; i < actual.length; i++) {
    const a = actual[i] as number;
    const e = expected[i] as number;
    if (Object.is(a, e) || a === e) continue;
    const error = Math.abs(a - e) / Math.max(scale, Math.abs(e));
    if (!(error <= worstError)) {
      worst = i;
      worstError = error;
    }
    if (Number.isNaN(error)) break;
  }
  if (!(worstError <= tolerance)) {
    throw new Error(`${label}: worst at ${worst}: ${String(actual[worst])}, expected ${String(expected[worst])}, relative error ${worstError} > ${tolerance}`);
  }
}

/** fn throws a SarafError with this code whose message matches. */
export function expectError(fn: () => unknown, code: ErrorCode, message: RegExp): void {
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SarafError);
  expect((thrown as SarafError).code).toBe(code);
  expect((thrown as SarafError).message).toMatch(message);
}

/**
 * Gradient check in double: `loss` reads `x` anew at every call. Compares `gradient`·d with the central difference along
 * random directions d; relative error < tolerance.
 */
export function expectGradient(loss: () => number, x: Float64Array, gradient: Float64Array, label: string, tolerance = 1e-6, step = 1e-5): void {
  const at = x.slice();
  for (let trial = 0; trial < 4; trial++) {
    const d = toDouble(randomFloats(x.length, 900 + trial));
    const along = (h: number): number => {
      for (let i = 0; i < x.length; i++) x[i] = (at[i] as number) + h * (d[i] as number);
      return loss();
    };
    const numeric = (8 * (along(step) - along(-step)) - (along(2 * step) - along(-2 * step))) / (12 * step);
    x.set(at);
    let analytic = 0;
    let size = 0;
    for (let i = 0; i < x.length; i++) {
      analytic += (gradient[i] as number) * (d[i] as number);
      size += ((gradient[i] as number) * (d[i] as number)) ** 2;
    }
    const error = Math.abs(analytic - numeric) / Math.max(Math.abs(analytic), Math.sqrt(size), 1e-8);
    if (!(error < tolerance)) throw new Error(`${label}: gradient along direction ${trial} is ${analytic}, central difference ${numeric}, relative error ${error}`);
  }
}

/** Σ a·b: a scalar loss whose gradient by a is b. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let s = 0;
  for (let i = 0; i < a.length; i++) s += (a[i] as number) * (b[i] as number);
  return s;
}
