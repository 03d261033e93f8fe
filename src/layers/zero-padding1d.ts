import { borders, Borders, type Border } from './borders.js';
import { knownOptions } from './checks.js';
import type { LayerOptions } from './layer.js';

export interface ZeroPadding1DOptions extends LayerOptions {
  /** Before and after, or one number for both. Default 1. */
  padding?: number | Border;
}

/**
 * Zeros before and after the steps of a sequence.
 *
 * Shapes: (N,T,D) → (N,T+before+after,D).
 * Throws: ERR_ARG if padding is none of these.
 * Source: Keras ZeroPadding1D.
 * Example: layers.zeroPadding1d({ padding: [1, 2] })
 */
export class ZeroPadding1D extends Borders {
  readonly className = 'ZeroPadding1D';

  constructor(options: ZeroPadding1DOptions = {}) {
    super('ZeroPadding1D', options, borders('zeroPadding1d', 'padding', options.padding ?? 1, 1), 1);
    knownOptions('zeroPadding1d', options, ['padding']);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), padding: this.sides[0] };
  }
}
