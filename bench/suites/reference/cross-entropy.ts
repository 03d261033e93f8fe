/** Of logits (N,K): the mean cross-entropy of their softmax, and its gradient for them. */
export function crossEntropy(logits: Float64Array, labels: Int32Array, K: number): { loss: number; gradient: Float64Array } {
  const N = labels.length;
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  labels.forEach((label, n) => {
    const row = logits.subarray(n * K, (n + 1) * K);
    const top = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((sum, z) => sum + Math.exp(z - top), 0);
    loss += (Math.log(total) + top - (row[label] as number)) / N;
    row.forEach((z, k) => (gradient[n * K + k] = (Math.exp(z - top) / total - (k === label ? 1 : 0)) / N));
  });
  return { loss, gradient };
}
