import { describe, expect, it } from 'vitest';
import { SETTINGS, expectBits, expectError, expectSameBitsEverywhere, native, output, randomSource, withSetting } from './helpers.js';

interface Testing {
  testVMath(fn: number, x: Float32Array, y: Float32Array): void;
}
const testing = native as unknown as Testing;
const EXP = 0;
const TANH = 1;
const SIGMOID = 2;
const LOG = 3;
const ERF = 4;
const QUANTILE = 5;
const FMA_SELF = 6;

function apply(fn: number, x: Float32Array): Float32Array {
  const y = new Float32Array(x.length);
  testing.testVMath(fn, x, y);
  return y;
}

const word = new Uint32Array(1);
const view = new Float32Array(word.buffer);
function fromBits(bits: number): number {
  word[0] = bits;
  return view[0] as number;
}
function toBits(x: number): number {
  view[0] = x;
  return word[0] as number;
}

/** Every `step`-th float between low and high (of one sign), both ends included. */
function floats(low: number, high: number, count: number): Float32Array {
  const a = toBits(low);
  const b = toBits(high);
  const [first, last] = a < b ? [a, b] : [b, a];
  return Float32Array.from({ length: count }, (_, i) => fromBits(Math.round(first + ((last - first) * i) / (count - 1))));
}

/** Distance of adjacent floats at x. */
function ulpAt(x: number): number {
  const f = Math.max(Math.abs(x), 2 ** -126);
  return 2 ** (Math.floor(Math.log2(f)) - 23);
}

function worstUlp(fn: number, x: Float32Array, exact: (x: number) => number): number {
  const y = apply(fn, x);
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const e = exact(x[i] as number);
    const error = Math.abs((y[i] as number) - e) / ulpAt(e);
    if (!(error <= worst)) worst = error;
  }
  if (process.env['SARAF_SHOW_ULP']) console.log(fn, worst);
  return worst;
}

/** erf by its Taylor series (|x| < 2.5), erfc by its continued fraction beyond: close to the last bit of double. */
function erfc(x: number): number {
  if (x < 2.5) return 1 - erf(x);
  let f = 0;
  for (let k = 120; k > 0; k--) f = k / 2 / (x + f);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + f);
}
function erf(x: number): number {
  if (Math.abs(x) >= 2.5) return Math.sign(x) * (1 - erfc(Math.abs(x)));
  // e^(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!: all terms of one sign.
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
/** √2·erf⁻¹(u), by Newton from a start good to float. */
function quantile(u: number, start: number): number {
  const a = Math.abs(u);
  let q = Math.abs(start);
  for (let i = 0; i < 3; i++) q -= (1 - a - erfc(q / Math.SQRT2)) / (Math.sqrt(2 / Math.PI) * Math.exp((-q * q) / 2));
  return Math.sign(u) * q;
}

const COUNT = 400_000;

describe('vmath: error in units in the last place', () => {
  it('exp', () => {
    expect(worstUlp(EXP, floats(2 ** -40, 88.72, COUNT), Math.exp)).toBeLessThan(1);
    expect(worstUlp(EXP, floats(-(2 ** -40), -87.3, COUNT), Math.exp)).toBeLessThan(1);
    expect(worstUlp(EXP, floats(-87.3, -103.9, COUNT / 10), Math.exp)).toBeLessThan(1.6); // denormal results
  });
  it('tanh', () => {
    expect(worstUlp(TANH, floats(2 ** -60, 20, COUNT), Math.tanh)).toBeLessThan(6);
    expect(worstUlp(TANH, floats(-(2 ** -60), -20, COUNT), Math.tanh)).toBeLessThan(6);
  });
  it('sigmoid', () => {
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    expect(worstUlp(SIGMOID, floats(2 ** -40, 100, COUNT), sigmoid)).toBeLessThan(2.5);
    expect(worstUlp(SIGMOID, floats(-(2 ** -40), -87, COUNT), sigmoid)).toBeLessThan(2.5);
  });
  it('log', () => {
    expect(worstUlp(LOG, floats(2 ** -126, 3.4e38, COUNT), Math.log)).toBeLessThan(1);
    expect(worstUlp(LOG, floats(0.5, 2, COUNT), Math.log)).toBeLessThan(1);
    expect(worstUlp(LOG, floats(2 ** -149, 2 ** -126, COUNT / 10), Math.log)).toBeLessThan(1);
  });
  it('erf', () => {
    expect(worstUlp(ERF, floats(2 ** -60, 6, COUNT / 4), erf)).toBeLessThan(3);
    expect(worstUlp(ERF, floats(-(2 ** -60), -6, COUNT / 4), erf)).toBeLessThan(3);
  });
  it('normal quantile', () => {
    const check = (u: Float32Array): number => {
      const start = apply(QUANTILE, u);
      let i = 0;
      return worstUlp(QUANTILE, u, (x) => quantile(x, start[i++] as number));
    };
    expect(check(floats(2 ** -30, 1 - 2 ** -24, COUNT / 8))).toBeLessThan(5);
    expect(check(floats(0.9, 1 - 2 ** -24, COUNT / 8))).toBeLessThan(5);
    expect(check(floats(-(2 ** -30), -(1 - 2 ** -24), COUNT / 8))).toBeLessThan(5);
  });
  it('exp and sigmoid never fall, tanh and erf stay in [-1,1]', () => {
    const x = Float32Array.from({ length: COUNT }, (_, i) => -20 + (40 * i) / COUNT);
    const e = apply(EXP, x);
    for (let i = 1; i < COUNT; i++) if ((e[i] as number) < (e[i - 1] as number)) throw new Error(`exp falls at ${x[i]}`);
    for (const fn of [TANH, ERF]) for (const v of apply(fn, x)) if (!(Math.abs(v) <= 1)) throw new Error(`${fn}: ${v}`);
  });
});

describe('vmath: special values', () => {
  const inf = Infinity;
  const cases: [string, number, [number, number][]][] = [
    ['exp', EXP, [[0, 1], [-0, 1], [inf, inf], [-inf, 0], [NaN, NaN], [89, inf], [-104, 0], [2 ** -149, 1], [88.7228, Math.fround(Math.exp(Math.fround(88.7228)))]]],
    ['tanh', TANH, [[0, 0], [-0, -0], [inf, 1], [-inf, -1], [NaN, NaN], [1e30, 1], [2 ** -149, 2 ** -149], [-(2 ** -140), -(2 ** -140)]]],
    ['sigmoid', SIGMOID, [[0, 0.5], [inf, 1], [-inf, 0], [NaN, NaN], [1e30, 1], [-1e30, 0]]],
    ['log', LOG, [[1, 0], [0, -inf], [-0, -inf], [-1, NaN], [-inf, NaN], [inf, inf], [NaN, NaN]]],
    ['erf', ERF, [[0, 0], [-0, -0], [inf, 1], [-inf, -1], [NaN, NaN], [5, 1], [-5, -1]]],
    ['normal quantile', QUANTILE, [[0, 0], [NaN, NaN]]],
  ];
  for (const [name, fn, pairs] of cases) {
    it(name, () => {
      const x = Float32Array.from(pairs, (p) => p[0]);
      for (const { isa } of SETTINGS) {
        const y = withSetting(isa, 1, () => apply(fn, x));
        pairs.forEach(([input, expected], i) => {
          if (!Object.is(y[i], expected)) throw new Error(`${name}(${input}) on ${isa} is ${y[i]}, expected ${expected}`);
        });
      }
    });
  }
});

describe('vmath: the same bits on every instruction set', () => {
  for (const fn of [EXP, TANH, SIGMOID, LOG, ERF, QUANTILE, FMA_SELF]) {
    it(`function ${fn} over all bit patterns, odd tails`, () => {
      const next = randomSource(fn);
      const x = Float32Array.from({ length: 60_011 }, () => fromBits(Math.floor(next() * 2 ** 32)));
      for (const n of [1, 7, 15, 17, 33, x.length]) {
        expectSameBitsEverywhere(`vmath ${fn}`, () => {
          const y = output(n);
          testing.testVMath(fn, x.subarray(0, n), y);
          return { y };
        });
      }
    });
  }
  it('an unknown function is refused', () => {
    expectError(() => testing.testVMath(7, new Float32Array(1), new Float32Array(1)), 'ERR_ARG', /function number/);
    expectError(() => testing.testVMath(0, new Float32Array(2), new Float32Array(1)), 'ERR_SHAPE', /y of 2 values/);
  });
});

describe('fma is exact, emulated or not', () => {
  /** x·x + x rounded once, with integers: x = m·2^e. */
  function fmaSelf(x: number): number {
    if (x === 0 || !Number.isFinite(x)) return Math.fround(x * x + x);
    const bits = toBits(x);
    const field = (bits >>> 23) & 0xff;
    const e = (field === 0 ? 1 : field) - 150;
    let m = BigInt((bits & 0x7fffff) | (field === 0 ? 0 : 0x800000));
    if (bits >>> 31) m = -m;
    // x² + x at the scale 2^low.
    const low = Math.min(2 * e, e);
    const sum = (m * m << BigInt(2 * e - low)) + (m << BigInt(e - low));
    return roundToFloat(sum, low);
  }
  function roundToFloat(value: bigint, exponent: number): number {
    const negative = value < 0n;
    let m = negative ? -value : value;
    if (m === 0n) return 0;
    const length = m.toString(2).length;
    const drop = Math.max(length - 24, -149 - exponent);
    let e = exponent;
    if (drop > 0) {
      const half = 1n << BigInt(drop - 1);
      const rest = m & ((1n << BigInt(drop)) - 1n);
      m >>= BigInt(drop);
      if (rest > half || (rest === half && (m & 1n) === 1n)) m += 1n;
      e += drop;
    }
    const magnitude = Math.fround(Number(m) * 2 ** e);
    return negative ? -magnitude : magnitude;
  }
  it('x·x + x against big integers', () => {
    const next = randomSource(77);
    const x: number[] = [];
    for (let i = 0; i < 20_000; i++) x.push(fromBits(Math.floor(next() * 2 ** 32)));
    // Near ties and cancellations: x close to -1, to powers of two, to ½ulp boundaries; denormal and overflowing results.
    for (let i = 0; i < 4000; i++) {
      x.push(-1 + (i - 2000) * 2 ** -24, 1 + (i - 2000) * 2 ** -23, 2 ** (-24 + (i % 48) - 12) * (1 + (i % 13) * 2 ** -23));
      x.push(fromBits(i), -fromBits(i), 2 ** 63.999 * (1 + (i - 2000) * 2 ** -20), fromBits(0x00800000 + i - 2000), -(2 ** -63) * (1 + i * 2 ** -23));
    }
    const input = Float32Array.from(x);
    const expected = Float32Array.from(input, fmaSelf);
    for (const { isa } of SETTINGS) {
      if (isa === 'ref') continue;
      expectBits(withSetting(isa, 1, () => apply(FMA_SELF, input)), expected, `fma on ${isa}`);
    }
    expectBits(withSetting('ref', 1, () => apply(FMA_SELF, input)), expected, 'fma on ref');
  });
});
