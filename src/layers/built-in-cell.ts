import { inputCount, showShape } from './checks.js';
import { RNNCell } from './rnn-cell.js';
import { copyLayer } from './registry.js';
import { InnerContext } from './standalone-context.js';
import { SarafError } from '../errors.js';
import type { FloatType } from '../backend/backend.js';
import type { ForwardWork } from './cost.js';
import type { LayerContext, LayerOptions, SymbolicShape, Weight } from './layer.js';
import type { Recurrent, RecurrentOptions } from './recurrent.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

/** Options that only a layer over a sequence has. */
const OF_SEQUENCES = ['returnSequences', 'returnState', 'goBackwards', 'stateful', 'zeroOutputForMask'] as const;
export type SequenceOptions = Pick<RecurrentOptions, (typeof OF_SEQUENCES)[number]>;
/** The options of a cell, from those of its layer. */
export type CellOptions<Options extends RecurrentOptions> = Omit<Options, keyof SequenceOptions>;

/** The options of a recurrent layer that a cell has too. */
export function cellOptions(layer: Recurrent): Record<string, unknown> {
  const sequence = new Set<string>(OF_SEQUENCES);
  return Object.fromEntries(Object.entries(layer.getConfig()).filter(([name]) => !sequence.has(name)));
}

/** A cell that a recurrent layer with kernels of its own stands for: one step is that layer over a sequence of length 1. */
export abstract class BuiltInCell extends RNNCell {
  readonly units: number;
  readonly stateSizes: readonly number[];
  private readonly step: Recurrent;

  constructor(className: string, options: LayerOptions, make: (options: RecurrentOptions) => Recurrent) {
    super(className, options);
    for (const name of OF_SEQUENCES)
      if (name in options)
        throw new SarafError('ERR_ARG', this.name, `expected options of a cell, received ${name}; give it to the rnn around the cell`);
    this.step = make({ ...(options as RecurrentOptions), name: this.name, returnState: true });
    this.units = this.step.units;
    this.stateSizes = Array.from({ length: this.step.stateCount }, () => this.units);
  }

  /** The layer that takes this cell over sequences, with weights of its own. */
  overSequence(options: SequenceOptions): Recurrent {
    return copyLayer(this.step, { ...options }) as Recurrent;
  }

  override get weights(): readonly Weight[] {
    return this.step.weights;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.step.weightPrefix = this.weightPrefix;
    this.step.build(this.asSequence(inputShapes), dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    return this.step.computeOutputShape(this.asSequence(inputShapes));
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const [x, ...states] = inputs as readonly [Tensor, ...Tensor[]];
    const [shape] = this.asSequence(inputs.map((t) => t.shape)) as [Shape];
    const inner = new InnerContext(ctx, { prefix: '', masks: [] });
    this.remember(ctx, { inner });
    return this.step.forward([x.reshape(shape), ...states], inner);
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { inner } = this.recall<{ inner: InnerContext }>(ctx);
    const [dx, ...dStates] = this.step.backward(outputGradients, inner) as [Tensor | null, ...(Tensor | null)[]];
    return [dx ? dx.reshape([dx.shape[0] as number, dx.shape[2] as number]) : null, ...dStates];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    return this.step.cost(this.asSequence(inputShapes) as Shape[], outputShapes);
  }

  override getConfig(): Record<string, unknown> {
    return cellOptions(this.step);
  }

  private asSequence(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    inputCount(this.name, inputShapes.length, 1 + this.stateSizes.length);
    const [x, ...states] = inputShapes as [SymbolicShape, ...SymbolicShape[]];
    if (x.length !== 2) throw new SarafError('ERR_SHAPE', this.name, `expected x of shape (N,D), received ${showShape(x)}`);
    return [[x[0] as number | null, 1, x[1] as number | null], ...states];
  }
}
