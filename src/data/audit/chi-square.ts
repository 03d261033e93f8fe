import { exp, log } from '../../tensor/portable-math.js';
/**
 * Probability of a χ² of at least `statistic` where the null hypothesis holds: the upper regularised gamma function Q(df/2, χ²/2).
 *
 * Source: Abramowitz and Stegun 6.5.29 (series) and 6.5.31 (continued fraction, by Lentz' method).
 */
export function chiSquarePValue(statistic: number, degreesOfFreedom: number): number {
  if (statistic <= 0 || degreesOfFreedom < 1) return 1;
  const a = degreesOfFreedom / 2;
  const x = statistic / 2;
  const front = exp(a * log(x) - x - logGammaOfHalves(degreesOfFreedom));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-16; ++n) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - front * sum);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 10_000; ++n) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** ln Γ(n/2) for a whole n, from Γ(1/2) = √π and Γ(1) = 1. */
function logGammaOfHalves(n: number): number {
  let sum = n % 2 === 1 ? log(Math.PI) / 2 : 0;
  for (let k = n - 2; k > 0; k -= 2) sum += log(k / 2);
  return sum;
}
