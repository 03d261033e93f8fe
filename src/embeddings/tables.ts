/** Rows are padded to a multiple of this; the padding is 0 and stays so. */
const COLUMNS = 16;

/** Columns of a table of vectors of this size. */
export const paddedColumns = (size: number): number => Math.ceil(size / COLUMNS) * COLUMNS;

/**
 * Where number `d` of vector `v` lies in a table as the kernels have it: the first half of all rows, then the second half of all. Two
 * threads work on a half each, and what a processor fetches beyond the end of a row is then its own thread's.
 */
export function tableIndex(vectors: number, columns: number): (v: number, d: number) => number {
  const cut = Math.ceil(columns / COLUMNS / 2) * COLUMNS;
  const rest = columns - cut;
  return (v, d) => (d < cut ? v * cut + d : vectors * cut + v * rest + d - cut);
}

/** Vectors (V,size), one after the other, into a table. */
export function packTable(values: ArrayLike<number>, vectors: number, size: number, table: { [i: number]: number }): void {
  const at = tableIndex(vectors, paddedColumns(size));
  for (let v = 0; v < vectors; v++) for (let d = 0; d < size; d++) table[at(v, d)] = values[v * size + d] as number;
}

/** The vectors of a table, (V,size), one after the other. */
export function unpackTable(table: Float32Array, vectors: number, size: number): Float32Array {
  const at = tableIndex(vectors, paddedColumns(size));
  const out = new Float32Array(vectors * size);
  for (let v = 0; v < vectors; v++) for (let d = 0; d < size; d++) out[v * size + d] = table[at(v, d)] as number;
  return out;
}
