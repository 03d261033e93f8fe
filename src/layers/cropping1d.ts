import { borders, Borders, type Border } from './borders.js';
import { knownOptions } from './checks.js';
import type { LayerOptions } from './layer.js';

export interface Cropping1DOptions extends LayerOptions {
  /** Before and after, or one number for both. Default 1. */
  cropping?: number | Border;
}

/**
 * A sequence without its first and last steps.
 *
 * Shapes: (N,T,D) → (N,T-before-after,D).
 * Throws: ERR_ARG if cropping is none of these. ERR_SHAPE if nothing is left.
 * Source: Keras Cropping1D.
 * Example: layers.cropping1d({ cropping: [1, 2] })
 */
export class Cropping1D extends Borders {
  readonly className = 'Cropping1D';

  constructor(options: Cropping1DOptions = {}) {
    super('Cropping1D', options, borders('cropping1d', 'cropping', options.cropping ?? 1, 1), -1);
    knownOptions('cropping1d', options, ['cropping']);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cropping: this.sides[0] };
  }
}
