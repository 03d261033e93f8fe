import type { AuditPart } from '../../data/audit/part.js';
import { loadCifar10, type ImageDataSet } from '../../data/cifar.js';
import { ImagePipeline } from '../../data/image-pipeline.js';
import { nearDuplicateImages } from '../../data/image-hash.js';
import { tensor } from '../../tensor/tensor.js';
import { keepMask } from './keep.js';
import type { Loaded, LoadContext, Part, Prepared, TrainingConfig } from '../experiment.js';
import { dataSources } from './sources.js';

/** What the preparation of CIFAR-10 looks at. Training and validation images are the first ones in the official order. */
export interface CifarConfig extends TrainingConfig {
  readonly trainRows: number;
  readonly validationRows: number;
  readonly testRows: number;
  /** Whether images with the perceptual hash of an earlier part's image count in an evaluation. */
  readonly duplicates: 'keep' | 'remove';
}

const SIDE = 32;
const CHANNELS = 3 as const;
const PIXELS = SIDE * SIDE * CHANNELS;

/** As many images as the configurations need. */
export async function loadCifarImages(context: LoadContext, configs: readonly CifarConfig[]): Promise<Loaded<ImageDataSet>> {
  const set = await loadCifar10({
    dataDir: context.dataDir,
    signal: context.signal,
    onProgress: context.onProgress,
    trainRows: Math.max(...configs.map((c) => c.trainRows + c.validationRows)),
    testRows: Math.max(...configs.map((c) => c.testRows)),
  });
  const standIn = set.standIn
    ? `${set.notes.join('. ')}.`
    : set.lossy
      ? `The images are JPEG copies of CIFAR-10${set.notes.length > 0 ? ` (${set.notes.join('; ')})` : ''}: figures differ from those on the original pixels.`
      : null;
  return {
    raw: set,
    sources: dataSources('cifar-10', set.provenance, set.notes),
    classNames: set.classes,
    standIn,
    sameTask: !set.standIn,
  };
}

/** Images as bytes, in the official order: training, then validation; and the test images. */
export function prepareCifar({ raw, classNames }: Loaded<ImageDataSet>, config: CifarConfig): Prepared {
  const { trainRows, validationRows, testRows } = config;
  const part = (from: number, rows: number, source: ImageDataSet['train'], keep: Uint8Array | null): Part => ({
    x: tensor(source.images.subarray(from * PIXELS, (from + rows) * PIXELS), [rows, SIDE, SIDE, CHANNELS]),
    labels: source.labels.subarray(from, from + rows),
    ...(keep ? { keep } : {}),
  });
  const auditPart = (source: ImageDataSet['train'], rows: number): AuditPart => ({
    images: { images: source.images.subarray(0, rows * PIXELS), rows },
    labels: Array.from(source.labels.subarray(0, rows), (label) => classNames[label] ?? String(label)),
  });
  const notes = [`${trainRows} / ${validationRows} / ${testRows} images for training, validation, test.`];
  let validationKeep: Uint8Array | null = null;
  let testKeep: Uint8Array | null = null;
  if (config.duplicates === 'remove') {
    const bytes = (source: ImageDataSet['train'], from: number, rows: number): { images: Uint8Array; rows: number } => ({
      images: source.images.subarray(from * PIXELS, (from + rows) * PIXELS),
      rows,
    });
    const validation = nearDuplicateImages(bytes(raw.train, 0, trainRows), bytes(raw.train, trainRows, validationRows), raw.shape).removed;
    const test = nearDuplicateImages(bytes(raw.train, 0, trainRows + validationRows), bytes(raw.test, 0, testRows), raw.shape).removed;
    validationKeep = keepMask(validationRows, validation);
    testKeep = keepMask(testRows, test);
    notes.push(
      `${validation.length} validation images show nearly the same picture as a training image and do not count.`,
      `${test.length} test images show nearly the same picture as a training or validation image and do not count (perceptual hash of 64 bits, at most 10 different, and nearly the same colours).`,
    );
  }
  return {
    train: part(0, trainRows, raw.train, null),
    validation: part(trainRows, validationRows, raw.train, validationKeep),
    test: part(0, testRows, raw.test, testKeep),
    audited: { train: auditPart(raw.train, trainRows), test: auditPart(raw.test, testRows), imageShape: raw.shape },
    notes,
    sizes: { classes: classNames.length },
    // The model divides by 255 itself.
    preprocessing: new ImagePipeline({ height: SIDE, width: SIDE, channels: CHANNELS }),
  };
}
