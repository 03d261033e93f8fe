import { SarafError } from '../errors.js';
import { tensor, zeros, type Shape, type Tensor } from '../tensor/tensor.js';
import type { DType } from '../backend/backend.js';
import { rowsAlong, type AxisRows } from './axis.js';
import { combineWeights, type Weighting } from './weighting.js';

/** How the values of a batch become one number (Keras' names in camelCase). */
export type Reduction = 'sumOverBatchSize' | 'sum' | 'meanWithSampleWeight';

export interface LossOptions {
  /** Default `sumOverBatchSize`: the sum divided by the number of values (with a mask: of valid values), not by the sum of weights. */
  reduction?: Reduction;
  name?: string;
}

/** Memory of the caller: the same name gives the same memory at every step. */
export type BufferSource = (name: string, shape: Shape, dtype?: DType) => Tensor;

/** What a loss is given for one batch. */
export interface LossCall {
  readonly yTrue: Tensor;
  /** Predictions (…, C), or logits when `fromLogits`. */
  readonly yPred: Tensor;
  /** Whether yPred holds logits; a loss that knows no logits never sees true. */
  readonly fromLogits: boolean;
  readonly weighting: Weighting;
  /** Receives dL/dyPred with `=`; null when only the value is wanted. */
  readonly gradient: Tensor | null;
  /** With `fromLogits`: receives the probabilities. */
  readonly probabilities: Tensor | null;
  readonly buffer: BufferSource;
}

/** The values of a loss, one per row, before weights and reduction. */
export interface RowValues {
  readonly values: Float64Array;
  /** Shape of the values: the predictions' without the axis that a row runs along. */
  readonly shape: Shape;
  /** 1 for each row of a class to ignore, whose value is 0; null: none is. */
  readonly ignored: Uint8Array | null;
}

/** What `Loss.rows` computes into. */
export interface LossRows {
  /** Weighted value of each row. */
  readonly values: Float64Array;
  /** Weight of each row, or null when all are 1. */
  readonly weight: Float32Array | null;
  /** Factor of all gradients (1 / divisor of the reduction). */
  readonly scale: number;
  readonly rows: number;
  readonly cols: number;
}

export interface LossArguments {
  sampleWeight?: Tensor | readonly number[];
  mask?: Tensor | null;
}

/**
 * Base class of losses. A loss of your own writes `className`, `rows` and, where a row has one target instead of C, `sparse`.
 *
 * Shapes: yPred (N,…,C); a row is one value of the loss: N rows for (N,C), N·T for (N,T,C).
 */
export abstract class Loss {
  abstract readonly className: string;
  readonly name: string;
  readonly reduction: Reduction;
  /** The activation whose derivative this loss can take over when it ends the model; null: none. */
  readonly fuses: 'softmax' | 'sigmoid' | null = null;
  /** Whether the caller declared yPred to be logits. */
  readonly fromLogits: boolean = false;

  constructor(name: string, options: LossOptions = {}) {
    this.name = options.name ?? name;
    const reduction = options.reduction ?? 'sumOverBatchSize';
    if (!['sumOverBatchSize', 'sum', 'meanWithSampleWeight'].includes(reduction)) {
      throw new SarafError(
        'ERR_ARG',
        name,
        `expected reduction 'sumOverBatchSize', 'sum' or 'meanWithSampleWeight', received ${String(reduction)}`,
      );
    }
    this.reduction = reduction;
  }

  /** Whether the target of one row is one number (a class, in `sparse…`) and not a row of C numbers. */
  get sparse(): boolean {
    return false;
  }

  /** The axis that a row runs along. */
  get axis(): number {
    return -1;
  }

  /** Writes the weighted value of each row into `out.values` and, if wanted, dL/dyPred into `call.gradient`. */
  protected abstract rows(call: LossCall, out: LossRows): void;

  /** Rows to leave out, like a mask (`ignoreClass`); null: none. */
  protected ignored(_call: LossCall, _rows: number): Uint8Array | null {
    return null;
  }

  getConfig(): Record<string, unknown> {
    return { name: this.name, reduction: this.reduction };
  }

  /**
   * The reduced value of one batch; values are summed in double, in ascending order.
   *
   * Throws: ERR_SHAPE if targets do not fit predictions; ERR_DATA if a target is no valid class or number.
   */
  compute(call: LossCall): number {
    const { yPred } = call;
    const { rows, cols } = this.layout(call);
    const combined = combineWeights(this.name, call.weighting, yPred, rows, this.ignored(call, rows), call.buffer);
    const divisor = this.reduction === 'sum' ? 1 : this.reduction === 'sumOverBatchSize' ? combined.count : combined.total;
    const scale = divisor === 0 ? 0 : 1 / divisor;
    const values = call.buffer('lossValues', [rows], 'float64').data() as Float64Array;
    this.rows(call, { values, weight: combined.weight, scale, rows, cols });
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += values[r] as number;
    return sum * scale;
  }

  /**
   * The loss of predictions that are at hand, outside a model.
   *
   * Example: `losses.meanSquaredError().call(tensor([[1]]), tensor([[3]])) // 4`
   */
  call(yTrue: Tensor, yPred: Tensor, options: LossArguments = {}): number {
    return this.compute(this.detached(yTrue, yPred, options, null));
  }

  /** Value and gradient with respect to yPred, outside a model. */
  valueAndGradient(yTrue: Tensor, yPred: Tensor, options: LossArguments = {}): { value: number; gradient: Tensor } {
    const gradient = zeros(yPred.shape, yPred.dtype);
    return { value: this.compute(this.detached(yTrue, yPred, options, gradient)), gradient };
  }

  /**
   * The value of each row, neither weighted nor reduced: Keras' reduction 'none'.
   *
   * Example: `losses.meanSquaredError().perRow(tensor([[1], [2]]), tensor([[3], [2]])).values // [4, 0]`
   */
  perRow(yTrue: Tensor, yPred: Tensor): RowValues {
    const call = this.detached(yTrue, yPred, {}, null);
    const { rows, cols, shape } = this.layout(call);
    const values = new Float64Array(rows);
    const ignored = this.ignored(call, rows);
    this.rows(call, { values, weight: null, scale: 1, rows, cols });
    ignored?.forEach((flag, r) => {
      if (flag === 1) values[r] = 0;
    });
    return { values, shape, ignored };
  }

  /** Rows of the predictions and their length. Throws ERR_SHAPE if the targets do not fit, ERR_ARG if there is no such axis. */
  protected layout(call: LossCall): Pick<AxisRows, 'rows' | 'cols' | 'shape'> {
    const layout = rowsAlong(this.name, call.yPred.shape, this.axis);
    this.checkTargets(call, layout.rows);
    return layout;
  }

  private detached(yTrue: Tensor, yPred: Tensor, options: LossArguments, gradient: Tensor | null): LossCall {
    const { sampleWeight } = options;
    const memory = new Map<string, Tensor>();
    return {
      yTrue,
      yPred,
      fromLogits: this.fromLogits,
      weighting: {
        sampleWeight:
          sampleWeight === undefined
            ? null
            : Array.isArray(sampleWeight)
              ? tensor(sampleWeight as readonly number[])
              : (sampleWeight as Tensor),
        classWeight: null,
        mask: options.mask ?? null,
        classOf: null,
      },
      gradient,
      probabilities: this.fromLogits ? zeros(yPred.shape, yPred.dtype) : null,
      buffer: (name, shape, dtype) => {
        const kept = memory.get(name) ?? zeros(shape, dtype);
        memory.set(name, kept);
        return kept;
      },
    };
  }

  /** Throws ERR_SHAPE unless there is a target for each of so many rows, or one per prediction. */
  protected checkTargets(call: LossCall, rows: number): void {
    const { yTrue, yPred } = call;
    const expected = this.sparse ? rows : yPred.size;
    if (yTrue.size === expected) return;
    const shape = this.sparse ? yPred.shape.slice(0, -1) : yPred.shape;
    throw new SarafError(
      'ERR_SHAPE',
      this.name,
      `expected targets of shape (${shape.join(',')}) for predictions (${yPred.shape.join(',')}), received (${yTrue.shape.join(',')})${this.targetAdvice(yTrue, yPred)}`,
    );
  }

  /** What the caller may have meant. */
  protected targetAdvice(_yTrue: Tensor, _yPred: Tensor): string {
    return '; let the last layer have as many units as a target has columns';
  }
}
