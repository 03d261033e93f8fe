import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../src/files/png.js';
import { expectError } from '../helpers/expect-error.js';

describe('encodePng', () => {
  it('writes size, colours and every line of pixels', () => {
    const pixels = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => 10 * i);
    const file = Buffer.from(encodePng(pixels, [2, 3, 3]));
    expect(file.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect([file.readUInt32BE(16), file.readUInt32BE(20), file[24], file[25]]).toEqual([3, 2, 8, 2]);
    const length = file.readUInt32BE(33);
    expect(file.subarray(37, 41).toString('latin1')).toBe('IDAT');
    const lines = inflateSync(file.subarray(41, 41 + length));
    expect([...lines]).toEqual([0, ...pixels.subarray(0, 9), 0, ...pixels.subarray(9)]);
    // What every PNG ends with, its checksum included.
    expect(file.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
  });

  it('writes grey, and refuses other shapes', () => {
    expect(encodePng(new Uint8Array(4), [2, 2, 1])[25]).toBe(0);
    for (const shape of [
      [2, 2, 2],
      [2, 2, 3],
      [0, 2, 1],
    ] as const)
      expectError(() => encodePng(new Uint8Array(4), shape), 'ERR_SHAPE', 'expected pixels');
  });
});
