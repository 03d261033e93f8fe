import { layers } from '../../src/index.js';
import { drawn, type LayerInputs, type Pass } from './layer-inputs.js';
import { layerRun } from './reference/layer-run.js';
import type { Shape, Suite } from './suite.js';
import file from '../shapes/pool.json' with { type: 'json' };

/** N batch, H image side, C channels, k window and stride; padding 'valid'. */
interface Geometry extends Shape {
  readonly kind: 'max' | 'average';
  readonly N: number;
  readonly H: number;
  readonly C: number;
  readonly k: number;
}

export interface PoolShape extends Geometry {
  readonly pass: Pass;
}
export type PoolInputs = LayerInputs<PoolShape>;

const shapes = (file as readonly Geometry[]).flatMap((g): PoolShape[] =>
  (['infer', 'train'] as const).map((pass) => ({ ...g, name: `${g.name}-${pass}`, pass })),
);
const outputSide = ({ H, k }: Geometry): number => Math.floor((H - k) / k) + 1;

export const poolLayer = ({ kind, k }: PoolShape) =>
  kind === 'max' ? layers.maxPooling2d({ poolSize: k }) : layers.averagePooling2d({ poolSize: k });

export const pool: Suite<PoolShape, PoolInputs> = {
  name: 'pool',
  title: 'Pooling; training adds the gradient of the image',
  shapes,
  // One comparison or addition per tap.
  flops: (shape) => (shape.pass === 'train' ? 2 : 1) * shape.N * outputSide(shape) ** 2 * shape.k ** 2 * shape.C,
  bytes: (shape) => 4 * (shape.pass === 'train' ? 2 : 1) * shape.N * shape.C * (shape.H ** 2 + outputSide(shape) ** 2),
  inputs(shape) {
    const { N, H, C, pass } = shape;
    const O = outputSide(shape);
    return {
      shape,
      x: drawn('x', [N, H, H, C], 1),
      weights: [],
      dy: pass === 'train' ? drawn('dy', [N, O, O, C], 4) : null,
    };
  },
  reference: (inputs) => layerRun(() => poolLayer(inputs.shape), inputs, 'float64').check(),
  tolerance: { y: 1e-6, dx: 1e-6 },
};
