import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'jpeg-js';
import { afterAll, describe, expect, it } from 'vitest';
import { ImagePipeline } from '../../src/data/image-pipeline.js';
import { decodePicture, resizeBilinear, withChannels } from '../../src/data/picture.js';
import { preprocessingFromText, preprocessingText } from '../../src/tensor/preprocessing.js';
import { expectError } from '../helpers/expect-error.js';
import { makePng } from '../helpers/make-png.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A JPEG of one colour above another. */
function jpeg(width: number, height: number): Buffer {
  const data = Buffer.alloc(width * height * 4, 255);
  for (let i = 0; i < width * height; i++) data.set(i < (width * height) / 2 ? [200, 40, 40] : [40, 40, 200], 4 * i);
  return Buffer.from(encode({ width, height, data }, 95).data);
}

const ramp = (height: number, width: number): { width: number; height: number; channels: 1; pixels: Uint8Array } => ({
  width,
  height,
  channels: 1,
  pixels: Uint8Array.from({ length: height * width }, (_, i) => (37 * i) % 256),
});

describe('decodePicture', () => {
  it('goes by what a file holds, not by its name', () => {
    const picture = decodePicture(jpeg(16, 16), 'photo.png');
    expect([picture.width, picture.height, picture.channels]).toEqual([16, 16, 3]);
    const [top, bottom] = [picture.pixels.slice(0, 3), picture.pixels.slice(-3)];
    [...top].forEach((v, c) => expect(Math.abs(v - [200, 40, 40][c]!)).toBeLessThan(4));
    [...bottom].forEach((v, c) => expect(Math.abs(v - [40, 40, 200][c]!)).toBeLessThan(4));
    const grey = decodePicture(makePng({ width: 2, height: 1, depth: 8, colour: 4, at: (x) => [10 + x, 0] }), 'a.jpg');
    expect(grey).toEqual({ width: 2, height: 1, channels: 1, pixels: Uint8Array.of(10, 11) });
  });

  it('refuses what is cut off, empty or another type, naming the file', () => {
    const whole = jpeg(24, 24);
    for (let length = 0; length < whole.length; length += 13)
      expectError(() => decodePicture(whole.subarray(0, length), 'cat.jpg'), 'ERR_FORMAT', 'cat.jpg: expected');
    expectError(() => decodePicture(whole.subarray(0, whole.length - 2), 'cat.jpg'), 'ERR_FORMAT', 'whole JPEG');
    const png = makePng({ width: 9, height: 9, depth: 8, colour: 2, at: () => [1, 2, 3] });
    expectError(() => decodePicture(png.subarray(0, 50), 'cat.png'), 'ERR_FORMAT', 'cat.png: expected a whole PNG', 'after 50 bytes');
    expectError(() => decodePicture(Buffer.alloc(0), 'none.png'), 'ERR_FORMAT', 'empty file');
    expectError(() => decodePicture(Buffer.from('GIF89a...'), 'a.png'), 'ERR_FORMAT', 'a file of GIF', 'convert');
    expectError(() => decodePicture(Buffer.from('RIFF1234WEBPVP8 '), 'a.png'), 'ERR_FORMAT', 'WebP');
    expectError(() => decodePicture(Buffer.from('hello'), 'a.png'), 'ERR_FORMAT', 'neither');
  });
});

describe('withChannels', () => {
  it('repeats grey, and weighs red, green and blue', () => {
    const grey = withChannels({ width: 2, height: 1, channels: 1, pixels: Uint8Array.of(7, 9) }, 3);
    expect([...grey.pixels]).toEqual([7, 7, 7, 9, 9, 9]);
    const back = withChannels({ width: 3, height: 1, channels: 3, pixels: Uint8Array.of(255, 0, 0, 0, 255, 0, 10, 200, 77) }, 1);
    expect([...back.pixels]).toEqual([76, 150, 129]);
    expect(withChannels(back, 1)).toBe(back);
  });
});

describe('resizeBilinear', () => {
  const resized = (height: number, width: number, toHeight: number, toWidth: number): number[] => {
    const into = new Float32Array(toHeight * toWidth);
    resizeBilinear(ramp(height, width), toHeight, toWidth, into);
    return [...into];
  };

  // tf.image.resize(method='bilinear') of TensorFlow 2.21, as Keras' image_dataset_from_directory calls it.
  it('gives what tf.image.resize gives', () => {
    const larger = [0, 14.8, 37, 59.2, 74, 27.75, 42.55, 64.75, 86.95, 101.75, 83.25, 98.05, 120.25, 142.45, 157.25, 111, 125.8, 148, 170.2, 185]; // prettier-ignore
    resized(2, 3, 4, 5).forEach((v, i) => expect(v).toBeCloseTo(larger[i] as number, 4));
    const smaller = [151.0833282, 72.9166717, 70.75, 163.25, 161.0833588, 82.9166107];
    resized(7, 5, 3, 2).forEach((v, i) => expect(v).toBeCloseTo(smaller[i] as number, 3));
    expect(resized(7, 5, 3, 2)).toHaveLength(6);
  });

  it('leaves a picture of the right size as it is, and spreads a single pixel', () => {
    expect(resized(5, 4, 5, 4)).toEqual([...ramp(5, 4).pixels]);
    const into = new Float32Array(12);
    resizeBilinear({ width: 1, height: 1, channels: 3, pixels: Uint8Array.of(1, 2, 3) }, 2, 2, into);
    expect([...into]).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });
});

describe('ImagePipeline', () => {
  const file = join(folder, 'one.png');
  writeFileSync(file, makePng({ width: 2, height: 1, depth: 8, colour: 6, at: (x) => [100 * x, 50, 255, 9] }));

  it('turns files into the scaled input of a model, and is the same after saving', () => {
    const pipeline = new ImagePipeline({ height: 1, width: 2, scale: 1 / 255, offset: -1 });
    const x = pipeline.transform([file, file]);
    expect(x.shape).toEqual([2, 1, 2, 3]);
    const one = [0, 50, 255, 100, 50, 255].map((v) => Math.fround(v / 255 - 1));
    [...x.data()].forEach((v, i) => expect(v).toBeCloseTo(one[i % 6] as number, 6));
    const again = preprocessingFromText(preprocessingText(pipeline), 'preprocessing.json');
    expect(again).toEqual(pipeline);
    expect(again.transform(file).shape).toEqual([1, 1, 2, 3]);
    expect(new ImagePipeline({ height: 3, width: 4, channels: 1 }).transform(file).shape).toEqual([1, 3, 4, 1]);
  });

  it('refuses options, files and JSON that are none', () => {
    expectError(() => new ImagePipeline({ height: 0, width: 2 }), 'ERR_ARG', 'height');
    expectError(() => new ImagePipeline({ height: 2, width: 2, channels: 4 as 3 }), 'ERR_ARG', '1 or 3 channels');
    expectError(() => new ImagePipeline({ height: 2, width: 2, scale: Number.NaN }), 'ERR_ARG', 'finite');
    expectError(() => new ImagePipeline({ height: 2, width: 2, factor: 1 } as never), 'ERR_ARG', '"factor"');
    expectError(() => new ImagePipeline({ height: 2, width: 2 }).transform(join(folder, 'no.png')), 'ERR_DATA', 'no.png');
    expectError(() => ImagePipeline.fromJSON({ format: 'other' }), 'ERR_FORMAT', 'saraf-image-pipeline');
    const json = new ImagePipeline({ height: 2, width: 2 }).toJSON();
    expectError(() => ImagePipeline.fromJSON({ ...json, width: 'x' }), 'ERR_FORMAT', 'width');
    expectError(() => ImagePipeline.fromJSON(null), 'ERR_FORMAT', 'saraf-image-pipeline');
  });
});
