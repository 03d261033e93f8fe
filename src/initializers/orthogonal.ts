import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { sizeOf, type Tensor } from '../tensor/tensor.js';
import { RandomInitializer, type SeedOptions } from './draw.js';
import type { RandomKey, Storage } from '../backend/backend.js';

export interface OrthogonalOptions extends SeedOptions {
  /** Factor of the orthogonal matrix. Default 1. */
  gain?: number;
}

/** Σ x[i]·y[i] over `count` values from the two offsets, in ascending order. */
function dot(x: Float64Array, xAt: number, y: Float64Array, yAt: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (x[xAt + i] as number) * (y[yAt + i] as number);
  return sum;
}

/** y[i] −= factor·x[i] over `count` values from the two offsets. */
function subtract(y: Float64Array, yAt: number, factor: number, x: Float64Array, xAt: number, count: number): void {
  for (let i = 0; i < count; i++) y[yAt + i] = (y[yAt + i] as number) - factor * (x[xAt + i] as number);
}

/**
 * Q of a QR factorisation with a positive diagonal of R, by Householder reflections in double precision.
 * Only + − × ÷ √ in a fixed order: the same bits on every machine.
 *
 * Shapes: a holds n columns of m values, one after the other (m >= n), and is destroyed → the same layout, orthonormal columns.
 */
export function orthonormalColumns(a: Float64Array, m: number, n: number): Float64Array {
  const factor = new Float64Array(n);
  const sign = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const pivot = k * m + k;
    const rest = m - k;
    const norm = Math.sqrt(dot(a, pivot, a, pivot, rest));
    // The reflection maps column k to −sign·norm: the sign that avoids cancellation.
    const diagonal = (a[pivot] as number) >= 0 ? -norm : norm;
    sign[k] = diagonal < 0 ? -1 : 1;
    a[pivot] = (a[pivot] as number) - diagonal;
    const squared = dot(a, pivot, a, pivot, rest);
    factor[k] = squared === 0 ? 0 : 2 / squared;
    for (let j = k + 1; j < n; j++) {
      subtract(a, j * m + k, (factor[k] as number) * dot(a, pivot, a, j * m + k, rest), a, pivot, rest);
    }
  }
  // Q = H₀H₁…Hₙ₋₁ applied to the first n unit vectors. Before Hₖ column j < k is still a unit vector without a part in rows ≥ k.
  const q = new Float64Array(m * n);
  for (let j = 0; j < n; j++) q[j * m + j] = sign[j] as number;
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k; j < n; j++) {
      subtract(q, j * m + k, (factor[k] as number) * dot(a, k * m + k, q, j * m + k, m - k), a, k * m + k, m - k);
    }
  }
  return q;
}

/**
 * An orthogonal matrix times `gain`: states keep their length through a recurrent product.
 *
 * Shapes: a weight of rank >= 2, seen as (product of the leading axes, last axis).
 * Throws: ERR_SHAPE if the weight has fewer than two axes.
 * Source: Saxe et al. 2014; Keras Orthogonal.
 * Example: initializers.orthogonal({ gain: 1 })
 */
export class Orthogonal extends RandomInitializer {
  readonly className = 'Orthogonal';
  readonly gain: number;

  constructor(options: OrthogonalOptions = {}) {
    super('orthogonal', options);
    this.gain = options.gain ?? 1;
  }

  protected override draw(storage: Storage, weight: Tensor, key: RandomKey): void {
    if (weight.rank < 2)
      throw new SarafError('ERR_SHAPE', 'orthogonal', `expected a weight of rank >= 2, received shape (${weight.shape.join(',')})`);
    const rows = sizeOf(weight.shape.slice(0, -1));
    const cols = weight.shape.at(-1) as number;
    const tall = Math.max(rows, cols);
    const wide = Math.min(rows, cols);
    if (wide === 0) return;
    backend().randomNormal(storage, 0, 1, false, key.seed, key.stream);
    // The draws fill a (tall, wide) matrix row by row, as Keras' do.
    const drawn = backend().read(storage);
    const columns = new Float64Array(weight.size);
    for (let i = 0; i < tall; i++) for (let j = 0; j < wide; j++) columns[j * tall + i] = drawn[i * wide + j] as number;
    const q = orthonormalColumns(columns, tall, wide);
    const values = new Float64Array(weight.size);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) values[i * cols + j] = this.gain * (q[rows < cols ? i * tall + j : j * tall + i] as number);
    }
    backend().write(storage, values);
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain, ...super.getConfig() };
  }
}
