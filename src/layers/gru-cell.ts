import { BuiltInCell, type CellOptions } from './built-in-cell.js';
import { GRU, type GRUOptions } from './gru.js';

export type GRUCellOptions = CellOptions<GRUOptions>;

/**
 * One step of a gated recurrent unit, gates z r h.
 *
 * Shapes: x (N,D), h (N,U) → h, h (N,U).
 * Throws: ERR_SHAPE if x is not rank 2, or a state has another length; ERR_ARG without the states.
 * Source: Cho et al. 2014; Keras GRUCell.
 * Example: layers.rnn({ cell: layers.gruCell({ units: 64 }) })
 */
export class GRUCell extends BuiltInCell {
  readonly className = 'GRUCell';

  constructor(options: GRUCellOptions) {
    super('GRUCell', options, (own) => new GRU(own));
  }
}
