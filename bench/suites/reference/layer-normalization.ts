/** Keras' default. */
export const NORM_EPSILON = 1e-3;

/**
 * Every row to mean 0 and deviation 1, times gamma, plus beta; from the formula, in double.
 *
 * Source: Ba, Kiros and Hinton 2016.
 */
export class ReferenceLayerNormalization {
  /** What the rows were before gamma and beta, and the inverse deviation of each. */
  private normal = new Float64Array(0);
  private scale: number[] = [];

  constructor(
    private readonly gamma: Float64Array,
    private readonly beta: Float64Array,
  ) {}

  /** x (rows,U) → (rows,U). */
  forward(x: Float64Array): Float64Array {
    const U = this.gamma.length;
    this.normal = new Float64Array(x.length);
    this.scale = Array.from({ length: x.length / U }, (_, r) => {
      const row = x.subarray(r * U, (r + 1) * U);
      const mean = row.reduce((a, b) => a + b, 0) / U;
      const inverse = 1 / Math.sqrt(row.reduce((a, b) => a + (b - mean) ** 2, 0) / U + NORM_EPSILON);
      row.forEach((value, j) => (this.normal[r * U + j] = (value - mean) * inverse));
      return inverse;
    });
    return this.normal.map((value, i) => value * (this.gamma[i % U] as number) + (this.beta[i % U] as number));
  }

  backward(dy: Float64Array): { readonly dx: Float64Array; readonly dGamma: Float64Array; readonly dBeta: Float64Array } {
    const U = this.gamma.length;
    const [dx, dGamma, dBeta] = [new Float64Array(dy.length), new Float64Array(U), new Float64Array(U)];
    for (const [r, inverse] of this.scale.entries()) {
      let [sum, along] = [0, 0];
      for (let j = 0; j < U; j++) {
        const [d, normal] = [dy[r * U + j] as number, this.normal[r * U + j] as number];
        (dGamma[j] as number) += d * normal;
        (dBeta[j] as number) += d;
        sum += d * (this.gamma[j] as number);
        along += d * (this.gamma[j] as number) * normal;
      }
      for (let j = 0; j < U; j++) {
        const i = r * U + j;
        dx[i] = inverse * ((dy[i] as number) * (this.gamma[j] as number) - (sum + (this.normal[i] as number) * along) / U);
      }
    }
    return { dx, dGamma, dBeta };
  }
}
