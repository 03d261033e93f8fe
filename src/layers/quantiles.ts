/** Values with the number of data points that each stands for, both in float32, values ascending. */
interface QuantileSummary {
  readonly values: Float32Array;
  readonly weights: Float32Array;
}

/** About 1/epsilon of the values, evenly spaced in their order; all of them where they are fewer. */
function summarize(data: ArrayLike<number>, epsilon: number): QuantileSummary {
  const sorted = Float32Array.from(data).sort();
  const step = Math.max(sorted.length / (1 / epsilon), 1);
  const values = sorted.filter((_, i) => i >= Math.floor(step - 1) && (i - Math.floor(step - 1)) % Math.floor(step) === 0);
  return { values, weights: new Float32Array(values.length).fill(step) };
}

/** y at x on the line through the points (xs ascending), constant beyond its ends. */
function interpolate(x: number, xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  const last = xs.length - 1;
  if (x <= (xs[0] as number)) return ys[0] as number;
  if (x >= (xs[last] as number)) return ys[last] as number;
  let at = 0;
  while ((xs[at + 1] as number) <= x) at++;
  const [x0, y0] = [xs[at] as number, ys[at] as number];
  return (((ys[at + 1] as number) - y0) / ((xs[at + 1] as number) - x0)) * (x - x0) + y0;
}

/** The same data by the quantiles epsilon, 2·epsilon, …, 1; unchanged where it has fewer values than those. */
function compress(summary: QuantileSummary, epsilon: number): QuantileSummary {
  const { values, weights } = summary;
  if (values.length * epsilon < 1) return summary;
  const sums = new Float32Array(weights.length);
  let sum = 0;
  for (let i = 0; i < sums.length; i++) sum = sums[i] = Math.fround(sum + (weights[i] as number));
  const shares = sums.map((s) => s / sum);
  const quantiles = Array.from({ length: Math.ceil(1 / epsilon) }, (_, i) => epsilon + i * epsilon);
  const reached = quantiles.map((q) => interpolate(q, shares, sums));
  return {
    values: Float32Array.from(quantiles, (q) => interpolate(q, shares, values)),
    weights: Float32Array.from(reached, (s, i) => s - (reached[i - 1] ?? 0)),
  };
}

/**
 * Boundaries that cut the data into `bins` bins of about equal numbers, to within a share `epsilon`; less boundaries where
 * there are less values. The arithmetic, and where it rounds to float32, is Keras'.
 */
export function quantileBoundaries(data: ArrayLike<number>, bins: number, epsilon: number): number[] {
  return Array.from(compress(compress(summarize(data, epsilon), epsilon), 1 / bins).values).slice(0, -1);
}
