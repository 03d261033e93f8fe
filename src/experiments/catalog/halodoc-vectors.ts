import { hybridSmote, smote } from '../../data/balance/smote.js';
import { tensor, type Tensor } from '../../tensor/tensor.js';

/** Word numbers as the words' vectors, a row per text: (N,T) → (N, T · vectorSize). */
export function asVectors(ids: Tensor, weights: Tensor): Tensor {
  const [rows, length] = ids.shape as [number, number];
  const width = weights.shape[1] as number;
  const [numbers, table] = [ids.data(), weights.data() as Float32Array];
  const values = new Float32Array(rows * length * width);
  for (let i = 0; i < rows * length; i++) {
    const word = (numbers[i] as number) * width;
    values.set(table.subarray(word, word + width), i * width);
  }
  return tensor(values, [rows, length * width]);
}

/** Rows with synthetic ones between neighbours of a class, and which row each is of. Chawla et al. 2002, on the texts' vectors. */
export function smoted(
  x: Tensor,
  labels: Int32Array,
  how: 'smote' | 'smote-hybrid',
  seed: number,
): { readonly x: Tensor; readonly rows: Int32Array; readonly labels: Int32Array } {
  return how === 'smote' ? smote(x, labels, { seed }) : hybridSmote(x, labels, { seed });
}

/** Some rows of (N, T · vectorSize), as sequences again. */
export function takeSequences(x: Tensor, rows: ArrayLike<number>, vectorSize: number): Tensor {
  const width = x.shape[1] as number;
  const from = x.data() as Float32Array;
  const values = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const row = (rows[i] as number) * width;
    values.set(from.subarray(row, row + width), i * width);
  }
  return tensor(values, [rows.length, width / vectorSize, vectorSize]);
}
