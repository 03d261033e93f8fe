import { describe, expect, it } from 'vitest';
import { TfIdfRows } from '../../src/experiments/tf-idf-rows.js';
import { tensor } from '../../src/tensor/tensor.js';
import { TextVectorization } from '../../src/text/text-vectorization.js';
import { sameBits } from '../helpers/toy-data.js';

describe('TfIdfRows', () => {
  it('has the rows of the whole matrix, to the bit', () => {
    const texts = ['baik sekali baik', '', 'buruk', 'tidak dikenal sama sekali sekali'];
    const vectorize = new TextVectorization({ outputMode: 'tf_idf', maxTokens: 4 });
    vectorize.adapt(texts.slice(0, 3));
    const y = tensor([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]);
    const rows = new TfIdfRows(vectorize, texts, y);
    expect(rows.rows).toBe(4);
    for (const indices of [
      [0, 1, 2, 3],
      [3, 0],
      [1, 2],
      [2, 2, 3, 0],
    ]) {
      const { x, y: own } = rows.batch(Int32Array.from(indices));
      expect(sameBits([...x], [vectorize.call(indices.map((i) => texts[i] as string))])).toBe(true);
      expect((own as typeof y).toArray()).toEqual(indices.map((i) => [2 * i + 1, 2 * i + 2]));
    }
    expect(new TfIdfRows(vectorize, texts).batch(Int32Array.of(0)).y).toBeUndefined();
  });
});
