import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { sizeOf, type Tensor } from '../tensor/tensor.js';
import { RandomInitializer, type SeedOptions } from './draw.js';
import type { RandomKey, Storage } from '../backend/backend.js';

export interface OrthogonalOptions extends SeedOptions {
  /** Factor of the orthogonal matrix. Default 1. */
  gain?: number;
}

/**
 * Q of a QR factorisation with a positive diagonal of R, by Householder reflections in double precision.
 * Only + − × ÷ √ in a fixed order: the same bits on every machine.
 *
 * Shapes: a (m,n) row-major, m >= n; it is destroyed → (m,n) with orthonormal columns.
 */
export function orthonormalColumns(a: Float64Array, m: number, n: number): Float64Array {
  const at = (i: number, j: number): number => a[i * n + j] as number;
  const factor = new Float64Array(n);
  const sign = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let norm = 0;
    for (let i = k; i < m; i++) norm += at(i, k) * at(i, k);
    norm = Math.sqrt(norm);
    // The reflection maps column k to −sign·norm: the sign that avoids cancellation.
    const diagonal = at(k, k) >= 0 ? -norm : norm;
    sign[k] = diagonal < 0 ? -1 : 1;
    a[k * n + k] = at(k, k) - diagonal;
    let squared = 0;
    for (let i = k; i < m; i++) squared += at(i, k) * at(i, k);
    factor[k] = squared === 0 ? 0 : 2 / squared;
    for (let j = k + 1; j < n; j++) {
      let dot = 0;
      for (let i = k; i < m; i++) dot += at(i, k) * at(i, j);
      dot *= factor[k] as number;
      for (let i = k; i < m; i++) a[i * n + j] = at(i, j) - dot * at(i, k);
    }
  }
  // Q = H₀H₁…Hₙ₋₁ applied to the first n unit vectors.
  const q = new Float64Array(m * n);
  for (let j = 0; j < n; j++) q[j * n + j] = sign[j] as number;
  for (let k = n - 1; k >= 0; k--) {
    for (let j = 0; j < n; j++) {
      let dot = 0;
      for (let i = k; i < m; i++) dot += at(i, k) * (q[i * n + j] as number);
      dot *= factor[k] as number;
      for (let i = k; i < m; i++) q[i * n + j] = (q[i * n + j] as number) - dot * at(i, k);
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
    const q = orthonormalColumns(Float64Array.from(backend().read(storage)), tall, wide);
    const values = new Float64Array(weight.size);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) values[i * cols + j] = this.gain * (q[rows < cols ? j * wide + i : i * wide + j] as number);
    }
    backend().write(storage, values);
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain, ...super.getConfig() };
  }
}
