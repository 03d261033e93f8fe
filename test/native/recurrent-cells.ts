import { RECURRENT, type ActivationCode } from '../../src/backend/backend.js';
import { native, output, outputDouble, outputLike, guardedCopy, randomFloats, randomInts, type FloatArray } from './helpers.js';

/** The three cells behind one signature, so that every test runs on all of them. */
export interface CellCase {
  readonly cell: 'rnn' | 'lstm' | 'gru';
  readonly N: number;
  readonly T: number;
  readonly D: number;
  readonly U: number;
  /** A sum of RECURRENT; training is added where gates are kept. */
  readonly flags: number;
  readonly mask: Uint8Array | null;
  readonly activation: ActivationCode;
  readonly bias: boolean;
  readonly initial: boolean;
  /** Which cotangents come in. */
  readonly dy: boolean;
  readonly dT: boolean;
  /** [code, a, b, c, d] of each: then the call goes step by step. */
  readonly activations?: Float64Array;
  /** With dropout of the state. */
  readonly recurrentDropout?: boolean;
  /** Rows lack features, as dropout leaves them: some rows most, some all, some none. */
  readonly dropped?: boolean;
  /** Steps repeat the input of the one before them: to the end as over padding, within a row, or never, by row. */
  readonly repeats?: boolean;
}

/** `drawn` is one of ten numbers. */
function isDropped(n: number, drawn: number): boolean {
  return n % 4 === 3 ? n % 8 === 3 : n % 4 === 2 ? false : drawn > 0;
}

export type Arrays = Record<string, FloatArray>;

export function gatesOf(c: CellCase): number {
  return { rnn: 1, lstm: 4, gru: 3 }[c.cell];
}

export function geometryOf(c: CellCase, training: boolean): Int32Array {
  return Int32Array.of(c.N, c.T, c.D, c.U, c.flags + (training ? RECURRENT.training : 0));
}

function biasLength(c: CellCase): number {
  return gatesOf(c) * c.U * (c.cell === 'gru' && (c.flags & RECURRENT.resetAfter) !== 0 ? 2 : 1);
}

/** Inputs, weights and cotangents in float32, or the same values in double. */
export function inputsOf(c: CellCase, seed: number, double = false): Arrays {
  const { N, T, D, U } = c;
  const G = gatesOf(c) * U;
  const scale = (n: number): number => Math.sqrt(3 / n);
  const values: Record<string, Float32Array> = {
    x: randomFloats(N * T * D, seed, 1),
    w: randomFloats(D * G, seed + 1, scale(D)),
    u: randomFloats(U * G, seed + 2, scale(U)),
  };
  if (c.bias) values['b'] = randomFloats(biasLength(c), seed + 3, 0.5);
  if (c.initial) values['h0'] = randomFloats(N * U, seed + 4, 0.9);
  if (c.initial && c.cell === 'lstm') values['c0'] = randomFloats(N * U, seed + 5, 0.9);
  if (c.dy) values['dy'] = randomFloats(N * T * U, seed + 6);
  if (c.dT) values['dhT'] = randomFloats(N * U, seed + 7);
  if (c.dT && c.cell === 'lstm') values['dcT'] = randomFloats(N * U, seed + 8);
  if (c.recurrentDropout) values['kept'] = Float32Array.from(randomInts(N * U, seed + 9, 3), (drawn) => (drawn > 0 ? 1.5 : 0));
  if (c.dropped) {
    const x = values['x'] as Float32Array;
    const drawn = randomInts(N * D, seed + 10, 10);
    for (let i = 0; i < x.length; i++) {
      const n = Math.floor(i / (T * D));
      if (isDropped(n, drawn[n * D + (i % D)] as number)) x[i] = 0;
      // A feature that is 0 at a few steps is not dropped.
      else if (Math.floor(i / D) % T < 2) x[i] = 0;
    }
  }
  if (c.repeats) {
    const x = values['x'] as Float32Array;
    for (let n = 0; n < N; n++)
      for (let t = 1; t < T; t++) {
        const repeated = [t > T / 3, t % 5 < 3, false, true][n % 4];
        if (repeated) x.copyWithin((n * T + t) * D, (n * T + t - 1) * D, (n * T + t) * D);
      }
  }
  return double ? Object.fromEntries(Object.entries(values).map(([name, v]) => [name, Float64Array.from(v)])) : values;
}

/** Forward: y, hT, (cT), and with `training` gates and cells. */
export function forward(c: CellCase, v: Arrays, training: boolean): Arrays {
  const { N, T, U } = c;
  const make = v['x'] instanceof Float64Array ? outputDouble : output;
  const x = v['x'] as FloatArray;
  const w = v['w'] as FloatArray;
  const u = v['u'] as FloatArray;
  const b = v['b'] ?? null;
  const h0 = v['h0'] ?? null;
  const y = make(N * T * U, 'y');
  const hT = make(N * U, 'hT');
  const geometry = geometryOf(c, training);
  const options = [c.activations ?? null, v['kept'] ?? null] as const;
  switch (c.cell) {
    case 'rnn':
      if (!c.activations) native.simpleRnnForward(x, w, u, b, h0, c.mask, y, hT, geometry, c.activation);
      else {
        const pre = training ? make(N * T * U, 'pre') : null;
        native.simpleRnnForward(x, w, u, b, h0, c.mask, y, hT, geometry, c.activation, ...options, pre);
        if (pre) return { y, hT, pre };
      }
      return { y, hT };
    case 'lstm': {
      const cT = make(N * U, 'cT');
      const gates = training ? make(N * T * 4 * U, 'gates') : null;
      const cells = training ? make(N * T * U, 'cells') : null;
      native.lstmForward(x, w, u, b, h0, v['c0'] ?? null, c.mask, y, hT, cT, gates, cells, geometry, ...options);
      return gates && cells ? { y, hT, cT, gates, cells } : { y, hT, cT };
    }
    case 'gru': {
      const gates = training ? make(N * T * 4 * U, 'gates') : null;
      native.gruForward(x, w, u, b, h0, c.mask, y, hT, gates, geometry, ...options);
      return gates ? { y, hT, gates } : { y, hT };
    }
  }
}

export const GRADIENTS = ['dx', 'dw', 'du', 'db', 'dh0', 'dc0'] as const;

/** Backward on what a training forward left: the gradients in `wanted` that the case has, and dz. `dx` is what is in dx before. */
export function backward(c: CellCase, v: Arrays, kept: Arrays, wanted: readonly string[] = GRADIENTS, dx?: FloatArray): Arrays {
  const { N, T, U } = c;
  const make = v['x'] instanceof Float64Array ? outputDouble : output;
  const out: Arrays = {};
  const like = (name: string, source: string): FloatArray | null => {
    const from = v[source];
    if (!from || !wanted.includes(name)) return null;
    return (out[name] = name === 'dx' && dx ? guardedCopy(dx, name) : outputLike(from, from.length, name));
  };
  const x = v['x'] as FloatArray;
  const w = v['w'] as FloatArray;
  const u = v['u'] as FloatArray;
  const y = kept['y'] as FloatArray;
  const h0 = v['h0'] ?? null;
  const c0 = v['c0'] ?? null;
  const dy = v['dy'] ?? null;
  const dhT = v['dhT'] ?? null;
  const dcT = v['dcT'] ?? null;
  const gradients = [like('dx', 'x'), like('dw', 'w'), like('du', 'u'), like('db', 'b'), like('dh0', 'h0')] as const;
  const geometry = geometryOf(c, true);
  const options = [c.activations ?? null, v['kept'] ?? null] as const;
  switch (c.cell) {
    case 'rnn': {
      const dz = make(N * T * U, 'dz');
      native.simpleRnnBackward(x, w, u, h0, c.mask, y, dy, dhT, dz, ...gradients, geometry, c.activation, ...options, kept['pre'] ?? null);
      return { ...out, dz };
    }
    case 'lstm': {
      const dz = guardedCopy(kept['gates'] as FloatArray, 'gates');
      native.lstmBackward(x, w, u, h0, c0, c.mask, y, dz, kept['cells'] as FloatArray, dy, dhT, dcT, ...gradients, like('dc0', 'c0'), geometry, ...options);
      return { ...out, dz };
    }
    case 'gru': {
      const dz = guardedCopy(kept['gates'] as FloatArray, 'gates');
      native.gruBackward(x, w, u, h0, c.mask, y, dz, dy, dhT, ...gradients, geometry, ...options);
      return { ...out, dz };
    }
  }
}

/** Masks that have bitten someone: mixed, trailing, leading, inner gaps, whole rows masked, nothing valid. */
export function maskOf(kind: string, N: number, T: number, seed = 5): Uint8Array | null {
  if (kind === 'none') return null;
  const random = randomInts(N * T, seed, 100);
  return Uint8Array.from({ length: N * T }, (_, i) => {
    const n = Math.floor(i / T);
    const t = i % T;
    const cut = (n * 7 + 3) % (T + 1);
    switch (kind) {
      case 'full':
        return 1;
      case 'trailing':
        return t < cut ? 1 : 0;
      case 'leading':
        return t >= cut ? 255 : 0;
      case 'inner':
        return t < T / 3 || t >= T / 2 ? 1 : 0;
      case 'nothing':
        return 0;
      default:
        return n % 4 === 2 ? 0 : (random[i] as number) < 60 ? 1 : 0;
    }
  });
}
