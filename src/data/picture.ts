import { decode } from 'jpeg-js';
import { SarafError } from '../errors.js';
import { decodePng, MOST_PIXELS, type Picture } from '../files/decode-png.js';
import { PNG_SIGNATURE } from '../files/png.js';

export type { Picture } from '../files/decode-png.js';

/** What other files begin with, for messages. */
const OTHERS: readonly (readonly [string, RegExp])[] = [
  ['GIF', /^GIF8/],
  ['WebP', /^RIFF[\s\S]{4}WEBP/],
  ['BMP', /^BM/],
  ['TIFF', /^(II\*\0|MM\0\*)/],
  ['HEIC or AVIF', /^[\s\S]{4}ftyp/],
  ['PDF', /^%PDF/],
];

/**
 * The pixels of a PNG or JPEG file, whatever its name ends in. As Keras does it: transparency is left out, and how a camera was held (EXIF)
 * is not looked at.
 *
 * Throws: ERR_FORMAT naming the file if it is of another type, cut off or damaged.
 */
export function decodePicture(bytes: Uint8Array, name: string): Picture {
  const fail = (message: string, cause?: unknown): SarafError => new SarafError('ERR_FORMAT', 'picture', `${name}: ${message}`, { cause });
  if (bytes.length === 0) throw fail('expected a PNG or JPEG, received an empty file');
  if (PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    try {
      return decodePng(bytes);
    } catch (cause) {
      if (!(cause instanceof SarafError)) throw cause;
      throw fail(cause.message.replace(/^\[[^\]]*\] /, ''), cause);
    }
  }
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    try {
      const { width, height, data } = decode(bytes, {
        useTArray: true,
        formatAsRGBA: false,
        tolerantDecoding: false,
        maxResolutionInMP: MOST_PIXELS / 1e6,
        maxMemoryUsageInMB: 2048,
      });
      return { width, height, channels: 3, pixels: data };
    } catch (cause) {
      throw fail(`expected a whole JPEG of at most ${MOST_PIXELS / 1e6} million pixels, received one that is cut off, damaged or larger: ${(cause as Error).message}`, cause); // prettier-ignore
    }
  }
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  const other = OTHERS.find(([, pattern]) => pattern.test(start))?.[0];
  throw fail(`expected a PNG or JPEG, received ${other === undefined ? 'a file that is neither' : `a file of ${other}`}; convert it first`);
}

/** Of grey, three equal channels; of three, grey by ITU-R BT.601 as Pillow does it for Keras. The same picture if it has them. */
export function withChannels(picture: Picture, channels: 1 | 3): Picture {
  if (picture.channels === channels) return picture;
  const { width, height, pixels: from } = picture;
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    if (channels === 3) pixels.fill(from[i] as number, 3 * i, 3 * i + 3);
    else
      pixels[i] = Math.round(0.299 * (from[3 * i] as number) + 0.587 * (from[3 * i + 1] as number) + 0.114 * (from[3 * i + 2] as number));
  }
  return { width, height, channels, pixels };
}

/**
 * A picture in another size, bilinear: half-pixel centres, clamped at the border, every output from its four neighbours, however much
 * smaller it gets. Its proportions follow the new size.
 *
 * Shapes: pixels of `picture` → into[0 … height·width·channels).
 * Units:  0 … 255, not rounded.
 * Source: tf.image.resize, as in Keras' image_dataset_from_directory.
 */
export function resizeBilinear(picture: Picture, height: number, width: number, into: Float32Array): void {
  const { channels, pixels } = picture;
  const ys = sources(picture.height, height);
  const xs = sources(picture.width, width);
  let to = 0;
  for (const y of ys) {
    const [above, below] = [y.lower * picture.width, y.upper * picture.width];
    for (const x of xs) {
      for (let c = 0; c < channels; c++) {
        const at = (pixel: number): number => pixels[pixel * channels + c] as number;
        const top = at(above + x.lower) + (at(above + x.upper) - at(above + x.lower)) * x.share;
        const bottom = at(below + x.lower) + (at(below + x.upper) - at(below + x.lower)) * x.share;
        into[to++] = top + (bottom - top) * y.share;
      }
    }
  }
}

/** For each output of an axis its two neighbours, and the share of the upper one. */
function sources(from: number, to: number): { lower: number; upper: number; share: number }[] {
  return Array.from({ length: to }, (_, o) => {
    const at = ((o + 0.5) * from) / to - 0.5;
    const floor = Math.floor(at);
    return { lower: Math.max(floor, 0), upper: Math.min(floor + 1, from - 1), share: at - floor };
  });
}
