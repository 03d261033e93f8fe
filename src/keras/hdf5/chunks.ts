import { treeLeaves, treeRecords } from './btree.js';
import type { Source } from './source.js';
import { NOWHERE, unsupported } from './source.js';

/** A stored piece of a dataset. */
export interface Chunk {
  readonly at: number;
  readonly size: number;
  /** Bit i: filter i was left out. */
  readonly skipped: number;
  /** First element along each axis. */
  readonly offset: readonly number[];
}

/** What a layout message of class "chunked" says. */
export interface ChunkIndex {
  readonly shape: readonly number[];
  /** Axes of a chunk. */
  readonly chunk: readonly number[];
  readonly elementSize: number;
  readonly filtered: boolean;
}

/** The chunks that a version 1 tree lists. */
export function* chunksOfTree(source: Source, at: number, { shape, elementSize, chunk, filtered }: ChunkIndex): Generator<Chunk> {
  if (at === NOWHERE) return;
  const rank = shape.length;
  const whole = chunk.reduce((product, n) => product * n, elementSize);
  for (const { key, child } of treeLeaves(source, at, 1, 8 + 8 * (rank + 1))) {
    const size = source.u32(key);
    if (!filtered && size !== whole) source.fail(`expected a chunk of ${whole} bytes, received ${size}`);
    source.check(child, size);
    yield { at: child, size, skipped: source.u32(key + 4), offset: chunk.map((_, i) => source.unsigned(key + 8 + 8 * i, 8)) };
  }
}

/** The chunks of a version 4 layout; `at` is behind the lengths of the chunk's axes. */
export function* chunksOfIndex(source: Source, at: number, flags: number, index: ChunkIndex): Generator<Chunk> {
  const { shape, chunk, elementSize, filtered } = index;
  const whole = chunk.reduce((product, n) => product * n, elementSize);
  const counts = shape.map((n, i) => Math.ceil(n / (chunk[i] as number)));
  const total = counts.reduce((product, n) => product * n, 1);
  const offsetOf = (number: number): number[] => {
    const offset = counts.map(() => 0);
    for (let i = counts.length - 1, rest = number; i >= 0; i--) {
      offset[i] = (rest % (counts[i] as number)) * (chunk[i] as number);
      rest = Math.floor(rest / (counts[i] as number));
    }
    return offset;
  };
  const type = source.u8(at);
  if (type === 1) {
    const has = (flags & 2) !== 0;
    const address = source.address(at + 1 + (has ? source.lengthSize + 4 : 0));
    if (address === NOWHERE) return;
    const size = has ? source.length(at + 1) : whole;
    yield { at: source.check(address, size), size, skipped: has ? source.u32(at + 1 + source.lengthSize) : 0, offset: chunk.map(() => 0) };
  } else if (type === 2) {
    const address = source.address(at + 1);
    if (address === NOWHERE) return;
    for (let i = 0; i < total; i++) {
      source.step();
      yield { at: source.check(address + i * whole, whole), size: whole, skipped: 0, offset: offsetOf(i) };
    }
  } else if (type === 3) {
    yield* fixedArray(source, source.address(at + 2), total, whole, offsetOf);
  } else if (type === 5) {
    const tree = source.address(at + 7);
    if (tree === NOWHERE) return;
    const sizeWidth = filtered ? source.u16(tree + 10) - source.offsetSize - 4 - 8 * shape.length : 0;
    for (const record of treeRecords(source, tree, filtered ? [11] : [10])) {
      const address = source.address(record);
      const size = filtered ? source.unsigned(record + source.offsetSize, sizeWidth) : whole;
      const rest = record + source.offsetSize + (filtered ? sizeWidth + 4 : 0);
      yield {
        at: source.check(address, size),
        size,
        skipped: filtered ? source.u32(rest - 4) : 0,
        offset: chunk.map((n, i) => source.unsigned(rest + 8 * i, 8) * n),
      };
    }
  } else {
    throw unsupported(source.name, type === 4 ? 'a dataset that can grow (an extensible array of chunks)' : `chunk index ${type}`);
  }
}

function* fixedArray(
  source: Source,
  header: number,
  total: number,
  whole: number,
  offsetOf: (number: number) => number[],
): Generator<Chunk> {
  if (header === NOWHERE) return;
  source.signature(header, 'FAHD');
  source.checksum(header, 8 + source.lengthSize + source.offsetSize);
  const filtered = source.u8(header + 5) === 1;
  const width = source.u8(header + 6);
  const perPage = 2 ** source.u8(header + 7);
  const count = source.length(header + 8);
  const block = source.address(header + 8 + source.lengthSize);
  if (count < total || width < source.offsetSize) source.fail(`expected ${total} chunks, received ${count}`);
  if (block === NOWHERE) return;
  source.signature(block, 'FADB');
  const first = block + 6 + source.offsetSize;
  const paged = count > perPage;
  const pages = Math.ceil(count / perPage);
  const bitmap = Math.ceil(pages / 8);
  const elements = paged ? first + bitmap + 4 : first;
  if (!paged) source.checksum(block, 6 + source.offsetSize + count * width);
  for (let i = 0; i < total; i++) {
    source.step();
    const page = Math.floor(i / perPage);
    if (paged && ((source.u8(first + (page >> 3)) >> (7 - (page & 7))) & 1) === 0) continue;
    const entry = elements + i * width + (paged ? 4 * page : 0);
    const address = source.address(entry);
    if (address === NOWHERE) continue;
    const size = filtered ? source.unsigned(entry + source.offsetSize, width - source.offsetSize - 4) : whole;
    yield { at: source.check(address, size), size, skipped: filtered ? source.u32(entry + width - 4) : 0, offset: offsetOf(i) };
  }
}
