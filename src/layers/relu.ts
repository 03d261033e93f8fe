import { SarafError } from '../errors.js';
import { Activation } from './activation.js';
import { knownOptions } from './checks.js';
import type { ActivationWithOptions } from './activations.js';
import type { LayerOptions } from './layer.js';

export interface ReLUOptions extends LayerOptions {
  /** Slope below the threshold. Default 0. */
  negativeSlope?: number;
  /** Largest value. Default: none. */
  maxValue?: number | null;
  /** Below it, the slope holds. Default 0. */
  threshold?: number;
}

const NAMES = ['negativeSlope', 'maxValue', 'threshold'] as const;

/**
 * min(max(x, 0), maxValue) above the threshold, negativeSlope·(x − threshold) below.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG if a number is negative.
 * Source: Keras ReLU.
 * Example: layers.relu({ maxValue: 6 })
 */
export class ReLU extends Activation {
  override readonly className = 'ReLU';

  constructor(options: ReLUOptions = {}) {
    super(
      {
        ...options,
        activation: {
          name: 'relu',
          negativeSlope: options.negativeSlope ?? 0,
          maxValue: options.maxValue ?? null,
          threshold: options.threshold ?? 0,
        },
      },
      'ReLU',
    );
    knownOptions('relu', options, NAMES);
    for (const name of NAMES) {
      const value = options[name] ?? 0;
      if (!(value >= 0)) throw new SarafError('ERR_ARG', 'relu', `expected ${name} >= 0, received ${String(value)}`);
    }
  }

  override getConfig(): Record<string, unknown> {
    const { activation, ...config } = super.getConfig();
    const { name: _name, ...numbers } = activation as ActivationWithOptions;
    return { ...config, ...numbers };
  }
}
