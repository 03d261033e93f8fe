import { halfToNumber } from '../half.js';
import type { Datatype } from './datatype.js';
import { globalObject, utf8 } from './heaps.js';
import { unsupported, type Source } from './source.js';

/** Numbers as they are used: float16 and float32 as float32, integers beyond 32 bits as float64. */
export type Numbers = Float32Array | Float64Array | Int32Array;

/** Decodes `count` elements that lie in `raw`. Takes the memory of the result from the budget. */
export function decodeNumbers(source: Source, type: Datatype, raw: Uint8Array, count: number): Numbers {
  if (type.kind !== 'integer' && type.kind !== 'float') throw unsupported(source.name, `numbers stored as ${describe(type)}`);
  if (raw.length < count * type.size) source.fail(`expected ${count * type.size} bytes of data, received ${raw.length}`);
  const { size, bigEndian } = type;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (type.kind === 'float' && size === 4) {
    const out = new Float32Array(source.spend(4 * count) / 4);
    if (!bigEndian && LITTLE) new Uint8Array(out.buffer).set(raw.subarray(0, 4 * count));
    else for (let i = 0; i < count; i++) out[i] = view.getFloat32(4 * i, !bigEndian);
    return out;
  }
  if (type.kind === 'float') {
    if (size === 8) {
      const out = new Float64Array(source.spend(8 * count) / 8);
      for (let i = 0; i < count; i++) out[i] = view.getFloat64(8 * i, !bigEndian);
      return out;
    }
    const out = new Float32Array(source.spend(4 * count) / 4);
    for (let i = 0; i < count; i++) out[i] = halfToNumber(view.getUint16(2 * i, !bigEndian));
    return out;
  }
  const { signed } = type;
  if (size < 4 || (size === 4 && signed)) {
    const out = new Int32Array(source.spend(4 * count) / 4);
    for (let i = 0; i < count; i++) {
      const at = i * size;
      if (size === 1) out[i] = signed ? view.getInt8(at) : view.getUint8(at);
      else if (size === 2) out[i] = signed ? view.getInt16(at, !bigEndian) : view.getUint16(at, !bigEndian);
      else out[i] = view.getInt32(at, !bigEndian);
    }
    return out;
  }
  const out = new Float64Array(source.spend(8 * count) / 8);
  for (let i = 0; i < count; i++) {
    if (size === 4) out[i] = view.getUint32(4 * i, !bigEndian);
    else out[i] = Number(signed ? view.getBigInt64(8 * i, !bigEndian) : view.getBigUint64(8 * i, !bigEndian));
  }
  return out;
}

/** Decodes texts, of fixed length or in the global heap. */
export function decodeTexts(source: Source, type: Datatype, raw: Uint8Array, count: number): string[] {
  if (type.kind !== 'string' && type.kind !== 'text') throw unsupported(source.name, `text stored as ${describe(type)}`);
  if (raw.length < count * type.size) source.fail(`expected ${count * type.size} bytes of text, received ${raw.length}`);
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const element = raw.subarray(i * type.size, (i + 1) * type.size);
    if (type.kind === 'string') {
      const end = element.indexOf(0);
      texts.push(utf8(source, end < 0 ? element : element.subarray(0, end)));
      continue;
    }
    const view = new DataView(element.buffer, element.byteOffset, element.byteLength);
    const length = view.getUint32(0, true);
    let address = 0;
    for (let k = source.offsetSize - 1; k >= 0; k--) address = address * 256 + (element[4 + k] as number);
    const index = view.getUint32(4 + source.offsetSize, true);
    if (length === 0 && address === 0) {
      texts.push('');
      continue;
    }
    const object = globalObject(source, source.check(source.base + address, 0), index);
    if (length > object.length) source.fail(`expected a text of ${length} bytes, received ${object.length}`);
    const bytes = object.subarray(0, length);
    source.spend(2 * length);
    const end = bytes.indexOf(0);
    texts.push(utf8(source, end < 0 ? bytes : bytes.subarray(0, end)));
  }
  return texts;
}

export function describe(type: Datatype): string {
  return type.kind === 'other' ? type.what : `${type.kind} of ${type.size} bytes`;
}

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
