import { crc32, deflateSync } from 'node:zlib';
import { SarafError } from '../errors.js';

/** What every PNG file begins with. */
export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

function chunk(type: string, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(12 + data.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, data.length);
  whole.set(Buffer.from(type, 'latin1'), 4);
  whole.set(data, 8);
  view.setUint32(8 + data.length, crc32(whole.subarray(4, 8 + data.length)));
  return whole;
}

/**
 * A picture as a PNG file.
 *
 * Shapes: pixels (height, width, channels), 1 channel for grey or 3 for red, green, blue.
 * Throws: ERR_SHAPE for another shape.
 * Source: PNG (Third Edition), W3C.
 */
export function encodePng(pixels: Uint8Array, shape: readonly [number, number, number]): Uint8Array {
  const [height, width, channels] = shape;
  if ((channels !== 1 && channels !== 3) || height < 1 || width < 1 || pixels.length !== height * width * channels)
    throw new SarafError('ERR_SHAPE', 'encodePng', `expected pixels of (height,width,1) or (height,width,3), received ${pixels.length} for (${shape.join(',')})`); // prettier-ignore
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 1 ? 0 : 2, 0, 0, 0], 8);
  const line = width * channels;
  const filtered = new Uint8Array(height * (line + 1)); // each line begins with its filter: 0, none
  for (let y = 0; y < height; y++) filtered.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  return Buffer.concat([PNG_SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(filtered)), chunk('IEND', new Uint8Array())]);
}
