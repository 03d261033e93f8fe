import { describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/models/safetensors.js';
import { tensor, zeros } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';

const join = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

function file(header: unknown, data = new Uint8Array(0), length?: bigint): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length ?? BigInt(json.length));
  return Buffer.concat([head, json, data]);
}

const entry = (change: object = {}): object => ({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...change } });

describe('safetensors', () => {
  test('every type, shape and odd value comes back as it was', () => {
    const tensors = [
      ['floats', tensor(Float32Array.of(1.5, -0, Number.NaN, Infinity), [2, 2])],
      ['doubles', tensor(Float64Array.of(Math.PI))],
      ['ids', tensor(Int32Array.of(-1, 2147483647))],
      ['bytes', tensor(Uint8Array.of(0, 255, 7), [3, 1])],
      ['scalar', tensor(Float32Array.of(3), [])],
      ['none', zeros([0, 4])],
      ['nåme/ü#2', tensor([1])],
    ] as const;
    const bytes = join(encodeSafetensors(tensors));
    expect(Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)) % 8).toBe(0);
    const read = decodeSafetensors(bytes, 'test');
    expect([...read.keys()]).toEqual(tensors.map(([name]) => name));
    for (const [name, value] of tensors) {
      const got = read.get(name) as typeof value;
      expect(got.dtype).toBe(value.dtype);
      expectClose(got, value, exact(), name);
    }
  });

  test('the same name twice is refused', () => {
    expectError(
      () =>
        encodeSafetensors([
          ['a', tensor([1])],
          ['a', tensor([2])],
        ]),
      'ERR_ARG',
      'a twice',
    );
  });

  test.each<[string, Uint8Array, string]>([
    ['too short', new Uint8Array(4), 'at least 8 bytes'],
    ['header beyond the end', file({}, undefined, 1000n), 'received one of 1000'],
    ['a header of 2^63 bytes', file({}, undefined, 1n << 63n), 'header within'],
    ['no JSON', file('{"a":'), 'JSON'],
    ['no object', file([]), 'JSON object'],
    ['no entry', file({ a: null }), 'type'],
    ['unknown type', file(entry({ dtype: 'BF16' }), new Uint8Array(8)), 'BF16'],
    ['a type from the prototype', file(entry({ dtype: 'constructor' }), new Uint8Array(8)), 'constructor'],
    ['negative shape', file(entry({ shape: [-2] }), new Uint8Array(8)), 'shape'],
    ['offsets beyond the end', file(entry({ data_offsets: [0, 80] }), new Uint8Array(8)), '0 to 80'],
    ['offsets the wrong way', file(entry({ data_offsets: [8, 0] }), new Uint8Array(8)), '8 to 0'],
    ['bytes that do not fit the shape', file(entry({ shape: [3] }), new Uint8Array(8)), '12 bytes'],
    ['a gap', file(entry({ data_offsets: [4, 12] }), new Uint8Array(12)), 'gaps'],
    ['data left over', file(entry(), new Uint8Array(12)), 'received 12'],
  ])('%s is refused', (_name, bytes, piece) => {
    expectError(() => decodeSafetensors(bytes, 'test.safetensors'), 'ERR_FORMAT', 'test.safetensors', piece);
  });
});
