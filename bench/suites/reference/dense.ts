import { addColumnSums, addProduct, addRows, addTransposedProduct, transpose } from './matrix.js';

/** x (M,K) · w (K,N) + b (N), in double. */
export function dense(x: Float64Array, w: Float64Array, b: Float64Array, M: number, K: number, N: number): Float64Array {
  const y = new Float64Array(M * N);
  addProduct(x, w, y, M, K, N);
  addRows(y, b);
  return y;
}

export interface DenseGradients {
  /** (M,K), (K,N), (N). */
  readonly dx: Float64Array;
  readonly dw: Float64Array;
  readonly db: Float64Array;
}

/** What dense() gives back for dy (M,N). */
export function denseBackward(x: Float64Array, w: Float64Array, dy: Float64Array, M: number, K: number, N: number): DenseGradients {
  const [dx, dw, db] = [new Float64Array(M * K), new Float64Array(K * N), new Float64Array(N)];
  addProduct(dy, transpose(w, K, N), dx, M, N, K);
  addTransposedProduct(x, dy, dw, M, K, N);
  addColumnSums(dy, db);
  return { dx, dw, db };
}
