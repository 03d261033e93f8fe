import { describe, expect, it, test } from 'vitest';
import { decodePng } from '../../src/files/decode-png.js';
import { encodePng } from '../../src/files/png.js';
import { expectError } from '../helpers/expect-error.js';
import { makePng, pngChunk, type PngRecipe } from '../helpers/make-png.js';

/** Samples that differ from pixel to pixel, in all their bits. */
const hash = (x: number, y: number, c: number, depth: number): number => ((x * 7919 + y * 104_729 + c * 1299 + 51) * 2_654_435_761) % 2 ** depth; // prettier-ignore
const size = { width: 13, height: 11 };
const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;
const palette = Array.from({ length: 3 * 256 }, (_, i) => (i * 77 + 5) % 256);

function recipe(colour: PngRecipe['colour'], depth: number, interlaced: boolean): PngRecipe {
  const at = (x: number, y: number): number[] => Array.from({ length: SAMPLES[colour] }, (_, c) => hash(x, y, c, depth));
  return { ...size, colour, depth, interlaced, at, ...(colour === 3 ? { palette: palette.slice(0, 3 * 2 ** depth) } : {}) };
}

function expected({ colour, depth, at }: PngRecipe): number[] {
  const out: number[] = [];
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++) {
      const own = at(x, y);
      if (colour === 3) out.push(...palette.slice(3 * (own[0] ?? 0), 3 * (own[0] ?? 0) + 3));
      else
        for (const v of own.slice(0, colour === 2 || colour === 6 ? 3 : 1)) out.push(depth === 16 ? v >> 8 : (v * 255) / (2 ** depth - 1));
    }
  return out;
}

describe('decodePng', () => {
  const kinds = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16], [2, 8], [2, 16], [3, 1], [3, 2], [3, 4], [3, 8], [4, 8], [4, 16], [6, 8], [6, 16]] as const; // prettier-ignore
  test.each(kinds.flatMap(([colour, depth]) => [false, true].map((interlaced) => [colour, depth, interlaced] as const)))(
    'colour type %i of %i bits, interlaced %s, every filter',
    (colour, depth, interlaced) => {
      const own = recipe(colour, depth, interlaced);
      const picture = decodePng(makePng(own));
      expect([picture.width, picture.height]).toEqual([13, 11]);
      expect(picture.channels).toBe(colour === 0 || colour === 4 ? 1 : 3);
      expect([...picture.pixels]).toEqual(expected(own));
    },
  );

  it('reads a picture of one pixel, and what encodePng writes', () => {
    const one = { width: 1, height: 1, depth: 8, colour: 2, at: () => [1, 2, 3], interlaced: true } as const;
    expect([...decodePng(makePng(one)).pixels]).toEqual([1, 2, 3]);
    const pixels = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 41) % 256);
    expect(decodePng(encodePng(pixels, [5, 4, 3]))).toEqual({ width: 4, height: 5, channels: 3, pixels });
  });

  it('leaves transparency out, as decode_png of TensorFlow does', () => {
    const values = [[10, 20, 30, 0], [40, 50, 60, 128]]; // prettier-ignore
    const file = makePng({ width: 2, height: 1, depth: 8, colour: 6, at: (x) => values[x] ?? [] });
    expect([...decodePng(file).pixels]).toEqual([10, 20, 30, 40, 50, 60]);
    const keyed = makePng({ width: 1, height: 1, depth: 8, colour: 2, at: () => [9, 8, 7], parts: [['tRNS', Uint8Array.of(0, 9, 0, 8, 0, 7)]] }); // prettier-ignore
    expect([...decodePng(keyed).pixels]).toEqual([9, 8, 7]);
  });

  it('refuses a file that is cut off, wherever', () => {
    const file = makePng(recipe(2, 8, false));
    for (let length = 0; length < file.length; length++) expectError(() => decodePng(file.subarray(0, length)), 'ERR_FORMAT', 'expected');
    expectError(() => decodePng(file.subarray(0, file.length - 20)), 'ERR_FORMAT', `cut off after ${file.length - 20} bytes`);
  });

  it('refuses damage', () => {
    const file = makePng(recipe(2, 8, false));
    const damaged = Buffer.from(file);
    damaged[60] = 255 - (damaged[60] as number);
    expectError(() => decodePng(damaged), 'ERR_FORMAT', 'IDAT is damaged');
    const header = (...bytes: number[]): Buffer => Buffer.concat([file.subarray(0, 8), pngChunk('IHDR', Uint8Array.from(bytes)), file.subarray(33)]); // prettier-ignore
    expectError(() => decodePng(header(0, 0, 0, 13, 0, 0, 0, 12, 8, 2, 0, 0, 0)), 'ERR_FORMAT', 'bytes of pixels, received');
    expectError(() => decodePng(header(0, 0, 0, 13, 0, 0, 0, 10, 8, 2, 0, 0, 0)), 'ERR_FORMAT', 'unpacked');
    expectError(() => decodePng(header(0, 0, 0, 0, 0, 0, 0, 10, 8, 2, 0, 0, 0)), 'ERR_FORMAT', '0×10');
    expectError(() => decodePng(header(0, 1, 0, 0, 0, 1, 0, 0, 8, 2, 0, 0, 0)), 'ERR_FORMAT', '65536×65536');
    expectError(() => decodePng(header(0, 0, 0, 13, 0, 0, 0, 11, 4, 2, 0, 0, 0)), 'ERR_FORMAT', 'type 2 of 4 bits');
    expectError(() => decodePng(header(0, 0, 0, 13)), 'ERR_FORMAT', 'header of 13 bytes');
    expectError(() => decodePng(makePng({ ...recipe(2, 8, false), filter: 5 })), 'ERR_FORMAT', 'filter');
    expectError(() => decodePng(Buffer.concat([file.subarray(0, 33), file.subarray(-12)])), 'ERR_FORMAT', 'it has none');
    expectError(() => decodePng(makePng({ ...recipe(3, 8, false), palette: [1, 2, 3] })), 'ERR_FORMAT', 'of its palette');
    expectError(() => decodePng(makePng({ ...size, depth: 8, colour: 3, at: () => [0] })), 'ERR_FORMAT', 'a palette, it has none');
  });
});
