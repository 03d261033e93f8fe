import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { tensor, type Shape, type Tensor } from '../tensor/tensor.js';
import { checkIndices, commonRows, RowGatherer, type Batch } from './tensor-source.js';

export interface ImageSourceOptions {
  /** What a byte is multiplied by. Default 1/255. */
  factor?: number;
  sampleWeight?: Tensor;
}

/**
 * Batches of images that stay bytes until a batch needs them: a quarter of the memory of floats.
 *
 * Shapes: images uint8 (rows,H,W,C), labels int32 (rows) or float (rows,classes); a batch of n indices has x float32 (n,H,W,C) in
 *         [0,1] with the default factor. A batch is valid until the next one of the same size: its memory is used again.
 * Throws: ERR_DTYPE unless images are bytes; ERR_SHAPE if numbers of rows differ or images are not rank 4; ERR_ARG for an index that is no row.
 * Example: `new ImageSource(train.images, [50_000, 32, 32, 3], train.labels)`
 */
export class ImageSource {
  readonly rows: number;
  private readonly images: Tensor;
  private readonly labels: Tensor | undefined;
  private readonly sampleWeight: Tensor | undefined;
  private readonly factor: number;
  private readonly gatherer = new RowGatherer();

  constructor(images: Tensor, labels?: Tensor | Int32Array, options?: ImageSourceOptions);
  constructor(images: Uint8Array, shape: Shape, labels?: Tensor | Int32Array, options?: ImageSourceOptions);
  constructor(
    images: Tensor | Uint8Array,
    second?: Shape | Tensor | Int32Array,
    third?: Tensor | Int32Array | ImageSourceOptions,
    fourth?: ImageSourceOptions,
  ) {
    const raw = images instanceof Uint8Array;
    this.images = raw ? tensor(images, second as Shape) : images;
    const labels = (raw ? third : second) as Tensor | Int32Array | undefined;
    const options = ((raw ? fourth : third) ?? {}) as ImageSourceOptions;
    if (this.images.dtype !== 'uint8')
      throw new SarafError(
        'ERR_DTYPE',
        'imageSource',
        `expected images as uint8, received ${this.images.dtype}; use TensorSource for floats`,
      );
    if (this.images.rank !== 4)
      throw new SarafError('ERR_SHAPE', 'imageSource', `expected images of shape (N,H,W,C), received (${this.images.shape.join(',')})`);
    this.labels = labels instanceof Int32Array ? tensor(labels, [labels.length]) : labels;
    this.sampleWeight = options.sampleWeight;
    this.factor = options.factor ?? 1 / 255;
    this.rows = commonRows('imageSource', [
      ['images', this.images],
      ...(this.labels ? [['labels', this.labels] as const] : []),
      ...(this.sampleWeight ? [['sampleWeight', this.sampleWeight] as const] : []),
    ]);
  }

  batch(indices: Int32Array): Batch {
    checkIndices('imageSource', indices, this.rows);
    const bytes = this.gatherer.gather('bytes', this.images, indices);
    const x = this.gatherer.buffer('x', bytes.shape, 'float32');
    backend().bytesToFloat(bytes.storage, x.storage, this.factor);
    return {
      x: [x],
      ...(this.labels ? { y: this.gatherer.gather('y', this.labels, indices) } : {}),
      ...(this.sampleWeight ? { sampleWeight: this.gatherer.gather('w', this.sampleWeight, indices) } : {}),
    };
  }

  /** A source of some of the rows, in the order named: for a validation part. Copies their bytes. */
  take(indices: ArrayLike<number>): ImageSource {
    const list = Int32Array.from(indices);
    checkIndices('imageSource.take', list, this.rows);
    const own = new RowGatherer();
    const images = own.gather('images', this.images, list);
    const labels = this.labels && own.gather('labels', this.labels, list);
    const weight = this.sampleWeight && own.gather('weight', this.sampleWeight, list);
    return new ImageSource(images, labels, { factor: this.factor, ...(weight ? { sampleWeight: weight } : {}) });
  }
}
