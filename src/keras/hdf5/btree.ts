import { encodedSize } from './heaps.js';
import type { Source } from './source.js';

/** Deeper than any tree of a real file. */
const MAX_DEPTH = 32;

/** Children of the leaves of a version 1 tree, with the position of the key before each. */
export function* treeLeaves(
  source: Source,
  at: number,
  type: 0 | 1,
  keySize: number,
  depth = 0,
): Generator<{ key: number; child: number }> {
  source.signature(at, 'TREE');
  const level = source.u8(at + 5);
  const count = source.u16(at + 6);
  if (source.u8(at + 4) !== type || depth > MAX_DEPTH) source.fail(`expected a tree of type ${type} at ${at}`);
  let key = at + 8 + 2 * source.offsetSize;
  for (let i = 0; i < count; i++, key += keySize + source.offsetSize) {
    const child = source.address(key + keySize);
    if (level === 0) yield { key, child };
    else yield* treeLeaves(source, child, type, keySize, depth + 1);
  }
}

/** Positions of the records of a version 2 tree, in order. */
export function treeRecords(source: Source, at: number, types: readonly number[]): number[] {
  source.signature(at, 'BTHD');
  const type = source.u8(at + 5);
  if (!types.includes(type)) source.fail(`expected a tree of type ${types.join(' or ')}, received ${type}`);
  const nodeSize = source.u32(at + 6);
  const recordSize = source.u16(at + 10);
  const depth = source.u16(at + 12);
  source.checksum(at, 18 + source.offsetSize + source.lengthSize);
  if (recordSize === 0 || nodeSize < 10 + recordSize || depth > MAX_DEPTH) source.fail(`expected a tree with records at ${at}`);
  const rootCount = source.u16(at + 16 + source.offsetSize);
  if (rootCount === 0) return [];
  // Widths of the counts in child pointers follow from how much a node can hold.
  const leafMost = Math.floor((nodeSize - 10) / recordSize);
  const countSize = encodedSize(leafMost);
  const totals = [0];
  let most = leafMost;
  for (let level = 1; level <= depth; level++) {
    const pointer = source.offsetSize + countSize + (totals[level - 1] as number);
    const here = Math.floor((nodeSize - 10 - pointer) / (recordSize + pointer));
    most = (here + 1) * most + here;
    totals.push(encodedSize(most));
  }
  const records: number[] = [];
  const visit = (node: number, count: number, level: number): void => {
    source.signature(node, level === 0 ? 'BTLF' : 'BTIN');
    if (count > leafMost) source.fail(`expected at most ${leafMost} records, received ${count}`);
    const first = node + 6;
    if (level === 0) {
      source.checksum(node, 6 + count * recordSize);
      for (let i = 0; i < count; i++) records.push(first + i * recordSize);
      return;
    }
    const total = totals[level - 1] as number;
    const pointer = source.offsetSize + countSize + total;
    source.checksum(node, 6 + count * recordSize + (count + 1) * pointer);
    for (let i = 0; i <= count; i++) {
      const child = first + count * recordSize + i * pointer;
      visit(source.address(child), source.unsigned(child + source.offsetSize, countSize), level - 1);
      if (i < count) records.push(first + i * recordSize);
    }
  };
  visit(source.address(at + 16), rootCount, depth);
  return records;
}
