import { borders, Borders, type Border } from './borders.js';
import { knownOptions } from './checks.js';
import type { LayerOptions } from './layer.js';

export interface Cropping3DOptions extends LayerOptions {
  /** One number, one per axis, or [[front, back], [top, bottom], [left, right]]. Default 0. */
  cropping?: number | readonly [number, number, number] | readonly [Border, Border, Border];
}

/**
 * Volumes without their borders.
 *
 * Shapes: (N,D,H,W,C) → (N,D-front-back,H-top-bottom,W-left-right,C).
 * Throws: ERR_ARG if cropping is none of these. ERR_SHAPE if nothing is left.
 * Source: Keras Cropping3D.
 * Example: layers.cropping3d({ cropping: [[1, 1], [0, 2], [2, 0]] })
 */
export class Cropping3D extends Borders {
  readonly className = 'Cropping3D';

  constructor(options: Cropping3DOptions = {}) {
    super('Cropping3D', options, borders('cropping3d', 'cropping', options.cropping ?? 0, 3), -1);
    knownOptions('cropping3d', options, ['cropping']);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cropping: this.sides };
  }
}
