import { Adam, type AdamOptions } from './adam.js';

/**
 * Adam with decoupled weight decay, 0.004 unless told: w −= w·weightDecay·lr, then Adam's update.
 *
 * Source: Loshchilov and Hutter 2019; Keras AdamW.
 * Example: optimizers.adamw({ weightDecay: 0.01, excludeFromWeightDecay: ['bias'] })
 */
export class AdamW extends Adam {
  override readonly className: string = 'AdamW';

  constructor(options: AdamOptions = {}) {
    super({ ...options, weightDecay: options.weightDecay ?? 0.004 });
  }
}
