import { optimizerFromConfig, optimizerNames, type OptimizerName } from '../../optimizers/index.js';
import type { Optimizer } from '../../optimizers/optimizer.js';

/** Activations that a parameter may choose. */
export const ACTIVATIONS = ['relu', 'tanh', 'sigmoid', 'elu', 'selu', 'gelu', 'silu', 'softplus', 'softsign', 'linear'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** How a network learns, for experiments that extend it. */
export interface OptimizerConfig {
  /** Default Adam. */
  readonly optimizer?: OptimizerName;
  readonly learningRate: number;
}

/** The optimizer of a configuration, with Keras' defaults but for its learning rate. */
export const optimizerOf = ({ optimizer = 'adam', learningRate }: OptimizerConfig): Optimizer =>
  optimizerFromConfig(optimizer, { learningRate });

/** The statement that makes it a parameter. */
export const OPTIMIZER = { key: 'optimizer', name: 'optimizer', value: 'Adam', default: 'adam', choices: optimizerNames() } as const;
