import { MERGES } from '../backend/backend.js';
import { Extremum } from './extremum.js';
import type { LayerOptions } from './layer.js';

export type MaximumOptions = LayerOptions;

/**
 * Largest of two or more inputs, element by element; shapes broadcast. Equal ones: the earlier input gets the gradient.
 * A step is valid if it is valid in any input.
 *
 * Shapes: k times (…) → (…).
 * Throws: ERR_SHAPE if the shapes do not broadcast.
 * Source: Keras Maximum.
 * Example: layers.maximum().apply([x, y])
 */
export class Maximum extends Extremum {
  readonly className = 'Maximum';
  protected readonly merge = MERGES.maximum;
  protected readonly loser = -Infinity;
  protected readonly winners = { a: MERGES.whereNotLess, b: MERGES.whereLess };

  constructor(options: MaximumOptions = {}) {
    super('Maximum', 'maximum', options);
  }
}
