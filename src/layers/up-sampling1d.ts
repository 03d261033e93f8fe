import { SarafError } from '../errors.js';
import { knownOptions, onlyShape, positiveInteger, showShape } from './checks.js';
import { Moving, type Movement } from './moving.js';
import type { LayerOptions, SymbolicShape } from './layer.js';
import type { Shape } from '../tensor/tensor.js';

export interface UpSampling1DOptions extends LayerOptions {
  /** How often each step is repeated. Default 2. */
  size?: number;
}

/**
 * Each step `size` times in a row.
 *
 * Shapes: (N,T,D) → (N,T·size,D).
 * Throws: ERR_SHAPE if x is not rank 3.
 * Source: Keras UpSampling1D.
 * Example: layers.upSampling1d({ size: 3 })
 */
export class UpSampling1D extends Moving {
  readonly className = 'UpSampling1D';
  readonly size: number;

  constructor(options: UpSampling1DOptions = {}) {
    super('UpSampling1D', options);
    knownOptions('upSampling1d', options, ['size']);
    this.size = positiveInteger('upSampling1d', 'size', options.size ?? 2);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (shape.length !== 3) throw new SarafError('ERR_SHAPE', this.name, `expected x of shape (N,T,D), received ${showShape(shape)}`);
    const [rows, steps, features] = shape as [number | null, number | null, number | null];
    return [[rows, steps === null ? null : steps * this.size, features]];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), size: this.size };
  }

  protected override movement(shape: Shape): Movement {
    const [rows, steps, features] = shape as [number, number, number];
    return {
      axes: [
        { length: rows * steps, x: features, y: this.size * features },
        { length: this.size, x: 0, y: features },
        { length: features, x: 1, y: 1 },
      ],
    };
  }
}
