import { borders, Borders, type Border } from './borders.js';
import { knownOptions } from './checks.js';
import type { LayerOptions } from './layer.js';

export interface ZeroPadding3DOptions extends LayerOptions {
  /** One number, one per axis, or [[front, back], [top, bottom], [left, right]]. Default 1. */
  padding?: number | readonly [number, number, number] | readonly [Border, Border, Border];
}

/**
 * Zeros around volumes.
 *
 * Shapes: (N,D,H,W,C) → (N,D+front+back,H+top+bottom,W+left+right,C).
 * Throws: ERR_ARG if padding is none of these.
 * Source: Keras ZeroPadding3D.
 * Example: layers.zeroPadding3d({ padding: [[1, 1], [0, 2], [2, 0]] })
 */
export class ZeroPadding3D extends Borders {
  readonly className = 'ZeroPadding3D';

  constructor(options: ZeroPadding3DOptions = {}) {
    super('ZeroPadding3D', options, borders('zeroPadding3d', 'padding', options.padding ?? 1, 3), 1);
    knownOptions('zeroPadding3d', options, ['padding']);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), padding: this.sides };
  }
}
