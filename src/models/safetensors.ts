import { SarafError } from '../errors.js';
import { sizeOf, tensor, type Tensor } from '../tensor/tensor.js';
import type { DType, HostArray } from '../backend/backend.js';

const NAMES: Record<DType, string> = { float32: 'F32', float64: 'F64', int32: 'I32', uint8: 'U8' };
const DTYPES: Record<string, DType> = { F32: 'float32', F64: 'float64', I32: 'int32', U8: 'uint8' };
const WIDTH: Record<DType, number> = { float32: 4, float64: 8, int32: 4, uint8: 1 };
/** As the reference implementation limits it. */
const MAX_HEADER = 100_000_000;

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Tensors as a safetensors file, in parts that are to be written one after the other.
 *
 * Source: the safetensors format: u64 header length, JSON header padded with spaces, little-endian data without gaps.
 */
export function encodeSafetensors(
  tensors: readonly (readonly [name: string, value: Tensor])[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const header: Record<string, unknown> = { __metadata__: { format: 'saraf', ...metadata } };
  const data: Uint8Array[] = [];
  let at = 0;
  for (const [name, value] of tensors) {
    if (Object.hasOwn(header, name))
      throw new SarafError('ERR_ARG', 'safetensors', `expected tensors with different names, received ${name} twice`);
    const values = value.data();
    header[name] = { dtype: NAMES[value.dtype], shape: [...value.shape], data_offsets: [at, at + values.byteLength] } satisfies Entry;
    data.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    at += values.byteLength;
  }
  const text = JSON.stringify(header);
  const json = Buffer.from(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8), 'utf8');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return [length, json, ...data];
}

/**
 * Reads a safetensors file. Every length and offset is checked before it is used.
 *
 * Throws: ERR_FORMAT saying what is wrong with the file.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): Map<string, Tensor> {
  const bad = (what: string): never => {
    throw new SarafError('ERR_FORMAT', 'safetensors', `${source}: ${what}; the file is damaged, copy or save it again`);
  };
  if (bytes.length < 8) bad(`expected at least 8 bytes, received ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER || length > bytes.length - 8)
    bad(`expected a header within ${bytes.length - 8} bytes, received one of ${length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    bad('expected a header in JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) bad('expected a JSON object as header');
  const body = bytes.subarray(8 + length);
  const tensors = new Map<string, Tensor>();
  const spans: (readonly [number, number])[] = [];
  for (const [name, value] of Object.entries(header as Record<string, unknown>)) {
    if (name === '__metadata__') continue;
    const entry = value as Partial<Entry> | null;
    const dtype = Object.hasOwn(DTYPES, String(entry?.dtype)) ? DTYPES[String(entry?.dtype)] : undefined;
    const shape = entry?.shape;
    const offsets = entry?.data_offsets;
    if (!dtype) return bad(`expected ${name} of type ${Object.keys(DTYPES).join(', ')}, received ${String(entry?.dtype)}`);
    if (!Array.isArray(shape) || shape.some((n) => !Number.isSafeInteger(n) || n < 0))
      return bad(`expected a shape for ${name}, received ${JSON.stringify(shape)}`);
    if (!Array.isArray(offsets) || offsets.length !== 2) return bad(`expected two offsets for ${name}`);
    const [begin, end] = offsets;
    if (!(Number.isSafeInteger(begin) && Number.isSafeInteger(end) && 0 <= begin && begin <= end && end <= body.length)) {
      return bad(`expected offsets of ${name} within ${body.length} bytes, received ${begin} to ${end}`);
    }
    if (end - begin !== sizeOf(shape) * WIDTH[dtype])
      bad(`expected ${sizeOf(shape) * WIDTH[dtype]} bytes for ${name} (${shape.join(',')}), received ${end - begin}`);
    spans.push([begin, end]);
    // A copy of its own (a Buffer's slice is none): offsets need not be aligned.
    const copy = new Uint8Array(body.subarray(begin, end));
    tensors.set(name, tensor(typed(dtype, copy), shape));
  }
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let covered = 0;
  for (const [begin, end] of spans) {
    if (begin !== covered) bad(`expected data without gaps or overlaps, received ${begin} after ${covered}`);
    covered = end;
  }
  if (covered !== body.length) bad(`expected ${covered} bytes of data, received ${body.length}`);
  return tensors;
}

function typed(dtype: DType, bytes: Uint8Array): HostArray {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'float64':
      return new Float64Array(buffer, byteOffset, byteLength / 8);
    case 'int32':
      return new Int32Array(buffer, byteOffset, byteLength / 4);
    case 'uint8':
      return bytes;
  }
}
