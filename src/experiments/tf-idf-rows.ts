import type { Batch, BatchSource } from '../models/batch-source.js';
import { tensor, zeros, type Tensor } from '../tensor/tensor.js';
import type { TextVectorization } from '../text/text-vectorization.js';

/**
 * TF-IDF weights of texts, which become rows of numbers when a batch is made: of 10,000 columns a text has some tens, and all rows at once
 * would take gigabytes.
 *
 * Shapes: a batch of n rows has x float32 (n, vocabulary), to the bits of `vectorize.call`, and y's rows; both are valid until the next batch.
 */
export class TfIdfRows implements BatchSource {
  readonly rows: number;
  private readonly columns: readonly Int32Array[];
  private readonly weights: readonly Float32Array[];
  private readonly width: number;
  private readonly y: Tensor | undefined;
  private x = zeros([0, 0]);

  /** `vectorize` has learnt its vocabulary, in mode 'tf_idf'; y: int32 (rows) or float32 (rows, n). */
  constructor(vectorize: TextVectorization, texts: readonly string[], y?: Tensor) {
    const idf = vectorize.idfWeights ?? new Float32Array();
    const counted = texts.map((text) => {
      const counts = new Map<number, number>();
      for (const { number } of vectorize.lookUp(text)) counts.set(number, (counts.get(number) ?? 0) + 1);
      return counts;
    });
    this.rows = texts.length;
    this.width = vectorize.vocabularySize();
    this.columns = counted.map((counts) => Int32Array.from(counts.keys()));
    this.weights = counted.map((counts) => Float32Array.from(counts, ([column, count]) => count * (idf[column] ?? 0)));
    this.y = y;
  }

  batch(indices: Int32Array): Batch {
    const { width } = this;
    if (this.x.shape[0] !== indices.length) this.x = zeros([indices.length, width]);
    const to = this.x.data();
    to.fill(0);
    for (const [at, row] of indices.entries()) {
      const weights = this.weights[row] as Float32Array;
      for (const [i, column] of (this.columns[row] as Int32Array).entries()) to[at * width + column] = weights[i] as number;
    }
    return { x: [this.x], ...(this.y ? { y: rowsOf(this.y, indices) } : {}) };
  }
}

function rowsOf(y: Tensor, indices: Int32Array): Tensor {
  const from = y.data();
  const each = from.length / (y.shape[0] as number);
  const own = from.slice(0, indices.length * each);
  for (const [at, row] of indices.entries()) own.set(from.subarray(row * each, (row + 1) * each), at * each);
  return tensor(own, [indices.length, ...y.shape.slice(1)]);
}
