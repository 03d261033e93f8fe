import { SarafError } from '../errors.js';
import { knownOptions, positiveInteger } from './checks.js';
import { HEADED_OPTIONS, HeadedAttention, type HeadedAttentionOptions } from './headed-attention.js';

export interface MultiHeadAttentionOptions extends HeadedAttentionOptions {
  numHeads: number;
  /** Features of a head's queries and keys. */
  keyDim: number;
  /** Features of a head's values. Default keyDim. */
  valueDim?: number | null;
  /** Features of the output. Default: those of the query. */
  outputShape?: number | readonly [number] | null;
  /** Only [1], the time axis. */
  attentionAxes?: readonly [1] | 1 | null;
}

/**
 * Every query step takes a weighted mean of the value steps, per head: softmax(q·kᵀ/√keyDim)·v of projections q, k, v, and a last
 * projection. Inputs are [query, value] or [query, value, key], or one input that looks at itself; one call of the addon per pass.
 *
 * Masks of the inputs and `useCausalMask` say where a query may look. A query that may look nowhere takes the mean of all values,
 * or, with dropout or scores, nothing (as Keras: two code paths).
 *
 * Shapes: query (N,Tq,Dq), value (N,Tk,Dv), key (N,Tk,Dk) → (N,Tq,F), and with `returnAttentionScores` (N,heads,Tq,Tk).
 *   Kernels (D,heads,keyDim), value (Dv,heads,valueDim), output (heads,valueDim,F).
 * Throws: ERR_SHAPE if the inputs do not fit together; ERR_ARG for other attention axes.
 * Source: Vaswani et al. 2017; Keras MultiHeadAttention.
 * Example: layers.multiHeadAttention({ numHeads: 4, keyDim: 32 }).apply([x, x])
 */
export class MultiHeadAttention extends HeadedAttention {
  readonly className = 'MultiHeadAttention';

  constructor(options: MultiHeadAttentionOptions) {
    const op = 'multiHeadAttention';
    knownOptions(op, options, [...HEADED_OPTIONS, 'numHeads', 'keyDim', 'valueDim', 'outputShape', 'attentionAxes']);
    const numHeads = positiveInteger(op, 'numHeads', options.numHeads);
    const keyDim = positiveInteger(op, 'keyDim', options.keyDim);
    super('MultiHeadAttention', op, options, {
      numHeads,
      keyValueHeads: numHeads,
      keyDim,
      valueDim: positiveInteger(op, 'valueDim', options.valueDim ?? keyDim),
      outputFeatures: outputFeatures(op, options.outputShape ?? null),
    });
    const axes = options.attentionAxes ?? 1;
    if (axes !== 1 && (axes.length !== 1 || axes[0] !== 1)) {
      throw new SarafError('ERR_ARG', op, `expected attentionAxes to be the time axis [1], received ${JSON.stringify(axes)}`);
    }
  }

  override getConfig(): Record<string, unknown> {
    const { numHeads, keyDim, valueDim, outputFeatures: outputShape } = this.heads;
    return { ...super.getConfig(), numHeads, keyDim, valueDim, outputShape };
  }
}

function outputFeatures(op: string, shape: number | readonly number[] | null): number | null {
  if (shape === null) return null;
  if (typeof shape === 'number') return positiveInteger(op, 'outputShape', shape);
  if (shape.length !== 1) {
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected outputShape to be one number of features, received [${shape.join(',')}]; add a reshape layer`,
    );
  }
  return positiveInteger(op, 'outputShape', shape[0]);
}
