import { MERGES } from '../backend/backend.js';
import { Extremum } from './extremum.js';
import type { LayerOptions } from './layer.js';

export type MinimumOptions = LayerOptions;

/**
 * Smallest of two or more inputs, element by element; shapes broadcast. Equal ones: the earlier input gets the gradient.
 * A step is valid if it is valid in any input.
 *
 * Shapes: k times (…) → (…).
 * Throws: ERR_SHAPE if the shapes do not broadcast.
 * Source: Keras Minimum.
 * Example: layers.minimum().apply([x, y])
 */
export class Minimum extends Extremum {
  readonly className = 'Minimum';
  protected readonly merge = MERGES.minimum;
  protected readonly loser = Infinity;
  protected readonly winners = { a: MERGES.whereNotMore, b: MERGES.whereMore };

  constructor(options: MinimumOptions = {}) {
    super('Minimum', 'minimum', options);
  }
}
