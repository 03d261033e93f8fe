import { BuiltInCell, type CellOptions } from './built-in-cell.js';
import { LSTM, type LSTMOptions } from './lstm.js';

export type LSTMCellOptions = CellOptions<LSTMOptions>;

/**
 * One step of a long short-term memory, gates i f c o.
 *
 * Shapes: x (N,D), h, c (N,U) → h, h, c (N,U).
 * Throws: ERR_SHAPE if x is not rank 2, or a state has another length; ERR_ARG without the states.
 * Source: Hochreiter and Schmidhuber 1997; Keras LSTMCell.
 * Example: layers.rnn({ cell: layers.lstmCell({ units: 64 }) })
 */
export class LSTMCell extends BuiltInCell {
  readonly className = 'LSTMCell';

  constructor(options: LSTMCellOptions) {
    super('LSTMCell', options, (own) => new LSTM(own));
  }
}
