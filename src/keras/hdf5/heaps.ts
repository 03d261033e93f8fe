import { NOWHERE, unsupported, type Source } from './source.js';

/** Text of a local heap, ended by a zero. */
export function localText(source: Source, heap: number, offset: number): string {
  source.signature(heap, 'HEAP');
  const size = source.length(heap + 8);
  const data = source.address(heap + 8 + 2 * source.lengthSize);
  source.check(data, size);
  if (offset >= size) source.fail(`expected a name within ${size} bytes, received one at ${offset}`);
  const end = source.bytes.subarray(data, data + size).indexOf(0, offset);
  if (end < 0) source.fail('expected a name that ends');
  return utf8(source, source.bytes.subarray(data + offset, data + end));
}

const decoder = new TextDecoder('utf-8', { fatal: true });

export function utf8(source: Source, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return source.fail('expected text in UTF-8');
  }
}

/** Object `index` of the global heap collection at an address. */
export function globalObject(source: Source, collection: number, index: number): Uint8Array {
  source.signature(collection, 'GCOL');
  const end = collection + source.length(collection + 8);
  source.check(collection, end - collection);
  for (let at = collection + 8 + source.lengthSize; at + 8 + source.lengthSize <= end;) {
    source.step();
    const found = source.u16(at);
    const size = source.length(at + 8);
    if (found === index && index !== 0) {
      if (at + 8 + source.lengthSize + size > end) source.fail(`expected object ${index} within its collection`);
      return source.slice(at + 8 + source.lengthSize, size);
    }
    if (found === 0) break;
    at += 8 + source.lengthSize + Math.ceil(size / 8) * 8;
  }
  return source.fail(`expected object ${index} in the collection at ${collection}`);
}

const log2 = (n: number): number => Math.floor(Math.log2(n));
/** Bytes that hold any number up to n. */
export const encodedSize = (n: number): number => (n <= 0 ? 1 : Math.floor(log2(n) / 8) + 1);

/** A fractal heap: many small objects in blocks of doubling size. */
export class FractalHeap {
  readonly idLength: number;
  private readonly source: Source;
  private readonly at: number;
  private readonly width: number;
  private readonly start: number;
  private readonly maxDirect: number;
  private readonly offsetBytes: number;
  private readonly lengthBytes: number;
  private readonly root: number;
  private readonly rootRows: number;

  constructor(source: Source, at: number) {
    source.signature(at, 'FRHP');
    const [O, L] = [source.offsetSize, source.lengthSize];
    this.source = source;
    this.at = at;
    this.idLength = source.u16(at + 5);
    if (source.u16(at + 7) !== 0) throw unsupported(source.name, 'a compressed heap');
    const maxManaged = source.u32(at + 10);
    const table = at + 14 + 2 * O + 10 * L;
    source.checksum(at, 22 + 3 * O + 12 * L);
    this.width = source.u16(table);
    this.start = source.length(table + 2);
    this.maxDirect = source.length(table + 2 + L);
    const bits = source.u16(table + 2 + 2 * L);
    this.root = source.address(table + 6 + 2 * L);
    this.rootRows = source.u16(table + 6 + 2 * L + O);
    const power = (n: number): boolean => n > 0 && Number.isInteger(Math.log2(n));
    if (!power(this.width) || !power(this.start) || !power(this.maxDirect) || bits > 64 || this.maxDirect < this.start)
      source.fail('expected a heap with blocks of doubling size');
    this.offsetBytes = Math.ceil(bits / 8);
    this.lengthBytes = Math.min(Math.ceil(log2(this.maxDirect) / 8), encodedSize(maxManaged));
  }

  /** Position and length of the object with an id. */
  object(id: number): { at: number; size: number } {
    const { source } = this;
    const type = (source.u8(id) >> 4) & 3;
    if (type === 2) return { at: id + 1, size: (source.u8(id) & 15) + 1 };
    if (type !== 0) throw unsupported(source.name, 'an object of more than 64 kB in a heap');
    const offset = source.unsigned(id + 1, this.offsetBytes);
    const size = source.unsigned(id + 1 + this.offsetBytes, this.lengthBytes);
    if (this.root === NOWHERE) source.fail('expected a heap with blocks');
    const at = this.rootRows === 0 ? this.root + offset : this.locate(this.root, this.rootRows, 0, offset);
    if (this.rootRows === 0) source.signature(this.root, 'FHDB');
    return { at: source.check(at, size), size };
  }

  private locate(block: number, rows: number, first: number, offset: number): number {
    const { source } = this;
    source.signature(block, 'FHIB');
    const directRows = log2(this.maxDirect) - log2(this.start) + 2;
    let child = block + 5 + source.offsetSize + this.offsetBytes;
    let covered = first;
    for (let row = 0; row < rows; row++) {
      const size = row === 0 ? this.start : this.start * 2 ** (row - 1);
      for (let column = 0; column < this.width; column++, covered += size, child += source.offsetSize) {
        source.step();
        if (offset >= covered + size) continue;
        const address = source.address(child);
        if (address === NOWHERE) source.fail(`expected a heap block for offset ${offset}`);
        if (row >= directRows) return this.locate(address, log2(size) - log2(this.start * this.width) + 1, covered, offset);
        source.signature(address, 'FHDB');
        return address + (offset - covered);
      }
    }
    return source.fail(`expected offset ${offset} within the heap at ${this.at}`);
  }
}
