import { layers } from '../../src/index.js';
import { drawn, product, type LayerInputs, type Pass } from './layer-inputs.js';
import { layerRun } from './reference/layer-run.js';
import type { Shape, Suite } from './suite.js';
import file from '../shapes/conv.json' with { type: 'json' };

/** N batch, H image side, C F channels in and out, k kernel side, s stride; padding 'same', square everything. */
interface Geometry extends Shape {
  readonly N: number;
  readonly H: number;
  readonly C: number;
  readonly F: number;
  readonly k: number;
  readonly s: number;
  /** The image is what a ReLU leaves: no negative numbers, half of them zero. */
  readonly relu?: boolean;
}

export interface ConvShape extends Geometry {
  readonly pass: Pass;
}
export type ConvInputs = LayerInputs<ConvShape>;

const outputSide = ({ H, s }: Geometry): number => Math.ceil(H / s);

/** Pairs of output and kernel place along one axis that lie inside the image: zeros of the padding are no work. */
function taps(shape: Geometry): number {
  const { H, k, s } = shape;
  const O = outputSide(shape);
  const before = Math.floor(Math.max((O - 1) * s + k - H, 0) / 2);
  let count = 0;
  for (let o = 0; o < O; o++) for (let j = 0; j < k; j++) if (o * s + j - before >= 0 && o * s + j - before < H) count++;
  return count;
}

const shapes = (file as readonly Geometry[]).flatMap((g): ConvShape[] =>
  (['infer', 'train'] as const).map((pass) => ({ ...g, ...(g.relu ? { errors: true } : {}), name: `${g.name}-${pass}`, pass })),
);

export const convLayer = ({ F, k, s }: ConvShape, winograd = true) =>
  layers.conv2d({ filters: F, kernelSize: k, strides: s, padding: 'same', winograd });

export const conv: Suite<ConvShape, ConvInputs> = {
  name: 'conv',
  title: 'Convolution with bias, NHWC, padding same; training adds the gradients of image, kernel and bias',
  shapes,
  flops: (shape) => (shape.pass === 'train' ? 3 : 1) * 2 * shape.N * taps(shape) ** 2 * shape.C * shape.F,
  bytes(shape) {
    const { N, H, C, F, k, pass } = shape;
    const once = N * H * H * C + k * k * C * F + N * outputSide(shape) ** 2 * F;
    return 4 * once * (pass === 'train' ? 2 : 1);
  },
  inputs(shape) {
    const { N, H, C, F, k, pass, relu } = shape;
    const O = outputSide(shape);
    const x = drawn('x', [N, H, H, C], 1);
    return {
      shape,
      x: relu ? { ...x, values: x.values.map((v) => Math.max(v, 0)) } : x,
      weights: [drawn('w', [k, k, C, F], 2, 1 / Math.sqrt(product([k, k, C]))), drawn('b', [F], 3, 0.1)],
      dy: pass === 'train' ? drawn('dy', [N, O, O, F], 4, 0.01) : null,
    };
  },
  reference: (inputs) => layerRun(() => convLayer(inputs.shape), inputs, 'float64').check(),
  // Winograd's transforms cost two or three bits; a bias gradient sums tens of thousands of terms that cancel.
  tolerance: { y: 1e-5, dx: 1e-5, dw: 2e-5, db: 1e-4 },
};
