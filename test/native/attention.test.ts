import { describe, expect, it } from 'vitest';
import { ATTENTION } from '../../src/backend/backend.js';
import {
  accum,
  dot,
  expectBits,
  expectClose,
  expectError,
  expectGradient,
  expectSameBitsEverywhere,
  native,
  output,
  outputDouble,
  randomFloats,
  randomInts,
  toDouble,
  type FloatArray,
} from './helpers.js';

interface Case {
  N: number;
  Tq: number;
  Tk: number;
  H: number;
  dk: number;
  dv: number;
  /** Values between two steps beyond the heads. */
  pad?: number;
  flags?: number;
  queryMask?: boolean;
  keyMask?: boolean;
  mask?: boolean;
  rate?: number;
  scores?: boolean;
  /** Not asked for: probs and their gradient. */
  plain?: boolean;
}

const { causal, uniform, uniformGradient, maskOutput, droppedProbs, valueIsKey, oneInput } = ATTENTION;
const CASES: Case[] = [
  { N: 1, Tq: 1, Tk: 1, H: 1, dk: 1, dv: 1 },
  { N: 2, Tq: 3, Tk: 5, H: 2, dk: 3, dv: 4, pad: 5 },
  { N: 2, Tq: 40, Tk: 40, H: 4, dk: 32, dv: 32, plain: true },
  { N: 1, Tq: 17, Tk: 33, H: 3, dk: 16, dv: 7, rate: 0.3 },
  { N: 2, Tq: 9, Tk: 16, H: 1, dk: 5, dv: 33, flags: causal, keyMask: true },
  { N: 3, Tq: 8, Tk: 21, H: 2, dk: 6, dv: 6, flags: uniform, queryMask: true, keyMask: true, rate: 0.5 },
  { N: 3, Tq: 8, Tk: 21, H: 2, dk: 6, dv: 6, flags: uniform + causal, mask: true, queryMask: true },
  { N: 3, Tq: 8, Tk: 21, H: 2, dk: 6, dv: 6, flags: uniform + uniformGradient, keyMask: true },
  { N: 3, Tq: 13, Tk: 11, H: 1, dk: 4, dv: 9, flags: uniform + uniformGradient + maskOutput + droppedProbs, queryMask: true, keyMask: true, rate: 0.2 },
  { N: 3, Tq: 7, Tk: 70, H: 1, dk: 4, dv: 3, scores: true, keyMask: true, mask: true, rate: 0.1 },
  { N: 1, Tq: 5, Tk: 6, H: 2, dk: 4, dv: 3, scores: true, flags: causal + droppedProbs },
  // Several chunks of queries and keys, blocks of queries, keys left out behind the last open one, d longer than a chunk.
  { N: 1, Tq: 390, Tk: 700, H: 1, dk: 8, dv: 5, keyMask: true, rate: 0.25 },
  { N: 1, Tq: 520, Tk: 385, H: 2, dk: 17, dv: 16, plain: true, flags: causal },
  { N: 1, Tq: 4, Tk: 6, H: 1, dk: 400, dv: 390 },
  { N: 0, Tq: 4, Tk: 6, H: 1, dk: 4, dv: 3 },
  { N: 2, Tq: 0, Tk: 6, H: 1, dk: 4, dv: 3 },
]; // prettier-ignore

function label(c: Case): string {
  return Object.entries(c).map(([k, v]) => `${k} ${String(v)}`).join(', '); // prettier-ignore
}

/** 1 = valid; the last sequence has no valid key, and each row ends in padding. */
function maskOf(rows: number, cols: number, seed: number, emptyFrom: number): Uint8Array {
  const bits = Uint8Array.from(randomInts(rows * cols, seed, 4), (v) => (v > 0 ? 1 : 0));
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (r >= emptyFrom || (c > 0 && c >= Math.ceil(0.7 * cols))) bits[r * cols + c] = 0;
  }
  return bits;
}

function setUp(c: Case) {
  const pad = c.pad ?? 0;
  const [ldq, ldk, ldv] = [c.H * c.dk + pad, c.H * c.dk + 2 * pad, c.H * c.dv + pad];
  const pairs = c.N * c.H * c.Tq * c.Tk;
  return {
    geometry: Int32Array.of(c.N, c.Tq, c.Tk, c.H, c.dk, c.dv, ldq, ldk, ldv, c.flags ?? 0),
    q: c.scores ? null : randomFloats(c.N * c.Tq * ldq, 1),
    k: c.scores ? null : randomFloats(c.N * c.Tk * ldk, 2),
    v: randomFloats(c.N * c.Tk * ldv, 3),
    scores: c.scores ? randomFloats(pairs, 4, 3) : null,
    dy: randomFloats(c.N * c.Tq * c.H * c.dv, 5),
    dprobs: c.plain ? null : randomFloats(pairs, 6),
    queryMask: c.queryMask ? maskOf(c.N, c.Tq, 7, c.N) : null,
    keyMask: c.keyMask ? maskOf(c.N, c.Tk, 8, Math.max(1, c.N - 1)) : null,
    mask: c.mask ? maskOf(c.N * c.Tq, c.Tk, 9, c.N * c.Tq - 2) : null,
    ldq, ldk, ldv, pairs,
  }; // prettier-ignore
}
type Data = ReturnType<typeof setUp>;

const SCALE = 0.7;

/** Both passes; the gaps between heads and steps are left out of what is compared by filling them first. */
function both<T extends FloatArray>(c: Case, d: Data, to: (x: Float32Array) => T, out: (n: number) => T) {
  const cast = (x: Float32Array | null): T | null => x && to(x);
  const y = out(d.dy.length);
  const stats = out(c.N * c.H * c.Tq * 2);
  const probs = c.plain ? null : out(d.pairs);
  const [q, k, v, scores, dy] = [cast(d.q), cast(d.k), to(d.v), cast(d.scores), to(d.dy)];
  const numbers = [SCALE, c.rate ?? 0, 11, 12, 13] as const;
  native.attentionForward(q, k, v, scores, d.queryMask, d.keyMask, d.mask, y, stats, probs, d.geometry, ...numbers);
  const gaps = (n: number): T => (c.pad ? out(n).fill(0) : out(n)) as T;
  const dq = d.q && gaps(d.q.length);
  const dk = d.k && gaps(d.k.length);
  const dv = gaps(d.v.length);
  const ds = d.scores && out(d.pairs);
  native.attentionBackward(q, k, v, scores, d.queryMask, d.keyMask, d.mask, y, stats, dy, probs, cast(d.dprobs), dq, dk, dv, ds, d.geometry, ...numbers);
  const found: Record<string, T> = { y, dv };
  for (const [name, x] of Object.entries({ probs, dq, dk, ds })) if (x) found[name] = x;
  return { found, stats };
}

describe('attention', () => {
  for (const c of CASES) {
    it(`${label(c)}: the same bits everywhere, close to double`, () => {
      const d = setUp(c);
      const got = expectSameBitsEverywhere('attention', () => {
        const { found, stats } = both(c, d, (x) => x, output);
        return { ...found, stats };
      });
      const expected = both(c, d, toDouble, outputDouble).found;
      const size = Math.sqrt(Math.max(c.Tq, c.Tk, c.dk, c.dv));
      for (const [name, e] of Object.entries(expected)) {
        expect(e.every(Number.isFinite), name).toBe(true);
        expectClose((got as Record<string, Float32Array>)[name] as Float32Array, e, 8 * accum(Math.max(c.Tk, c.Tq) + c.dk), name, size);
      }
    });
  }

  it('is the formula, in double', () => {
    const [q, k, v] = [Float64Array.of(1, 2), Float64Array.of(3, -1, 0.5, 0.25, 1, 1), Float64Array.of(1, 10, 100)];
    const [y, stats, probs] = [new Float64Array(1), new Float64Array(2), new Float64Array(3)];
    native.attentionForward(q, k, v, null, null, null, null, y, stats, probs, Int32Array.of(1, 1, 3, 1, 2, 1, 2, 2, 1, 0), 0.5, 0, 0, 0, 0);
    const e = [Math.exp(0.5), Math.exp(0.5), Math.exp(1.5)];
    const sum = e.reduce((a, b) => a + b);
    expectClose(probs, e.map((x) => x / sum), 1e-15); // prettier-ignore
    expectClose(y, [((e[0] as number) + 10 * (e[1] as number) + 100 * (e[2] as number)) / sum], 1e-14);
  });

  for (const c of CASES.filter((x) => x.N * x.Tq > 0 && x.Tq < 100)) {
    it(`${label(c)}: double backward is the gradient of double forward`, () => {
      const d = setUp(c);
      const [q, k, v, scores] = [d.q && toDouble(d.q), d.k && toDouble(d.k), toDouble(d.v), d.scores && toDouble(d.scores)];
      const [dy, dprobs] = [toDouble(d.dy), d.dprobs && toDouble(d.dprobs)];
      const numbers = [SCALE, c.rate ?? 0, 11, 12, 13] as const;
      const y = new Float64Array(dy.length);
      const stats = new Float64Array(c.N * c.H * c.Tq * 2);
      const probs = dprobs && new Float64Array(d.pairs);
      const loss = (): number => {
        native.attentionForward(q, k, v, scores, d.queryMask, d.keyMask, d.mask, y, stats, probs, d.geometry, ...numbers);
        return dot(y, dy) + (dprobs && probs ? dot(probs, dprobs) : 0);
      };
      const { found } = both(c, d, toDouble, (n) => new Float64Array(n));
      expectGradient(loss, v, found['dv'] as Float64Array, 'v');
      // A uniform row answers to no score: with uniformGradient the gradient is that of equal scores that may change.
      if ((c.flags ?? 0) & uniformGradient) return;
      if (q) expectGradient(loss, q, found['dq'] as Float64Array, 'q');
      if (k) expectGradient(loss, k, found['dk'] as Float64Array, 'k');
      if (scores) expectGradient(loss, scores, found['ds'] as Float64Array, 'scores');
    });
  }

  it('a query without an open key gives 0, or the mean of all values', () => {
    const c: Case = { N: 1, Tq: 2, Tk: 4, H: 1, dk: 2, dv: 1, keyMask: true, plain: true };
    const d = { ...setUp(c), keyMask: new Uint8Array(4), v: Float32Array.of(1, 2, 3, 6) };
    expectClose(both(c, d, (x) => x, output).found['y'] as Float32Array, [0, 0], 0);
    d.geometry[9] = uniform;
    expectClose(both(c, d, (x) => x, output).found['y'] as Float32Array, [3, 3], 0);
  });

  it('drops the share that it says, and scales the others', () => {
    const c: Case = { N: 4, Tq: 64, Tk: 100, H: 2, dk: 3, dv: 2, rate: 0.4, flags: droppedProbs };
    const d = setUp(c);
    const { found } = both(c, d, (x) => x, output);
    const kept = both({ ...c, rate: 0 }, d, (x) => x, output).found['probs'] as Float32Array;
    const probs = found['probs'] as Float32Array;
    const dropped = probs.reduce((n, p) => n + (p === 0 ? 1 : 0), 0) / probs.length;
    expect(Math.abs(dropped - 0.4)).toBeLessThan(4 * Math.sqrt(0.24 / probs.length));
    expectClose(probs, probs.map((p, i) => (p === 0 ? 0 : Math.fround((kept[i] as number) / 0.6))), 1e-6); // prettier-ignore
  });

  it('a NaN reaches its own row only, and with a NaN key every row', () => {
    const c: Case = { N: 1, Tq: 3, Tk: 4, H: 1, dk: 2, dv: 1, plain: true };
    const d = setUp(c);
    (d.q as Float32Array)[2] = NaN;
    const run = () => ({ y: both(c, d, (x) => x, output).found['y'] as Float32Array });
    expect(Array.from(expectSameBitsEverywhere('NaN query', run).y, Number.isNaN)).toEqual([false, true, false]);
    (d.k as Float32Array)[5] = NaN;
    expect(expectSameBitsEverywhere('NaN key', run).y.every(Number.isNaN)).toBe(true);
  });

  it('refuses wrong lengths, geometries and rates', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    const geometry = Int32Array.of(1, 2, 3, 1, 4, 5, 4, 4, 5, 0);
    const call = (change: { q?: Float32Array; y?: Float32Array; keyMask?: Uint8Array; geometry?: Int32Array; rate?: number }) => () =>
      native.attentionForward(change.q ?? f(8), f(12), f(15), null, null, change.keyMask ?? null, null, change.y ?? f(10), f(4), null, change.geometry ?? geometry, 1, change.rate ?? 0, 0, 0, 0); // prettier-ignore
    call({})();
    expectError(call({ q: f(7) }), 'ERR_SHAPE', /q of at least 8 values, received 7/);
    expectError(call({ y: f(9) }), 'ERR_SHAPE', /y of 10/);
    expectError(call({ keyMask: new Uint8Array(2) }), 'ERR_SHAPE', /keyMask of 3/);
    expectError(call({ rate: 1 }), 'ERR_ARG', /rate in \[0,1\)/);
    expectError(call({ geometry: Int32Array.of(1, 2, 3, 1, 4, 5, 3, 4, 5, 0) }), 'ERR_ARG', /as wide as all heads/);
    expectError(call({ geometry: Int32Array.of(1, 2, 0, 1, 4, 5, 4, 4, 5, 0) }), 'ERR_ARG', /at least 1/);
  });
});

describe('additive scores', () => {
  for (const [N, Tq, Tk, d] of [[1, 1, 1, 1], [2, 3, 5, 16], [3, 7, 4, 21], [1, 300, 2, 5], [2, 2, 700, 40], [0, 2, 3, 4]] as const) {
    it(`${N}x${Tq}x${Tk}, ${d} features`, () => {
      const [q, k, w, ds] = [randomFloats(N * Tq * d, 1), randomFloats(N * Tk * d, 2), randomFloats(d, 3), randomFloats(N * Tq * Tk, 4)];
      for (const weights of [w, null]) {
        const run = <T extends FloatArray>(to: (x: Float32Array) => T, out: (n: number) => T): Record<string, T> => {
          const [s, dq, dk, dw] = [out(N * Tq * Tk), out(N * Tq * d), out(N * Tk * d), out(d)];
          native.additiveScoresForward(to(q), to(k), weights && to(weights), s, N, Tq, Tk, d);
          native.additiveScoresBackward(to(q), to(k), weights && to(weights), to(ds), dq, dk, weights && dw, N, Tq, Tk, d);
          return weights ? { s, dq, dk, dw } : { s, dq, dk };
        };
        const got = expectSameBitsEverywhere('additive', () => run((x) => x, output));
        const expected = run(toDouble, outputDouble);
        for (const [name, e] of Object.entries(expected)) {
          expectClose(got[name] as Float32Array, e, 8 * accum(Math.max(N * Tq * Tk, d)), name, Math.sqrt(Math.max(Tq, Tk, d)));
        }
        const [q64, k64, w64] = [toDouble(q), toDouble(k), weights && toDouble(weights)];
        const s64 = new Float64Array(N * Tq * Tk);
        const loss = (): number => (native.additiveScoresForward(q64, k64, w64, s64, N, Tq, Tk, d), dot(s64, ds));
        if (N === 0) continue;
        expectGradient(loss, q64, expected['dq'] as Float64Array, 'q');
        expectGradient(loss, k64, expected['dk'] as Float64Array, 'k');
        if (w64) expectGradient(loss, w64, expected['dw'] as Float64Array, 'w');
      }
    });
  }
});

describe('a multi-head layer in one call', () => {
  /** N, Tq, Tk, Dq, Dv, Dk, H, dk, dv, F; which inputs are one array. */
  const LAYERS: [number[], 'all' | 'value and key' | 'none'][] = [
    [[2, 5, 5, 6, 6, 6, 2, 3, 4, 7], 'all'],
    [[3, 40, 40, 16, 16, 16, 4, 8, 8, 16], 'all'],
    [[2, 3, 7, 6, 5, 5, 2, 3, 4, 7], 'value and key'],
    [[2, 3, 7, 6, 5, 2, 1, 3, 4, 7], 'none'],
    [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 'none'],
  ];
  for (const [shape, same] of LAYERS) {
    for (const bias of [true, false]) {
      it(`${shape.join(' ')}, one array: ${same}${bias ? '' : ', no bias'}`, () => {
        const [N, Tq, Tk, Dq, Dv, Dk, H, dk, dv, F] = shape as [number, number, number, number, number, number, number, number, number, number];
        const geometry = Int32Array.of(...shape, same === 'all' ? oneInput : same === 'none' ? 0 : valueIsKey);
        const [wide, W, pairs] = [H * dk, H * dv, N * H * Tq * Tk];
        const xq = randomFloats(N * Tq * Dq, 1);
        const xv = same === 'all' ? xq : randomFloats(N * Tk * Dv, 2);
        const xk = same === 'none' ? randomFloats(N * Tk * Dk, 3) : xv;
        const w = [Dq * wide, Dk * wide, Dv * W, W * F].map((n, i) => randomFloats(n, 10 + i, 0.5)) as [Float32Array, Float32Array, Float32Array, Float32Array];
        const b = [wide, wide, W, F].map((n, i) => (bias ? randomFloats(n, 20 + i) : null));
        const [dy, dprobs] = [randomFloats(N * Tq * F, 30), randomFloats(pairs, 31)];
        const keyMask = maskOf(N, Tk, 32, N);
        const numbers = [0.5, 0.2, 1, 2, 3] as const;
        const run = <T extends FloatArray>(inputs: [T, T, T], weights: T[], biases: (T | null)[], g: T, dp: T, out: (n: number) => T) => {
          const projected = out(N * Tq * wide + N * Tk * (wide + W));
          const [mixed, stats, y, probs] = [out(N * Tq * W), out(2 * N * H * Tq), out(N * Tq * F), out(pairs)] as [T, T, T, T];
          const [wq, wk, wv, wo] = weights as [T, T, T, T];
          const [bq, bk, bv, bo] = biases as [T | null, T | null, T | null, T | null];
          native.multiHeadForward(...inputs, wq, bq, wk, bk, wv, bv, wo, bo, null, keyMask, null, projected, mixed, stats, y, probs, geometry, ...numbers);
          const dq = out(xq.length);
          const dvalue = same === 'all' ? null : out(xv.length);
          const dkey = same === 'none' ? out(xk.length) : null;
          const dw = weights.map((x) => out(x.length)) as [T, T, T, T];
          const db = [wide, wide, W, F].map(out) as [T, T, T, T];
          native.multiHeadBackward(...inputs, wq, wk, wv, wo, null, keyMask, null, projected, mixed, stats, g, probs, dp, out(projected.length), out(mixed.length), dq, dvalue, dkey, dw[0], bias ? db[0] : null, dw[1], bias ? db[1] : null, dw[2], bias ? db[2] : null, dw[3], bias ? db[3] : null, geometry, ...numbers); // prettier-ignore
          const found: Record<string, T> = { y, probs, dq, dwq: dw[0], dwk: dw[1], dwv: dw[2], dwo: dw[3] };
          if (dvalue) found['dvalue'] = dvalue;
          if (dkey) found['dkey'] = dkey;
          if (bias) Object.assign(found, { dbq: db[0], dbk: db[1], dbv: db[2], dbo: db[3] });
          return found;
        };
        const got = expectSameBitsEverywhere('multi-head', () => run([xq, xv, xk], [...w], b, dy, dprobs, output));
        const x64 = toDouble(xq);
        const v64 = same === 'all' ? x64 : toDouble(xv);
        const inputs64: [Float64Array, Float64Array, Float64Array] = [x64, v64, same === 'none' ? toDouble(xk) : v64];
        const w64 = w.map(toDouble);
        const b64 = b.map((x) => x && toDouble(x));
        const dy64 = toDouble(dy);
        const dp64 = toDouble(dprobs);
        const expected = run(inputs64, w64, b64, dy64, dp64, outputDouble);
        for (const [name, e] of Object.entries(expected)) expectClose(got[name] as Float32Array, e, 8 * accum(N * (Tq + Tk) + W), name, 8);
        const loss = (): number => {
          const now = run(inputs64, w64, b64, dy64, dp64, (n) => new Float64Array(n));
          return dot(now['y'] as Float64Array, dy64) + dot(now['probs'] as Float64Array, dp64);
        };
        const wanted: [string, Float64Array | null | undefined][] = [
          ['dq', inputs64[0]], ['dvalue', inputs64[1]], ['dkey', inputs64[2]], ['dwq', w64[0]], ['dwk', w64[1]], ['dwv', w64[2]], ['dwo', w64[3]],
          ['dbq', b64[0]], ['dbv', b64[2]], ['dbo', b64[3]],
        ]; // prettier-ignore
        for (const [name, x] of wanted) if (x && expected[name]) expectGradient(loss, x, expected[name] as Float64Array, name);
        // The gradient of a key's bias is 0 but for rounding: it moves all scores of a query alike.
        if (bias) expectClose(expected['dbk'] as Float64Array, new Float64Array(wide), 1e-12);
      });
    }
  }

  it('projects one array as it projects copies of it', () => {
    const shape = [2, 5, 5, 6, 6, 6, 2, 3, 3, 6];
    const x = randomFloats(60, 1);
    const w = [36, 36, 36, 36].map((n, i) => randomFloats(n, 2 + i)) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const forward = (flags: number, projected = output(180)): Float32Array => {
      const y = output(60);
      native.multiHeadForward(x, x, x, w[0], null, w[1], null, w[2], null, w[3], null, null, null, null, projected, output(60), output(40), y, null, Int32Array.of(...shape, flags), 1, 0, 0, 0, 0); // prettier-ignore
      return y;
    };
    expectBits(forward(0), forward(oneInput), 'apart');
    expectBits(forward(valueIsKey), forward(oneInput), 'value and key');
    expectError(() => forward(oneInput, output(179)), 'ERR_SHAPE', /projected of 180/);
    shape[3] = 5;
    expectError(() => forward(oneInput), 'ERR_ARG', /one array have one shape/);
    shape[6] = 0;
    expectError(() => forward(0), 'ERR_ARG', /at least 1/);
  });
});
