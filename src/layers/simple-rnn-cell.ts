import { BuiltInCell, type CellOptions } from './built-in-cell.js';
import { SimpleRNN, type SimpleRNNOptions } from './simple-rnn.js';

export type SimpleRNNCellOptions = CellOptions<SimpleRNNOptions>;

/**
 * h = activation(x·kernel + b + h₋₁·recurrentKernel), one step of it.
 *
 * Shapes: x (N,D), h (N,U) → h, h (N,U).
 * Throws: ERR_SHAPE if x is not rank 2, or a state has another length; ERR_ARG without the states.
 * Source: Elman 1990; Keras SimpleRNNCell.
 * Example: layers.rnn({ cell: layers.simpleRnnCell({ units: 64 }) })
 */
export class SimpleRNNCell extends BuiltInCell {
  readonly className = 'SimpleRNNCell';

  constructor(options: SimpleRNNCellOptions) {
    super('SimpleRNNCell', options, (own) => new SimpleRNN(own));
  }
}
