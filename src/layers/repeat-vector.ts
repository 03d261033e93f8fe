import { SarafError } from '../errors.js';
import { knownOptions, onlyShape, positiveInteger, showShape } from './checks.js';
import { Moving, type Movement } from './moving.js';
import type { LayerOptions, SymbolicShape } from './layer.js';
import type { Shape } from '../tensor/tensor.js';

export interface RepeatVectorOptions extends LayerOptions {
  /** How often. */
  n: number;
}

/**
 * Each row n times, as the steps of a sequence.
 *
 * Shapes: (N,D) → (N,n,D).
 * Throws: ERR_SHAPE if x is not rank 2.
 * Source: Keras RepeatVector.
 * Example: layers.repeatVector({ n: 10 })
 */
export class RepeatVector extends Moving {
  readonly className = 'RepeatVector';
  readonly n: number;

  constructor(options: RepeatVectorOptions) {
    super('RepeatVector', options);
    knownOptions('repeatVector', options, ['n']);
    this.n = positiveInteger('repeatVector', 'n', options.n);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (shape.length !== 2) throw new SarafError('ERR_SHAPE', this.name, `expected x of shape (N,D), received ${showShape(shape)}`);
    return [[shape[0] as number | null, this.n, shape[1] as number | null]];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), n: this.n };
  }

  protected override movement(shape: Shape): Movement {
    const [rows, cols] = shape as [number, number];
    return {
      axes: [
        { length: rows, x: cols, y: this.n * cols },
        { length: this.n, x: 0, y: cols },
        { length: cols, x: 1, y: 1 },
      ],
    };
  }
}
