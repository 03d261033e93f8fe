import { describe, expect, it } from 'vitest';
import type { ImageDataSet } from '../../../src/data/cifar.js';
import { prepareCifar, type CifarConfig } from '../../../src/experiments/catalog/cifar.js';
import { fingerprintPrepared } from '../../../src/experiments/fingerprint.js';
import type { Loaded } from '../../../src/experiments/experiment.js';
import { findExperiment } from '../../../src/experiments/registry.js';
import { Philox } from '../../../src/tensor/random.js';

const PIXELS = 32 * 32 * 3;

/** Smooth random pictures; test image 1 repeats training image 2, validation image 0 repeats training image 0, a little brighter. */
function pictures(): Loaded<ImageDataSet> {
  const random = new Philox(5, 1);
  const draw = (rows: number): Uint8Array => {
    const images = new Uint8Array(rows * PIXELS);
    for (let n = 0; n < rows; n++) {
      const coarse = Array.from({ length: 8 * 8 * 3 }, () => random.integer(200));
      for (let y = 0; y < 32; y++) {
        for (let x = 0; x < 32; x++)
          for (let c = 0; c < 3; c++) images[n * PIXELS + (y * 32 + x) * 3 + c] = coarse[((y >> 2) * 8 + (x >> 2)) * 3 + c] ?? 0;
      }
    }
    return images;
  };
  const train = draw(12);
  const test = draw(6);
  const copy = (from: number): Uint8Array => train.slice(from * PIXELS, (from + 1) * PIXELS).map((v) => v + 5);
  train.set(copy(0), 8 * PIXELS);
  test.set(copy(2), PIXELS);
  const part = (images: Uint8Array, rows: number): ImageDataSet['train'] => ({
    images,
    labels: Int32Array.from({ length: rows }, (_, i) => i % 10),
    rows,
  });
  const raw: ImageDataSet = {
    title: 'pictures',
    train: part(train, 12),
    test: part(test, 6),
    shape: [32, 32, 3],
    classes: Array.from({ length: 10 }, (_, i) => String(i)),
    lossy: false,
    standIn: false,
    notes: [],
    provenance: [],
  };
  return { raw, sources: [], classNames: raw.classes, standIn: null, sameTask: true };
}

const config: CifarConfig = { epochs: 1, batchSize: 4, trainRows: 8, validationRows: 4, testRows: 6, duplicates: 'keep' };

describe('preparation of CIFAR-10', () => {
  it('takes training and validation images in the official order and leaves them bytes', () => {
    const { train, validation, test } = prepareCifar(pictures(), config);
    expect([train, validation, test].map((p) => p.x.shape[0])).toEqual([8, 4, 6]);
    expect(train.x.dtype).toBe('uint8');
    expect([...validation.labels]).toEqual([8, 9, 0, 1]);
    expect(test.keep).toBeUndefined();
  });

  it('leak-free: pictures that training has seen do not count, and are counted', () => {
    const prepared = prepareCifar(pictures(), { ...config, duplicates: 'remove' });
    expect([...(prepared.validation.keep ?? [])]).toEqual([0, 1, 1, 1]);
    expect([...(prepared.test.keep ?? [])]).toEqual([1, 0, 1, 1, 1, 1]);
    expect(prepared.notes.join(' ')).toMatch(/1 validation images .* 1 test images/);
  });

  it('is the same training under both protocols', () => {
    const loaded = pictures();
    expect(fingerprintPrepared(prepareCifar(loaded, { ...config, duplicates: 'remove' }))).toBe(
      fingerprintPrepared(prepareCifar(loaded, config)),
    );
    expect(fingerprintPrepared(prepareCifar(loaded, { ...config, trainRows: 7 }))).not.toBe(
      fingerprintPrepared(prepareCifar(loaded, config)),
    );
  });
});

describe('models of E1', () => {
  it('have the layers that each variant asks for', async () => {
    const e = findExperiment('cifar10-cnn');
    const prepared = await e.prepare(pictures(), config);
    const layersOf = (factor: string, variant: string): string[] => {
      const found = e.factors.find((f) => f.name === factor)?.variants.find((v) => v.name === variant);
      return e.model({ ...e.config, ...found?.config }, prepared, null).layers.map((l) => l.className);
    };
    expect(layersOf('pooling', 'average').filter((n) => n === 'AveragePooling2D')).toHaveLength(3);
    expect(layersOf('layers', '4').filter((n) => n === 'Conv2D')).toHaveLength(4);
    expect(layersOf('kernel', '2×2')[0]).toBe('Rescaling');
  });
});
