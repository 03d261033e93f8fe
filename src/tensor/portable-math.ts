/**
 * exp, log, log1p, tanh, sin, cos and powers from nothing but + − × ÷, which IEEE 754 rounds alike everywhere. Math.exp, Math.log, Math.pow, `**`
 * and the trigonometric functions are not: Node 24 has other last digits than Node 20, and Node for ARM others than Node for x64, so whatever
 * decides a weight or a figure goes through here (law: one seed, one result).
 *
 * All take and give doubles; errors are in units in the last place (ulp). Nothing throws: domains are those of `Math`.
 */

/** Powers of two from 2^−540 on: two factors reach every double. */
const LEAST_POWER = -540;
const POWERS = new Float64Array(1081);
POWERS[-LEAST_POWER] = 1;
for (let n = 1; n <= -LEAST_POWER; n++) {
  POWERS[n - LEAST_POWER] = 2 * (POWERS[n - 1 - LEAST_POWER] as number);
  POWERS[-n - LEAST_POWER] = 0.5 * (POWERS[1 - n - LEAST_POWER] as number);
}

/** x · 2^n for |n| ≤ 1080, rounded once where the result is no normal number. */
function scaled(x: number, n: number): number {
  const half = n >> 1;
  return x * (POWERS[half - LEAST_POWER] as number) * (POWERS[n - half - LEAST_POWER] as number);
}

/** ln 2 and π/2 in parts: products of the first ones with a whole number of up to 20 bits are exact. */
const [LN2_HIGH, LN2_LOW] = [0x162e42fef * 2 ** -33, 7.440617110012397e-11];
const [QUARTER_HIGH, QUARTER_MIDDLE, QUARTER_LOW] = [0x1921fb544 * 2 ** -32, 0x10b4611a6 * 2 ** -66, 2.0222662487959506e-21];

/** Σ coefficients[i] · x^i. */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + (coefficients[i] as number);
  return sum;
}

/** 1/first! , ∓1/(first + step)!, … */
function inverseFactorials(first: number, step: number, count: number, alternating: boolean): number[] {
  const terms: number[] = [];
  let factorial = 1;
  for (let n = 1, next = first; terms.length < count; n++) {
    factorial *= n;
    if (n !== next) continue;
    terms.push((alternating && terms.length % 2 === 1 ? -1 : 1) / factorial);
    next += step;
  }
  return terms;
}
const EXP_TERMS = inverseFactorials(2, 1, 12, false);
const SIN_TERMS = inverseFactorials(3, 2, 8, true);
const COS_TERMS = inverseFactorials(4, 2, 7, true);

/** e^x, error below 1 ulp. x = n·ln 2 + r with |r| ≤ ln 2 / 2, e^r by its series. */
export function exp(x: number): number {
  if (!(x < 709.782712893384)) return x > 0 ? Infinity : x; // NaN stays
  if (x < -745.1332191019412) return 0;
  const n = Math.round(x / Math.LN2);
  const high = x - n * LN2_HIGH;
  const low = n * LN2_LOW;
  const r = high - low;
  const rest = high - r - low;
  return scaled(1 + (r + (rest + r * r * polynomial(r, EXP_TERMS))), n);
}

const LOG_TERMS = Array.from({ length: 12 }, (_, k) => 2 / (2 * k + 3));
const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * ln x, error below 1 ulp. x = m·2^n with m in [√½, √2), f = m − 1, s = f/(2 + f); ln m = 2·atanh s = f − (f²/2 − s·(f²/2 + R)), where
 * R = Σ 2/(2k+1)·s^2k.
 */
export function log(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x > 0 ? x : NaN;
  double[0] = x < 2.2250738585072014e-308 ? x * 18014398509481984 : x; // 2^54
  // √½ as the bits of its upper word.
  const above = (words[HIGH_WORD] as number) - 0x3fe6a09e;
  const n = above >> 20;
  words[HIGH_WORD] = (above & 0xfffff) + 0x3fe6a09e;
  const f = double[0] - 1;
  const e = x < 2.2250738585072014e-308 ? n - 54 : n;
  const s = f / (2 + f);
  const half = 0.5 * f * f;
  const rest = s * (half + s * s * polynomial(s * s, LOG_TERMS));
  return e === 0 ? f - (half - rest) : e * LN2_HIGH - (half - (rest + e * LN2_LOW) - f);
}

/** ln(1 + x), error below 3 ulp. What 1 + x rounds away is put back by the factor (Higham). */
export function log1p(x: number): number {
  const u = 1 + x;
  if (u === 1 || x === Infinity) return x;
  return u === 0 ? -Infinity : log(u) * (x / (u - 1));
}

/** Error below 4 ulp. By e^(2|x|) − 1, whose small values are put right as in log1p. */
export function tanh(x: number): number {
  const a = Math.abs(x);
  if (a > 22) return x > 0 ? 1 : -1;
  const u = exp(2 * a);
  if (u === 1 || Number.isNaN(x)) return x;
  const less = ((u - 1) * (2 * a)) / log(u);
  const value = less / (less + 2);
  return x < 0 ? -value : value;
}

/** sin(x + quarters·π/2), for |x| up to 10⁶ with an error below 1 ulp. */
function sine(x: number, quarters: number): number {
  const n = Math.round((x * 2) / Math.PI);
  const first = x - n * QUARTER_HIGH;
  const middle = n * QUARTER_MIDDLE;
  const near = first - middle;
  const low = n * QUARTER_LOW - (first - near - middle);
  const r = near - low;
  const rest = near - r - low;
  const turn = (((n + quarters) % 4) + 4) % 4;
  const r2 = r * r;
  const value =
    turn % 2 === 0 ? r + (rest - r * r2 * polynomial(r2, SIN_TERMS)) : 1 - (0.5 * r2 - (r2 * r2 * polynomial(r2, COS_TERMS) - r * rest));
  return turn < 2 ? value : -value;
}
export const sin = (x: number): number => (x === 0 ? x : sine(x, 0)); // −0 stays
export const cos = (x: number): number => sine(x, 1);

/** x². */
export const square = (x: number): number => x * x;

/** What p = a · b was rounded by (Dekker 1971). */
function productError(a: number, b: number, p: number): number {
  const split = 134217729; // 2^27 + 1
  const wideA = split * a;
  const wideB = split * b;
  const aHigh = wideA - (wideA - a);
  const bHigh = wideB - (wideB - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aLow * bLow - (p - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** x^n for a whole n ≥ 0, by squaring in twice double's precision: the nearest double but for what lies within 2^-90 of a tie. */
function wholePower(x: number, n: number): number {
  let high = 1;
  let low = 0;
  let base = x;
  let baseLow = 0;
  for (let left = n; ;) {
    if (left % 2 === 1) {
      const p = high * base;
      const rest = productError(high, base, p) + (high * baseLow + low * base);
      high = p + rest;
      low = p - high + rest;
      if (!Number.isFinite(high) || !Number.isFinite(low)) {
        high = p;
        low = 0;
      }
    }
    left = Math.floor(left / 2);
    if (left === 0) return high;
    const q = base * base;
    const rest = productError(base, base, q) + 2 * base * baseLow;
    base = q + rest;
    baseLow = q - base + rest;
    if (!Number.isFinite(base) || !Number.isFinite(baseLow)) {
      base = q;
      baseLow = 0;
    }
  }
}

/** x^y, as `Math.pow`. For whole y the nearest double (one more rounding where y < 0), else with an error of about |y · ln x| + 1 ulp. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isInteger(y) && Math.abs(y) < 2 ** 53) return y > 0 ? wholePower(x, y) : 1 / wholePower(x, -y);
  if (Math.abs(x) === 1 && !Number.isFinite(y)) return NaN;
  // Beyond 2^53 every double is even.
  return exp(y * log(Math.abs(y) >= 2 ** 53 || x === -Infinity ? Math.abs(x) : x));
}
