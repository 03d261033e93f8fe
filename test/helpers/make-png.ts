import { crc32, deflateSync } from 'node:zlib';

export interface PngRecipe {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** PNG's colour type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colour: 0 | 2 | 3 | 4 | 6;
  /** Samples of a pixel, each below 2^depth. */
  readonly at: (x: number, y: number) => readonly number[];
  readonly palette?: readonly number[];
  readonly interlaced?: boolean;
  /** Filter of every line; default: one after the other. */
  readonly filter?: number;
  readonly parts?: readonly (readonly [string, Uint8Array])[];
}

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), whole.length - 4);
  return whole;
}

const PASSES = ['0,0,8,8', '4,0,8,8', '0,4,4,8', '2,0,4,4', '0,2,2,4', '1,0,2,2', '0,1,1,2'].map((p) => p.split(',').map(Number));

function filtered(line: Uint8Array, above: Uint8Array, filter: number, step: number): Uint8Array {
  const out = Uint8Array.of(filter, ...line);
  line.forEach((value, i) => {
    const [a, b, c] = [line[i - step] ?? 0, above[i] ?? 0, i >= step ? (above[i - step] ?? 0) : 0];
    const nearest = [a, b, c].sort((x, y) => Math.abs(a + b - c - x) - Math.abs(a + b - c - y))[0] ?? 0;
    out[i + 1] = value - ([0, a, b, Math.floor((a + b) / 2), nearest][filter] ?? 0);
  });
  return out;
}

/** A PNG file of any kind, written plainly for tests. */
export function makePng({ width, height, depth, colour, at, palette, interlaced = false, filter, parts = [] }: PngRecipe): Buffer {
  const samples = [1, 0, 3, 1, 2, 0, 4][colour] as number;
  const lines: Uint8Array[] = [];
  for (const [x0 = 0, y0 = 0, dx = 1, dy = 1] of interlaced ? PASSES : [[0, 0, 1, 1]]) {
    let above: Uint8Array = new Uint8Array();
    for (let y = y0; y < height; y += dy) {
      let bits = '';
      for (let x = x0; x < width; x += dx)
        bits += at(x, y).map((v) => v.toString(2).padStart(depth, '0')).join(''); // prettier-ignore
      if (bits === '') continue;
      const line = Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => parseInt(byte.padEnd(8, '0'), 2));
      lines.push(filtered(line, above, filter ?? lines.length % 5, Math.max(1, (samples * depth) / 8)));
      above = line;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
  const data = deflateSync(Buffer.concat(lines));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...(palette ? [pngChunk('PLTE', Uint8Array.from(palette))] : []),
    ...parts.map(([type, bytes]) => pngChunk(type, bytes)),
    // In two parts, as large files have it.
    pngChunk('IDAT', data.subarray(0, 7)),
    pngChunk('IDAT', data.subarray(7)),
    pngChunk('IEND', new Uint8Array()),
  ]);
}
