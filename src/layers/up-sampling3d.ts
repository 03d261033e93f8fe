import { imageInput, knownOptions, onlyShape, window } from './checks.js';
import { Moving, type Movement } from './moving.js';
import type { LayerOptions, SymbolicShape } from './layer.js';
import type { Shape } from '../tensor/tensor.js';

export interface UpSampling3DOptions extends LayerOptions {
  /** Factor of depth, height and width, one number or three. Default 2. */
  size?: number | readonly number[];
}

/**
 * Larger volumes: each cell repeated.
 *
 * Shapes: (N,D,H,W,C) → (N,D·size,H·size,W·size,C).
 * Throws: ERR_SHAPE if x is not rank 5; ERR_ARG if size is not one positive integer or three.
 * Source: Keras UpSampling3D.
 * Example: layers.upSampling3d({ size: [1, 2, 2] })
 */
export class UpSampling3D extends Moving {
  readonly className = 'UpSampling3D';
  readonly size: readonly number[];

  constructor(options: UpSampling3DOptions = {}) {
    super('UpSampling3D', options);
    knownOptions('upSampling3d', options, ['size']);
    this.size = window('upSampling3d', 'size', options.size ?? 2, 3);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    imageInput(this.name, shape, 3);
    return [shape.map((n, i) => (n === null || i === 0 || i === 4 ? n : n * (this.size[i - 1] as number)))];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), size: this.size };
  }

  protected override movement(shape: Shape): Movement {
    const [N, D, H, W, C] = shape as [number, number, number, number, number];
    const [sd, sh, sw] = this.size as [number, number, number];
    const line = W * sw * C;
    const plane = H * sh * line;
    return {
      axes: [
        { length: N * D, x: H * W * C, y: sd * plane },
        { length: sd, x: 0, y: plane },
        { length: H, x: W * C, y: sh * line },
        { length: sh, x: 0, y: line },
        { length: W, x: C, y: sw * C },
        { length: sw, x: 0, y: C },
        { length: C, x: 1, y: 1 },
      ],
    };
  }
}
