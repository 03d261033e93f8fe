import { SarafError } from '../errors.js';
import { Activation } from './activation.js';
import { knownOptions } from './checks.js';
import type { ActivationWithOptions } from './activations.js';
import type { LayerOptions } from './layer.js';

export interface LeakyReLUOptions extends LayerOptions {
  /** Slope below 0. Default 0.3. */
  negativeSlope?: number;
}

const NAMES = ['negativeSlope'] as const;

/**
 * x above 0, negativeSlope·x below.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG if the slope is negative.
 * Source: Keras LeakyReLU.
 * Example: layers.leakyRelu({ negativeSlope: 0.1 })
 */
export class LeakyReLU extends Activation {
  override readonly className = 'LeakyReLU';

  constructor(options: LeakyReLUOptions = {}) {
    super({ ...options, activation: { name: 'leakyRelu', negativeSlope: options.negativeSlope ?? 0.3 } }, 'LeakyReLU');
    knownOptions('leakyRelu', options, NAMES);
    for (const name of NAMES) {
      const value = options[name] ?? 0;
      if (!(value >= 0)) throw new SarafError('ERR_ARG', 'leakyRelu', `expected ${name} >= 0, received ${String(value)}`);
    }
  }

  override getConfig(): Record<string, unknown> {
    const { activation, ...config } = super.getConfig();
    const { name: _name, ...numbers } = activation as ActivationWithOptions;
    return { ...config, ...numbers };
  }
}
