import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readZip, writeZip } from '../../src/keras/zip.js';
import { expectError } from '../helpers/expect-error.js';

const text = (value: string): Uint8Array => Buffer.from(value);
const archive = (): Buffer =>
  Buffer.concat(
    writeZip([
      ['a.txt', text('hello')],
      ['é/b', new Uint8Array(1000)],
    ]),
  );
const END = 22;

describe('zip', () => {
  test('what is written is read again', () => {
    const files = readZip(archive(), 'memory', 1e6);
    expect([...files.keys()]).toEqual(['a.txt', 'é/b']);
    expect(Buffer.from(files.get('a.txt')?.() ?? []).toString()).toBe('hello');
    expect(files.get('é/b')?.()).toHaveLength(1000);
  });

  /** One file, deflated, with what the directory claims of it. */
  function deflated(content: Uint8Array, claimed: number): Buffer {
    const packed = deflateRawSync(content);
    const whole = Buffer.concat(writeZip([['bomb', packed]]));
    const directory = whole.length - END - 46 - 4;
    whole.writeUInt16LE(8, directory + 10);
    whole.writeUInt32LE(claimed, directory + 24);
    return whole;
  }

  test('sizes are checked before memory is taken', () => {
    const zeros = new Uint8Array(2 ** 20);
    expectError(() => readZip(deflated(zeros, 2 ** 30), 'a.zip', 2 ** 31), 'ERR_FORMAT', 'expected sizes that fit', 'bomb');
    expectError(() => readZip(deflated(zeros, 2 ** 20), 'a.zip', 2 ** 19), 'ERR_FORMAT', 'at most 524288 bytes');
    // It claims less than it unpacks to.
    expectError(() => readZip(deflated(zeros, 100), 'a.zip', 2 ** 21).get('bomb')?.(), 'ERR_FORMAT', 'to unpack to 100 bytes');
  });

  test('damage is ERR_FORMAT', () => {
    const flipped = archive();
    flipped[37] = (flipped[37] as number) ^ 4;
    const read = readZip(flipped, 'a.zip', 1e6);
    expectError(() => [...read.values()].forEach((f) => f()), 'ERR_FORMAT', 'checksum');
    expectError(() => readZip(archive().subarray(0, 60), 'a.zip', 1e6), 'ERR_FORMAT', 'end record');
    expectError(() => readZip(Buffer.alloc(5), 'a.zip', 1e6), 'ERR_FORMAT', 'end record');
    const twice = Buffer.concat(
      writeZip([
        ['same', text('1')],
        ['same', text('2')],
      ]),
    );
    expectError(() => readZip(twice, 'a.zip', 1e6), 'ERR_FORMAT', 'same twice');
    const locked = archive();
    const directory = locked.readUInt32LE(locked.length - END + 16);
    locked.writeUInt16LE(1, directory + 8);
    expectError(() => readZip(locked, 'a.zip', 1e6), 'ERR_FORMAT', 'password');
  });
});
