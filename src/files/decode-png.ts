import { constants, crc32, inflateSync } from 'node:zlib';
import { SarafError } from '../errors.js';
import { PNG_SIGNATURE } from './png.js';

/** A picture without transparency: (height, width, channels) bytes, 1 channel for grey or 3 for red, green, blue. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** Pixels of a picture, at most: one of more is a mistake, or made to exhaust memory. */
export const MOST_PIXELS = 100e6;

/** By colour type: samples of a pixel in the file, and bits that a sample may have. */
const COLOURS: Readonly<Record<number, { samples: number; depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};
const PALETTE = 3;
/** Where each pass of an interlaced file begins and how far apart its pixels are: x, y, dx, dy. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly samples: number;
  readonly interlaced: boolean;
}

/**
 * The pixels of a PNG file, of every colour type and depth, interlaced or not. Transparency and colour profiles are left out, samples of
 * 16 bits cut to their upper 8, as TensorFlow's decode_png does for Keras.
 *
 * Throws: ERR_FORMAT if it is no PNG, cut off or damaged, or has more than 100 million pixels.
 * Source: PNG (Third Edition), W3C.
 */
export function decodePng(file: Uint8Array): Picture {
  const { header, palette, data } = readChunks(file);
  const { width, height, samples, depth } = header;
  const passes = (header.interlaced ? PASSES : ([[0, 0, 1, 1]] as const))
    .map(([x, y, dx, dy]) => ({ x, y, dx, dy, columns: Math.ceil((width - x) / dx), rows: Math.ceil((height - y) / dy) }))
    .filter((pass) => pass.columns > 0 && pass.rows > 0);
  const lineBytes = (columns: number): number => Math.ceil((columns * samples * depth) / 8);
  const lines = inflated(
    data,
    passes.reduce((sum, pass) => sum + pass.rows * (lineBytes(pass.columns) + 1), 0),
  );
  const channels = header.colour === PALETTE || samples >= 3 ? 3 : 1;
  const pixels = new Uint8Array(width * height * channels);
  const step = Math.max(1, (samples * depth) / 8);
  let at = 0;
  for (const pass of passes) {
    const bytes = lineBytes(pass.columns);
    let above: Uint8Array = new Uint8Array(bytes);
    for (let row = 0; row < pass.rows; row++) {
      const line = lines.subarray(at + 1, at + 1 + bytes);
      unfilter(lines[at] as number, line, above, step);
      const value = samplesOf(line, header);
      for (let column = 0; column < pass.columns; column++) {
        let to = ((pass.y + row * pass.dy) * width + pass.x + column * pass.dx) * channels;
        if (palette) {
          const from = 3 * value(column);
          if (from >= palette.length)
            throw fail(`expected colours among the ${palette.length / 3} of its palette, received number ${from / 3}`);
          for (let c = 0; c < 3; c++) pixels[to++] = palette[from + c] as number;
        } else for (let c = 0; c < channels; c++) pixels[to++] = value(column * samples + c);
      }
      above = line;
      at += 1 + bytes;
    }
  }
  return { width, height, channels, pixels };
}

function fail(message: string, cause?: unknown): SarafError {
  return new SarafError('ERR_FORMAT', 'decodePng', message, { cause });
}

function readChunks(file: Uint8Array): { header: Header; palette: Uint8Array | null; data: Uint8Array } {
  if (PNG_SIGNATURE.some((byte, i) => file[i] !== byte)) throw fail('expected a PNG, received a file that does not begin as one');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let header: Header | null = null;
  let palette: Uint8Array | null = null;
  const parts: Uint8Array[] = [];
  for (let at = PNG_SIGNATURE.length; ;) {
    const end = at + 12 <= file.length ? at + 12 + view.getUint32(at) : Infinity;
    if (end > file.length) throw fail(`expected a whole PNG, received one that is cut off after ${file.length} bytes; copy it again`);
    const type = Buffer.from(file.subarray(at + 4, at + 8)).toString('latin1');
    const data = file.subarray(at + 8, end - 4);
    if (crc32(file.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
      throw fail(`expected a whole PNG, its part ${type} is damaged; copy it again`);
    at = end;
    if (type === 'IHDR') header = readHeader(data);
    else if (type === 'PLTE') palette = data;
    else if (type === 'IDAT') parts.push(data);
    else if (type === 'IEND') break;
  }
  if (!header || parts.length === 0) throw fail('expected a PNG with header and pixels, it has none');
  if (header.colour !== PALETTE) palette = null;
  else if (!palette) throw fail('expected a palette, it has none');
  return { header, palette, data: Buffer.concat(parts) };
}

function readHeader(data: Uint8Array): Header {
  if (data.length !== 13) throw fail(`expected a header of 13 bytes, received ${data.length}`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, colour = 0, compression, filter, interlace] = data.subarray(8);
  const kind = COLOURS[colour];
  if (!kind?.depths.includes(depth) || compression !== 0 || filter !== 0 || (interlace !== 0 && interlace !== 1))
    throw fail(`expected colours that PNG has, received type ${colour} of ${depth} bits`);
  if (width < 1 || height < 1 || width * height > MOST_PIXELS)
    throw fail(`expected 1 to ${MOST_PIXELS / 1e6} million pixels, received ${width}×${height}`);
  return { width, height, depth, colour, samples: kind.samples, interlaced: interlace === 1 };
}

function inflated(data: Uint8Array, expected: number): Uint8Array {
  let lines: Uint8Array;
  try {
    // Cut off, it gives what is there, so that the message can say how much.
    lines = inflateSync(data, { maxOutputLength: expected, finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw fail(`expected pixels that can be unpacked: ${(cause as Error).message}`, cause);
  }
  if (lines.length !== expected) throw fail(`expected ${expected} bytes of pixels, received ${lines.length}; copy the file again`);
  return lines;
}

/** Undoes a line's filter in place; `step`: bytes to the same sample of the pixel before. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): void {
  if (filter > 4) throw fail(`expected a line's filter to be 0 to 4, received ${filter}`);
  if (filter === 0) return;
  for (let i = 0; i < line.length; i++) {
    const left = i >= step ? (line[i - step] as number) : 0;
    const up = above[i] as number;
    const corner = i >= step ? (above[i - step] as number) : 0;
    const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
    line[i] = (line[i] as number) + guess; // modulo 256
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

/** Sample number i of a line, as a byte; of a palette, the number of its colour. */
function samplesOf(line: Uint8Array, { depth, colour }: Header): (i: number) => number {
  if (depth === 8) return (i) => line[i] as number;
  if (depth === 16) return (i) => line[2 * i] as number;
  const most = 2 ** depth - 1;
  const scale = colour === PALETTE ? 1 : 255 / most;
  return (i) => (((line[(i * depth) >> 3] as number) >> (8 - depth - ((i * depth) & 7))) & most) * scale;
}
