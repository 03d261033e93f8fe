/** y (M,N) += a (M,K) · b (K,N), in double. */
export function addProduct(a: Float64Array, b: Float64Array, y: Float64Array, M: number, K: number, N: number): void {
  for (let m = 0; m < M; m++) {
    for (let k = 0; k < K; k++) {
      const v = a[m * K + k] as number;
      for (let n = 0; n < N; n++) (y[m * N + n] as number) += v * (b[k * N + n] as number);
    }
  }
}

/** y (K,N) += aᵀ · b for a (M,K), b (M,N). */
export function addTransposedProduct(a: Float64Array, b: Float64Array, y: Float64Array, M: number, K: number, N: number): void {
  for (let m = 0; m < M; m++) {
    for (let k = 0; k < K; k++) {
      const v = a[m * K + k] as number;
      for (let n = 0; n < N; n++) (y[k * N + n] as number) += v * (b[m * N + n] as number);
    }
  }
}

/** (K,N) → (N,K). */
export function transpose(x: Float64Array, K: number, N: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let k = 0; k < K; k++) for (let n = 0; n < N; n++) y[n * K + k] = x[k * N + n] as number;
  return y;
}

/** y (rows,cols) += b (cols) to every row. */
export function addRows(y: Float64Array, b: Float64Array): void {
  for (let i = 0; i < y.length; i++) (y[i] as number) += b[i % b.length] as number;
}

/** y (cols) += sum over the rows of x (rows,cols). */
export function addColumnSums(x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) (y[i % y.length] as number) += x[i] as number;
}
