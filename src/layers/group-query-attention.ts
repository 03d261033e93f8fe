import { SarafError } from '../errors.js';
import { nameInputs } from './attention-inputs.js';
import { knownOptions, positiveInteger, showShape } from './checks.js';
import { HEADED_OPTIONS, HeadedAttention, type HeadedAttentionOptions } from './headed-attention.js';
import type { SymbolicShape } from './layer.js';

export interface GroupQueryAttentionOptions extends HeadedAttentionOptions {
  /** Features of a head's queries, keys and values. */
  headDim: number;
  /** A multiple of `numKeyValueHeads`. */
  numQueryHeads: number;
  /** Each serves numQueryHeads/numKeyValueHeads heads of queries in a row. */
  numKeyValueHeads: number;
}

/**
 * Multi-head attention whose heads of queries share heads of keys and values in groups: fewer weights, the same sums. Inputs, masks and
 * queries that may look nowhere as in MultiHeadAttention.
 *
 * Shapes: query (N,Tq,D), value (N,Tk,D), key (N,Tk,Dk) → (N,Tq,D), and with `returnAttentionScores` (N,queryHeads,Tq,Tk).
 *   Kernels (D,queryHeads,headDim), key (Dk,keyValueHeads,headDim), value (D,keyValueHeads,headDim), output (queryHeads,headDim,D).
 * Throws: ERR_SHAPE if the inputs do not fit together; ERR_ARG unless numKeyValueHeads divides numQueryHeads.
 * Source: Ainslie et al. 2023; Keras GroupQueryAttention.
 * Example: layers.groupQueryAttention({ headDim: 32, numQueryHeads: 8, numKeyValueHeads: 2 }).apply([x, x])
 */
export class GroupQueryAttention extends HeadedAttention {
  readonly className = 'GroupQueryAttention';

  constructor(options: GroupQueryAttentionOptions) {
    const op = 'groupQueryAttention';
    knownOptions(op, options, [...HEADED_OPTIONS, 'headDim', 'numQueryHeads', 'numKeyValueHeads']);
    const headDim = positiveInteger(op, 'headDim', options.headDim);
    const numHeads = positiveInteger(op, 'numQueryHeads', options.numQueryHeads);
    const keyValueHeads = positiveInteger(op, 'numKeyValueHeads', options.numKeyValueHeads);
    if (numHeads % keyValueHeads !== 0)
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected numQueryHeads to be a multiple of numKeyValueHeads, received ${numHeads} and ${keyValueHeads}`,
      );
    super('GroupQueryAttention', op, options, { numHeads, keyValueHeads, keyDim: headDim, valueDim: headDim, outputFeatures: null });
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shapes = super.computeOutputShape(inputShapes);
    const { query, value } = nameInputs(this.name, inputShapes, 1, this.useAttentionMask);
    if (query[2] !== value[2]) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected query and value of as many features, as Keras does, received ${showShape(query)} and ${showShape(value)}`,
      );
    }
    return shapes;
  }

  override getConfig(): Record<string, unknown> {
    const { numHeads: numQueryHeads, keyValueHeads: numKeyValueHeads, keyDim: headDim } = this.heads;
    return { ...super.getConfig(), headDim, numQueryHeads, numKeyValueHeads };
  }
}
