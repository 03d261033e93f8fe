import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Regularizer } from './regularizer.js';

export interface OrthogonalRegularizerOptions {
  /** Default 0.01. */
  factor?: number;
  /** Which vectors shall be at right angles. Default rows. */
  mode?: 'rows' | 'columns';
}

/**
 * factor · mean of |cos| over all pairs of rows (or columns) of a matrix, in double.
 *
 * Throws: ERR_ARG for another mode; ERR_SHAPE if the weight is no matrix.
 * Source: Keras OrthogonalRegularizer.
 * Example: layers.dense({ units: 8, kernelRegularizer: regularizers.orthogonal({ factor: 0.01 }) })
 */
export class OrthogonalRegularizer implements Regularizer {
  readonly className = 'OrthogonalRegularizer';
  readonly factor: number;
  readonly mode: 'rows' | 'columns';

  constructor(options: OrthogonalRegularizerOptions = {}) {
    this.factor = options.factor ?? 0.01;
    this.mode = options.mode ?? 'rows';
    if (!['rows', 'columns'].includes(this.mode))
      throw new SarafError('ERR_ARG', 'regularizer', `expected mode to be rows or columns, received ${this.mode}`);
  }

  loss(weight: Tensor): number {
    const { units, count } = this.unitVectors(weight);
    let sum = 0;
    for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) sum += Math.abs(dot(units[i] as Float64Array, units[j] as Float64Array));
    return (this.factor * sum) / pairs(count);
  }

  addGradient(weight: Tensor, gradient: Tensor): void {
    const { units, norms, count, at } = this.unitVectors(weight);
    const g = gradient.data();
    const scale = this.factor / pairs(count);
    units.forEach((u, i) => {
      const d = new Float64Array(u.length);
      units.forEach((v, j) => {
        const s = i === j ? 0 : scale * Math.sign(dot(u, v));
        for (let k = 0; k < d.length; k++) d[k] = (d[k] as number) + s * (v[k] as number);
      });
      const along = dot(u, d);
      for (let k = 0; k < d.length; k++)
        g[at(i, k)] = (g[at(i, k)] as number) + ((d[k] as number) - along * (u[k] as number)) / (norms[i] as number);
    });
    if (g !== gradient.storage) backend().write(gradient.storage, g);
  }

  getConfig(): Record<string, unknown> {
    return { factor: this.factor, mode: this.mode };
  }

  private unitVectors(weight: Tensor): { units: Float64Array[]; norms: number[]; count: number; at: (i: number, k: number) => number } {
    const [rows, cols] = weight.shape;
    if (weight.rank !== 2 || rows === undefined || cols === undefined)
      throw new SarafError('ERR_SHAPE', 'regularizer', `expected a matrix, received shape (${weight.shape.join(',')})`);
    const byRow = this.mode === 'rows';
    const [count, length] = byRow ? [rows, cols] : [cols, rows];
    const at = (i: number, k: number): number => (byRow ? i * cols + k : k * cols + i);
    const w = weight.data();
    const norms: number[] = [];
    const units = Array.from({ length: count }, (_, i) => {
      const v = Float64Array.from({ length }, (_unused, k) => w[at(i, k)] as number);
      const norm = Math.sqrt(Math.max(dot(v, v), 1e-12));
      norms.push(norm);
      return v.map((x) => x / norm);
    });
    return { units, norms, count, at };
  }
}

const pairs = (count: number): number => Math.max(1, (count * (count - 1)) / 2);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}
