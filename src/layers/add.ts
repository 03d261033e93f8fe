import { MERGES } from '../backend/backend.js';
import { Merging } from './merging.js';
import type { LayerOptions } from './layer.js';

export type AddOptions = LayerOptions;

/**
 * Sum of two or more inputs; lengths of 1 and missing axes behind the batch axis repeat. A step is valid if it is valid in any input.
 *
 * Shapes: k times (…) → (…).
 * Throws: ERR_SHAPE if the shapes do not broadcast.
 * Source: Keras Add.
 * Example: layers.add().apply([x, y])
 */
export class Add extends Merging {
  readonly className = 'Add';
  protected readonly merge = MERGES.add;

  constructor(options: AddOptions = {}) {
    super('Add', 'add', options);
  }
}
