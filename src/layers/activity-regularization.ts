import { SarafError } from '../errors.js';
import { L1L2 } from '../regularizers/index.js';
import { knownOptions } from './checks.js';
import { Identity } from './identity.js';
import type { LayerOptions } from './layer.js';

export interface ActivityRegularizationOptions extends Omit<LayerOptions, 'activityRegularizer'> {
  /** Weight of Σ|x|. Default 0. */
  l1?: number;
  /** Weight of Σx². Default 0. */
  l2?: number;
}

/**
 * Passes x on, and adds l1·Σ|x| + l2·Σx² over the batch, divided by its size, to the loss.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG if a strength is negative.
 * Source: Keras ActivityRegularization.
 * Example: layers.activityRegularization({ l1: 1e-4 })
 */
export class ActivityRegularization extends Identity {
  readonly l1: number;
  readonly l2: number;

  constructor({ l1 = 0, l2 = 0, ...options }: ActivityRegularizationOptions = {}) {
    super({ ...options, activityRegularizer: new L1L2({ l1, l2 }) }, 'ActivityRegularization');
    knownOptions('activityRegularization', options, []);
    if ('activityRegularizer' in options)
      throw new SarafError(
        'ERR_ARG',
        'activityRegularization',
        'expected l1 and l2, received activityRegularizer; give it to another layer',
      );
    this.l1 = l1;
    this.l2 = l2;
  }

  override getConfig(): Record<string, unknown> {
    const { activityRegularizer: _, ...config } = super.getConfig();
    return { ...config, l1: this.l1, l2: this.l2 };
  }
}
