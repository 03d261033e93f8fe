import { inflateSync } from 'node:zlib';
import { unsupported, type Source } from './source.js';

export interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

const [DEFLATE, SHUFFLE, FLETCHER32] = [1, 2, 3];

/** A filter pipeline message. Throws for a filter that cannot be undone, before any data are read. */
export function readFilters(source: Source, at: number): Filter[] {
  const version = source.u8(at);
  if (version !== 1 && version !== 2) source.fail(`expected filters at ${at}, received version ${version}`);
  const count = source.u8(at + 1);
  if (count > 32) source.fail(`expected at most 32 filters, received ${count}`);
  let pos = at + (version === 1 ? 8 : 2);
  const filters: Filter[] = [];
  for (let i = 0; i < count; i++) {
    const id = source.u16(pos);
    const named = version === 1 || id >= 256;
    const nameLength = named ? source.u16(pos + 2) : 0;
    pos += named ? 4 : 2;
    const values = source.u16(pos + 2);
    pos += 4 + (version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength);
    filters.push({ id, values: Array.from({ length: values }, (_, k) => source.u32(pos + 4 * k)) });
    pos += 4 * values + (version === 1 && values % 2 === 1 ? 4 : 0);
    if (![DEFLATE, SHUFFLE, FLETCHER32].includes(id))
      throw unsupported(source.name, `the filter ${id === 4 ? 'szip' : id === 32000 ? 'lzf' : `number ${id}`}`);
  }
  return filters;
}

/** Undoes the filters of one chunk; bit i of `skipped` leaves filter i out. The result has exactly `size` bytes. */
export function unfilter(source: Source, data: Uint8Array, filters: readonly Filter[], skipped: number, size: number): Uint8Array {
  let bytes = data;
  for (let i = filters.length - 1; i >= 0; i--) {
    const filter = filters[i] as Filter;
    if (((skipped >>> i) & 1) === 1) continue;
    if (filter.id === DEFLATE) bytes = inflate(source, bytes, size);
    else if (filter.id === SHUFFLE) bytes = unshuffle(bytes, filter.values[0] ?? 1);
    else bytes = checked(source, bytes);
  }
  if (bytes.length < size) source.fail(`expected a chunk of ${size} bytes, received ${bytes.length}`);
  return bytes;
}

function inflate(source: Source, bytes: Uint8Array, size: number): Uint8Array {
  try {
    // A checksum may follow the data inside.
    return inflateSync(bytes, { maxOutputLength: size + 4 });
  } catch {
    return source.fail('expected compressed data that unfold to the size of a chunk');
  }
}

function unshuffle(bytes: Uint8Array, width: number): Uint8Array {
  const count = Math.floor(bytes.length / width);
  if (width <= 1 || count <= 1) return bytes;
  const out = Uint8Array.from(bytes);
  for (let k = 0; k < width; k++) for (let i = 0; i < count; i++) out[i * width + k] = bytes[k * count + i] as number;
  return out;
}

/** Compares and cuts off Fletcher's checksum. */
function checked(source: Source, bytes: Uint8Array): Uint8Array {
  if (bytes.length < 4) source.fail('expected a chunk with a checksum');
  const data = bytes.subarray(0, bytes.length - 4);
  let [a, b] = [0, 0];
  for (let i = 0; i < data.length; i += 2) {
    a = (a + ((data[i] as number) << 8) + (data[i + 1] ?? 0)) % 65535;
    b = (b + a) % 65535;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + data.length, 4);
  // 0 and 65535 are the same in ones' complement.
  const same = (x: number, y: number): boolean => x % 65535 === y % 65535;
  const stored = view.getUint32(0, true);
  if (!same(stored & 0xffff, a) || !same(stored >>> 16, b)) source.fail('expected the recorded checksum of a chunk');
  return data;
}
