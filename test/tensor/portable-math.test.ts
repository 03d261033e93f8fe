import { describe, expect, it } from 'vitest';
import { differingHostFunctions, hostFunctions, RECORDED_HOST_FUNCTIONS } from '../../src/experiments/verify/host-functions.js';
import { Philox } from '../../src/tensor/random.js';
import { cos, exp, log, log1p, pow, sin, tanh } from '../../src/tensor/portable-math.js';

const unary = { exp, log, log1p, tanh, sin, cos };

/** Distance between neighbours at |x|. */
function ulp(x: number): number {
  const next = new Float64Array([Math.abs(x)]);
  const bits = new BigInt64Array(next.buffer);
  bits[0] = (bits[0] as bigint) + 1n;
  return (next[0] as number) - Math.abs(x);
}

type Unary = keyof typeof unary;
const RANGES: readonly (readonly [Unary, number, string, (u: number) => number])[] = [
  ['exp', 1, 'all that is neither 0 nor infinite', (u) => -708 + 1417 * u],
  ['exp', 1, 'near 0', (u) => u - 0.5],
  ['log', 1, 'from 0 to 4', (u) => 4 * u],
  ['log', 1, 'all that is finite', (u) => 10 ** (620 * u - 312)],
  ['log1p', 3, 'from −0.9 to 5', (u) => 5.9 * u - 0.9],
  ['log1p', 3, 'down to 1e-20', (u) => 10 ** (-20 * u)],
  ['tanh', 4, 'from −12 to 12', (u) => 24 * u - 12],
  ['tanh', 4, 'down to 1e-20', (u) => -(10 ** (-20 * u))],
  ['sin', 1, 'a few turns', (u) => 40 * u - 20],
  ['cos', 1, 'a few turns', (u) => 40 * u - 20],
  ['sin', 1, 'up to a million', (u) => 2e6 * u - 1e6],
  ['cos', 1, 'up to a million', (u) => 2e6 * u - 1e6],
];
// The engine's own function is off by up to one ulp itself.
const ENGINE = 1;

describe('portable mathematics', () => {
  it.each(RANGES)('%s, error below %d ulp: %s', (name, most, _range, from) => {
    const random = new Philox(3, 1);
    let worst = 0;
    for (let i = 0; i < 50_000; i++) {
      const x = from(random.uniform());
      const expected = Math[name](x);
      worst = Math.max(worst, Math.abs(unary[name](x) - expected) / ulp(expected));
    }
    expect(worst).toBeLessThanOrEqual(most + ENGINE);
  });

  it('whole powers are the nearest double: against integers', () => {
    // odd/2^k to the n, as an exact fraction, rounded by big integers.
    const random = new Philox(5, 1);
    const nearest = (mantissa: bigint, exponent: number): number => {
      const length = mantissa.toString(2).length;
      const cut = BigInt(Math.max(0, length - 53));
      const down = mantissa >> cut;
      const rest = mantissa - (down << cut);
      const half = cut === 0n ? 0n : 1n << (cut - 1n);
      const up = rest > half || (rest === half && rest > 0n && (down & 1n) === 1n) ? 1n : 0n;
      return Number(down + up) * 2 ** (exponent + Number(cut));
    };
    for (let i = 0; i < 2000; i++) {
      const mantissa = BigInt(2 ** 30 + random.integer(2 ** 30)) * 2n + 1n;
      const n = 1 + random.integer(60);
      const x = Number(mantissa) * 2 ** -32; // in [0.5, 1)
      expect(pow(x, n)).toBe(nearest(mantissa ** BigInt(n), -32 * n));
    }
  });

  it('other powers are off by little more than |y · ln x| ulp', () => {
    const random = new Philox(6, 1);
    for (let i = 0; i < 20_000; i++) {
      const [x, y] = [random.uniform(1e-3, 10), random.uniform(-12, 12)];
      const expected = Math.pow(x, y);
      expect(Math.abs(pow(x, y) - expected) / ulp(expected)).toBeLessThan(2 * Math.abs(y * Math.log(x)) + 3);
    }
  });

  it('has the special values of Math', () => {
    const special = [0, -0, 1, -1, 0.5, -0.5, 2, -3, 1e300, -1e300, Infinity, -Infinity, NaN, 5e-324];
    const same = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-12 * Math.abs(b);
    const wrong: string[] = [];
    for (const x of special)
      for (const y of [...special, 3, 1.5, 2 ** 31 + 1, 2 ** 53, -(2 ** 53)])
        if (!same(pow(x, y), Math.pow(x, y))) wrong.push(`pow(${x}, ${y}) = ${pow(x, y)}`);
    for (const name of Object.keys(unary) as Unary[])
      for (const x of [...special.filter((v) => Math.abs(v) !== 1e300), 709.78, 709.79, -745, -745.2, 1e-310, -1e-310])
        if (!same(unary[name](x), Math[name](x))) wrong.push(`${name}(${x}) = ${unary[name](x)}`);
    expect(wrong).toEqual([]);
  });

  it('gives the recorded bits, as do the functions of the engine that it rests on', () => {
    expect(hostFunctions()).toEqual(RECORDED_HOST_FUNCTIONS);
    expect(differingHostFunctions({ ...hostFunctions(), exp: 'other' })).toEqual(['exp']);
  });
});
