import { SarafError } from '../errors.js';

/** Row numbers of every key, each ascending; the keys sorted. Throws ERR_DATA naming the row if a key is missing. */
export function rowsByKey(op: string, keys: ArrayLike<string | number>): Map<string | number, number[]> {
  const found = new Map<string | number, number[]>();
  for (let row = 0; row < keys.length; ++row) {
    const key = keys[row];
    if (key === undefined || key === null || key === '' || Number.isNaN(key)) {
      throw new SarafError(
        'ERR_DATA',
        op,
        `expected a value in every row, received ${key === '' ? '""' : key} in row ${row}; fill it in or drop the row`,
      );
    }
    const rows = found.get(key);
    if (rows) rows.push(row);
    else found.set(key, [row]);
  }
  // In the order of the keys and not of their first rows, so that reordering classes' rows does not change which class is drawn from first.
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
