import type { Source } from './source.js';
import { unsupported } from './source.js';

/** How one element is stored. */
export type Datatype =
  | { readonly kind: 'integer'; readonly size: number; readonly signed: boolean; readonly bigEndian: boolean }
  | { readonly kind: 'float'; readonly size: number; readonly bigEndian: boolean }
  | { readonly kind: 'string'; readonly size: number }
  | { readonly kind: 'text'; readonly size: number }
  | { readonly kind: 'other'; readonly size: number; readonly what: string };

const CLASSES = ['integer', 'float', 'time', 'string', 'bit field', 'opaque', 'compound', 'reference', 'enumeration', 'sequence', 'array'];
/** Precision, exponent position and size, mantissa size, bias of the IEEE formats. */
const IEEE: Record<number, string> = { 2: '16,10,5,10,15', 4: '32,23,8,23,127', 8: '64,52,11,52,1023' };

/** A datatype message. `string` has a fixed length, `text` lies in the global heap. */
export function readDatatype(source: Source, at: number): Datatype {
  const head = source.u8(at);
  const bits = source.u8(at + 1);
  const size = source.u32(at + 4);
  const version = head >> 4;
  if (version < 1 || version > 5) source.fail(`expected a datatype at ${at}, received version ${version}`);
  if (size === 0 || size > source.bytes.length) source.fail(`expected the size of an element at ${at}, received ${size}`);
  const what = CLASSES[head & 15];
  if (what === undefined) source.fail(`expected a datatype at ${at}, received class ${head & 15}`);
  const bigEndian = (bits & 1) === 1;
  if (what === 'integer') {
    if (![1, 2, 4, 8].includes(size) || source.u16(at + 8) !== 0 || source.u16(at + 10) !== 8 * size)
      throw unsupported(source.name, `an integer of ${size} bytes with ${source.u16(at + 10)} bits`);
    return { kind: 'integer', size, signed: (bits & 8) !== 0, bigEndian };
  }
  if (what === 'float') {
    const form = [source.u16(at + 10), source.u8(at + 12), source.u8(at + 13), source.u8(at + 15), source.u32(at + 16)].join();
    if (IEEE[size] !== form || source.u16(at + 8) !== 0 || (bits & 0x40) !== 0)
      throw unsupported(source.name, `a float of ${size} bytes that is not IEEE's`);
    return { kind: 'float', size, bigEndian };
  }
  if (what === 'string') return { kind: 'string', size };
  if (what === 'sequence' && (bits & 15) === 1) {
    if (size !== 8 + source.offsetSize) source.fail(`expected a text reference of ${8 + source.offsetSize} bytes, received ${size}`);
    return { kind: 'text', size };
  }
  return { kind: 'other', size, what: what as string };
}

/** A dataspace message: the lengths of the axes; null for a null space. */
export function readDataspace(source: Source, at: number): number[] | null {
  const version = source.u8(at);
  const rank = source.u8(at + 1);
  if (version !== 1 && version !== 2) source.fail(`expected a dataspace at ${at}, received version ${version}`);
  if (rank > 32) source.fail(`expected at most 32 axes, received ${rank}`);
  if (version === 2 && source.u8(at + 3) === 2) return null;
  const first = at + (version === 1 ? 8 : 4);
  return Array.from({ length: rank }, (_, i) => source.length(first + i * source.lengthSize));
}

/** Number of elements of a shape. Throws if it is more than any file holds. */
export function elements(source: Source, shape: readonly number[]): number {
  const count = shape.reduce((product, n) => product * n, 1);
  if (!(count <= 2 ** 40)) source.fail(`expected a shape that fits the file, received (${shape.join(',')})`);
  return count;
}
