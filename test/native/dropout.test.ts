import { describe, expect, it } from 'vitest';
import { philox4x32 } from '../../src/tensor/random.js';
import { expectBits, expectClose, expectError, expectSameBitsEverywhere, guardedCopy, native, output, outputDouble, randomFloats, toDouble } from './helpers.js';

interface Testing {
  testPhilox(counter: Int32Array, key: Int32Array, words: Int32Array): void;
}
const testing = native as unknown as Testing;

/** Odd tails round a batch of 64 draws, and big enough to be threaded. */
const LENGTHS = [0, 1, 3, 15, 16, 17, 63, 64, 65, 1000, 100_003];

/** The 24 bits of draw i, by the host's generator. */
function draws(n: number, seed: number, stream: number, counter = 0): Float64Array {
  const out = new Float64Array(n);
  for (let block = 0; block * 4 < n; block++) {
    const words = philox4x32([block >>> 0, 0, counter >>> 0, Math.floor(counter / 2 ** 32)], [seed, stream]);
    words.forEach((word, j) => {
      if (block * 4 + j < n) out[block * 4 + j] = word >>> 8;
    });
  }
  return out;
}

describe('philox', () => {
  // Known answers published with Random123.
  const answers: [number[], number[], number[]][] = [
    [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]],
  ]; // prettier-ignore
  for (const [counter, key, words] of answers) {
    it(`counter ${counter.map((c) => c.toString(16)).join(' ')}`, () => {
      const out = new Int32Array(4);
      testing.testPhilox(Int32Array.from(counter), Int32Array.from(key), out);
      expect([...out].map((w) => w >>> 0)).toEqual(words);
      expect(philox4x32(counter as [number, number, number, number], key as [number, number])).toEqual(words);
    });
  }
  it('the vectorised blocks are the host generator’s, also with large seeds and counters', () => {
    for (const [seed, stream, counter] of [[1, 2, 3], [0xffffffff, 0xfffffffe, 2 ** 52 + 12345]] as const) {
      const n = 1003;
      const bits = draws(n, seed, stream, counter);
      const { y } = expectSameBitsEverywhere('dropout', () => {
        const out = output(n);
        native.dropout(new Float32Array(n).fill(3), out, 0.25, seed, stream, counter);
        return { y: out };
      });
      expectBits(y, Float32Array.from(bits, (b) => (b >= 0.25 * 2 ** 24 ? 4 : 0)), 'dropout');
    }
  });
});

describe('dropout', () => {
  for (const n of LENGTHS) {
    it(`${n} values: the same bits everywhere`, () => {
      const x = randomFloats(n, 1);
      for (const rate of [0, 0.1, 0.3, 0.5, 0.9, 1 - 2 ** -20]) {
        const got = expectSameBitsEverywhere('dropout', () => {
          const y = output(n);
          native.dropout(x, y, rate, 7, 8, 9);
          const inPlace = guardedCopy(x);
          native.dropout(inPlace, inPlace, rate, 7, 8, 9);
          return { y, inPlace };
        });
        expectBits(got.inPlace, got.y, 'in place');
        const scale = Math.fround(1 / (1 - rate));
        const bits = draws(n, 7, 8, 9);
        expectBits(got.y, x.map((v, i) => ((bits[i] as number) / 2 ** 24 >= rate ? v * scale : 0)), `rate ${rate}`);
        const y64 = outputDouble(n);
        native.dropout(toDouble(x), y64, rate, 7, 8, 9);
        expectClose(got.y, y64, 2e-7, 'double keeps the same elements', 1e-30);
      }
    });
  }
  it('rate 0 copies; another counter, seed or stream keeps others', () => {
    const n = 5000;
    const x = new Float32Array(n).fill(1);
    const keep = (rate: number, seed: number, stream: number, counter: number): Float32Array => {
      const y = new Float32Array(n);
      native.dropout(x, y, rate, seed, stream, counter);
      return y;
    };
    expectBits(keep(0, 1, 2, 3), x, 'rate 0');
    const base = keep(0.5, 1, 2, 3);
    for (const other of [keep(0.5, 2, 2, 3), keep(0.5, 1, 3, 3), keep(0.5, 1, 2, 4)]) {
      const same = other.reduce((s, v, i) => s + (v === base[i] ? 1 : 0), 0);
      expect(same / n).toBeGreaterThan(0.45);
      expect(same / n).toBeLessThan(0.55);
    }
  });
  it('refuses a rate outside [0,1), a broken key, wrong lengths', () => {
    const x = new Float32Array(4);
    for (const rate of [1, -0.1, NaN]) expectError(() => native.dropout(x, x, rate, 1, 2, 3), 'ERR_ARG', /rate in \[0,1\)/);
    expectError(() => native.dropout(x, x, 0.5, 2 ** 32, 0, 0), 'ERR_ARG', /seed/);
    expectError(() => native.dropout(x, x, 0.5, 0, -1, 0), 'ERR_ARG', /stream/);
    expectError(() => native.dropout(x, x, 0.5, 0, 0, 0.5), 'ERR_ARG', /counter/);
    expectError(() => native.dropout(x, new Float32Array(3), 0.5, 0, 0, 0), 'ERR_SHAPE', /y of 4 values/);
    expectError(() => native.dropout(x, new Float64Array(4), 0.5, 0, 0, 0), 'ERR_DTYPE', /y to be float32/);
  });
});

describe('random values', () => {
  for (const n of LENGTHS) {
    it(`${n} values: the same bits everywhere`, () => {
      const got = expectSameBitsEverywhere('random', () => {
        const uniform = output(n);
        const normal = output(n);
        const truncated = output(n);
        native.randomUniform(uniform, -0.3, 0.7, 11, 12);
        native.randomNormal(normal, 1, 2, false, 11, 12);
        native.randomNormal(truncated, 0, 0.05, true, 11, 12);
        return { uniform, normal, truncated };
      });
      const low = Math.fround(-0.3);
      expectClose(got.uniform, draws(n, 11, 12).map((b) => low + b / 2 ** 24), 1.2e-7, 'uniform');
      for (const [name, values, fill] of [
        ['uniform', got.uniform, (y: Float64Array) => native.randomUniform(y, -0.3, 0.7, 11, 12)],
        ['normal', got.normal, (y: Float64Array) => native.randomNormal(y, 1, 2, false, 11, 12)],
        ['truncated', got.truncated, (y: Float64Array) => native.randomNormal(y, 0, 0.05, true, 11, 12)],
      ] as const) {
        const y = outputDouble(n);
        fill(y);
        expectClose(values, y, 2e-7, `${name} in double`);
      }
    });
  }

  const moments = (x: Float32Array): { mean: number; deviation: number; low: number; high: number } => {
    let mean = 0;
    for (const v of x) mean += v / x.length;
    let variance = 0;
    let low = Infinity;
    let high = -Infinity;
    for (const v of x) {
      variance += (v - mean) ** 2 / x.length;
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    return { mean, deviation: Math.sqrt(variance), low, high };
  };
  const N = 400_000;

  it('uniform stays in [low, high) and has its moments', () => {
    const y = new Float32Array(N);
    native.randomUniform(y, 3, 5, 1, 2);
    const m = moments(y);
    expect(m.low).toBeGreaterThanOrEqual(3);
    expect(m.high).toBeLessThan(5);
    expect(Math.abs(m.mean - 4)).toBeLessThan(0.005);
    expect(Math.abs(m.deviation - 2 / Math.sqrt(12))).toBeLessThan(0.003);
    // Rounding could reach `high` where the range is a few floats wide.
    native.randomUniform(y, 1, 1 + 2 ** -22, 1, 2);
    expect(moments(y).high).toBeLessThan(1 + 2 ** -22);
    native.randomUniform(y, 2, 2, 1, 2);
    expect(moments(y)).toMatchObject({ low: 2, high: 2 });
  });
  it('normal has its moments and tails', () => {
    const y = new Float32Array(N);
    native.randomNormal(y, 0, 1, false, 1, 2);
    const m = moments(y);
    expect(Math.abs(m.mean)).toBeLessThan(0.008);
    expect(Math.abs(m.deviation - 1)).toBeLessThan(0.006);
    expect(m.high).toBeLessThan(5.5);
    const beyond = (limit: number): number => y.reduce((s, v) => s + (Math.abs(v) > limit ? 1 : 0), 0) / N;
    expect(Math.abs(beyond(1) - 0.3173)).toBeLessThan(0.004);
    expect(Math.abs(beyond(2) - 0.0455)).toBeLessThan(0.002);
    expect(Math.abs(beyond(3) - 0.0027)).toBeLessThan(0.0005);
  });
  it('truncated normal ends at two deviations, with Keras’ deviation', () => {
    const y = new Float32Array(N);
    native.randomNormal(y, 0, 1, true, 1, 2);
    const m = moments(y);
    expect(m.low).toBeGreaterThanOrEqual(-2);
    expect(m.high).toBeLessThanOrEqual(2);
    expect(m.high).toBeGreaterThan(1.999);
    expect(Math.abs(m.mean)).toBeLessThan(0.008);
    expect(Math.abs(m.deviation - 0.8796256610342398)).toBeLessThan(0.005);
  });
  it('streams differ, and the words are the host generator’s', () => {
    const a = new Float32Array(8);
    const b = new Float32Array(8);
    native.randomUniform(a, 0, 1, 42, 0);
    native.randomUniform(b, 0, 1, 42, 1);
    expect([...a]).not.toEqual([...b]);
    expectBits(a, Float32Array.from(draws(8, 42, 0), (v) => v / 2 ** 24), 'words');
  });
  it('refuses empty ranges, negative deviations, and what is not finite', () => {
    const y = new Float32Array(4);
    expectError(() => native.randomUniform(y, 1, 0, 1, 2), 'ERR_ARG', /low <= high/);
    expectError(() => native.randomUniform(y, NaN, 1, 1, 2), 'ERR_ARG', /low to be finite/);
    expectError(() => native.randomNormal(y, 0, -1, false, 1, 2), 'ERR_ARG', /stddev >= 0/);
    expectError(() => native.randomNormal(y, Infinity, 1, false, 1, 2), 'ERR_ARG', /mean to be finite/);
    expectError(() => native.randomNormal(new Int32Array(4), 0, 1, false, 1, 2), 'ERR_DTYPE', /y to be float32/);
  });
});
