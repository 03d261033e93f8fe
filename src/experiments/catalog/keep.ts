import type { Duplicate } from '../../data/duplicates.js';

/** Rows of a part that count: 0 where a row repeats one of an earlier part. */
export function keepMask(rows: number, duplicates: readonly Duplicate[]): Uint8Array {
  const keep = new Uint8Array(rows).fill(1);
  for (const { test } of duplicates) keep[test] = 0;
  return keep;
}
