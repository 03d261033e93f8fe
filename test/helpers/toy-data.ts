import { Philox } from '../../src/tensor/random.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';

/** Points around one centre per class: a small network learns them in a few epochs. */
export function blobs(rows: number, features = 4, classes = 3, seed = 1): { x: Tensor; y: Tensor; classes: Int32Array } {
  const random = new Philox(seed);
  const centres = Float64Array.from({ length: classes * features }, () => random.uniform(-3, 3));
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
  const x = new Float32Array(rows * features);
  for (let i = 0; i < x.length; i++)
    x[i] = (centres[(labels[Math.floor(i / features)] as number) * features + (i % features)] as number) + random.normal();
  return { x: tensor(x, [rows, features]), y: tensor(labels, [rows]), classes: labels };
}

/** Token rows with padding at the end; the class is that of the first token. */
export function tokenRows(rows: number, length: number, vocabulary: number, classes = 3, seed = 2): { x: Tensor; y: Tensor } {
  const random = new Philox(seed);
  const ids = new Int32Array(rows * length);
  const labels = new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    const words = 1 + random.integer(length);
    for (let t = 0; t < words; t++) ids[r * length + t] = 1 + random.integer(vocabulary - 1);
    labels[r] = (ids[r * length] as number) % classes;
  }
  return { x: tensor(ids, [rows, length]), y: tensor(labels, [rows]) };
}

/** Whether two lists of tensors hold the same bits. */
export function sameBits(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  return (
    a.length === b.length &&
    a.every((t, i) => {
      const [x, y] = [t.data(), b[i]?.data() ?? new Float32Array()];
      return Buffer.compare(Buffer.from(x.buffer, x.byteOffset, x.byteLength), Buffer.from(y.buffer, y.byteOffset, y.byteLength)) === 0;
    })
  );
}
