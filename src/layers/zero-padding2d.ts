import { borders, Borders, type Border } from './borders.js';
import { knownOptions } from './checks.js';
import type { LayerOptions } from './layer.js';

export interface ZeroPadding2DOptions extends LayerOptions {
  /** One number, one per axis, or [[top, bottom], [left, right]]. Default 1. */
  padding?: number | readonly [number, number] | readonly [Border, Border];
}

/**
 * Zeros around images.
 *
 * Shapes: (N,H,W,C) → (N,H+top+bottom,W+left+right,C).
 * Throws: ERR_ARG if padding is none of these.
 * Source: Keras ZeroPadding2D.
 * Example: layers.zeroPadding2d({ padding: [[1, 1], [0, 2]] })
 */
export class ZeroPadding2D extends Borders {
  readonly className = 'ZeroPadding2D';

  constructor(options: ZeroPadding2DOptions = {}) {
    super('ZeroPadding2D', options, borders('zeroPadding2d', 'padding', options.padding ?? 1, 2), 1);
    knownOptions('zeroPadding2d', options, ['padding']);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), padding: this.sides };
  }
}
