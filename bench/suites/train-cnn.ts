import { drawn } from './layer-inputs.js';
import { fill, fillIntegers } from './fill.js';
import { ADAM, type AdamOptions } from './reference/adam.js';
import { cnnReferenceTrain } from './reference/cnn.js';
import type { NamedArray, Shape, Suite } from './suite.js';
import file from '../shapes/train-cnn.json' with { type: 'json' };

/** N batch, H image side, C channels, K classes; per entry of `filters` a convolution (3×3, same, ReLU) and a 2×2 maximum. */
export interface CnnShape extends Shape {
  readonly N: number;
  readonly H: number;
  readonly C: number;
  readonly K: number;
  readonly filters: readonly number[];
  /** Units of the dense layer before the last. */
  readonly dense: number;
}

export interface CnnInputs {
  readonly shape: CnnShape;
  readonly x: NamedArray;
  /** (N), in [0,K). */
  readonly labels: Int32Array;
  /** Kernel and bias of every layer, in Keras' order and layouts. */
  readonly weights: readonly NamedArray[];
  readonly adam: AdamOptions;
}

/** Side of the image and channels before each convolution, and at the end. */
function stages({ H, C, filters }: CnnShape): { readonly side: number; readonly channels: number }[] {
  const list = [{ side: H, channels: C }];
  for (const channels of filters) list.push({ side: Math.floor((list.at(-1) as { side: number }).side / 2), channels });
  return list;
}

export function cnnInputs(shape: CnnShape): CnnInputs {
  const { N, H, C, K, filters, dense } = shape;
  const steps = stages(shape);
  // He et al. 2015: keeps the size of activations behind a ReLU.
  const spread = (fan: number): number => Math.sqrt(6 / fan);
  const weights = filters.flatMap((F, i) => {
    const { channels } = steps[i] as { channels: number };
    return [drawn(`conv${i}.kernel`, [3, 3, channels, F], 20 + i, spread(9 * channels)), drawn(`conv${i}.bias`, [F], 25 + i, 0.05)];
  });
  const { side, channels } = steps.at(-1) as { side: number; channels: number };
  const flat = side * side * channels;
  weights.push(drawn('dense.kernel', [flat, dense], 30, spread(flat)), drawn('dense.bias', [dense], 31, 0.05));
  weights.push(drawn('last.kernel', [dense, K], 32, spread(2 * dense)), drawn('last.bias', [K], 33, 0.05));
  const x: NamedArray = { name: 'x', shape: [N, H, H, C], values: fill(N * H * H * C, 1, 0.5).map((v) => v + 0.5) };
  return { shape, x, labels: fillIntegers(N, 2, 0, K), weights, adam: ADAM };
}

/** Multiply-adds inside the image, forward. */
export function cnnFlops(shape: CnnShape): number {
  const { N, K, filters, dense } = shape;
  const steps = stages(shape);
  const convolutions = filters.reduce((sum, F, i) => {
    const { side, channels } = steps[i] as { side: number; channels: number };
    return sum + 2 * N * (3 * side - 2) ** 2 * channels * F;
  }, 0);
  const { side, channels } = steps.at(-1) as { side: number; channels: number };
  return convolutions + 2 * N * (side * side * channels * dense + dense * K);
}

/** Image, every activation once, and the weights. */
export function cnnBytes(shape: CnnShape): number {
  const { N, K, dense } = shape;
  const steps = stages(shape);
  const activations = steps.reduce((sum, { side, channels }) => sum + N * side * side * channels, 0);
  const { side, channels } = steps.at(-1) as { side: number; channels: number };
  return 4 * (activations + side * side * channels * dense + dense * K);
}

export const cnnShapes: readonly CnnShape[] = file;

export const trainCnn: Suite<CnnShape, CnnInputs> = {
  name: 'train-cnn',
  title: 'One training step of an image classifier: convolutions with ReLU and pooling, two dense layers; softmax cross-entropy, Adam',
  shapes: cnnShapes,
  flops: (shape) => 3 * cnnFlops(shape),
  bytes: (shape) => 3 * cnnBytes(shape),
  inputs: cnnInputs,
  reference: cnnReferenceTrain,
  // As in train-text; and a maximum or a ReLU within rounding of a tie moves a gradient by a whole term.
  tolerance: { loss: 1e-5, update: 1e-2 },
};
