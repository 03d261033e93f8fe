import { borders, Borders, type Border } from './borders.js';
import { knownOptions } from './checks.js';
import type { LayerOptions } from './layer.js';

export interface Cropping2DOptions extends LayerOptions {
  /** One number, one per axis, or [[top, bottom], [left, right]]. Default 0. */
  cropping?: number | readonly [number, number] | readonly [Border, Border];
}

/**
 * Images without their borders.
 *
 * Shapes: (N,H,W,C) → (N,H-top-bottom,W-left-right,C).
 * Throws: ERR_ARG if cropping is none of these. ERR_SHAPE if nothing is left.
 * Source: Keras Cropping2D.
 * Example: layers.cropping2d({ cropping: [[1, 1], [0, 2]] })
 */
export class Cropping2D extends Borders {
  readonly className = 'Cropping2D';

  constructor(options: Cropping2DOptions = {}) {
    super('Cropping2D', options, borders('cropping2d', 'cropping', options.cropping ?? 0, 2), -1);
    knownOptions('cropping2d', options, ['cropping']);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cropping: this.sides };
  }
}
