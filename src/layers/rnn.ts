import { BuiltInCell, cellOptions, type SequenceOptions } from './built-in-cell.js';
import { inputCount, knownOptions } from './checks.js';
import { Recurrent } from './recurrent.js';
import { layerConfig, type LayerConfig } from './registry.js';
import { cellOf, StackedRNNCells } from './stacked-rnn-cells.js';
import { InnerContext } from './standalone-context.js';
import { SteppedCell } from './stepped-cell.js';
import type { FloatType } from '../backend/backend.js';
import type { ForwardWork } from './cost.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import type { RNNCell } from './rnn-cell.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface RNNOptions extends LayerOptions, SequenceOptions {
  /** The cell of one step (a copy of it is used), or its configuration; a list is stacked. */
  cell: RNNCell | LayerConfig | readonly (RNNCell | LayerConfig)[];
}

type Stage = Recurrent | SteppedCell;

/**
 * Takes a cell over a sequence. A cell of Keras runs through the kernels of the layer that it stands for, one call per pass; of
 * stacked cells each runs over the whole sequence before the next; a cell of your own goes step by step.
 *
 * Shapes: x (N,T,D) → (N,U), or (N,T,U) with `returnSequences`; with `returnState` also the states of all cells. Initial
 *         states: further inputs in that order.
 * Throws: ERR_ARG if the cell is none; ERR_SHAPE if x is not rank 3; what the cell throws.
 * Source: Keras RNN.
 * Example: layers.rnn({ cell: [layers.lstmCell({ units: 64 }), layers.lstmCell({ units: 32 })], returnSequences: true })
 */
export class RNN extends Layer {
  readonly className = 'RNN';
  /** What was asked for; the weights are the layer's. */
  readonly cell: RNNCell;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly zeroOutputForMask: boolean;
  private readonly stages: readonly Stage[];

  constructor(options: RNNOptions) {
    super('RNN', options);
    knownOptions('rnn', options, ['cell', 'returnSequences', 'returnState', 'goBackwards', 'stateful', 'zeroOutputForMask']);
    const given: unknown = options.cell;
    this.cell = Array.isArray(given) ? new StackedRNNCells({ cells: given as RNNCell[] }) : cellOf('rnn', given);
    this.returnSequences = options.returnSequences ?? false;
    this.returnState = options.returnState ?? false;
    this.goBackwards = options.goBackwards ?? false;
    this.stateful = options.stateful ?? false;
    this.zeroOutputForMask = options.zeroOutputForMask ?? false;
    const { returnState, goBackwards, stateful } = this;
    const cells = this.cells;
    this.stages = cells.map((cell, i) => {
      const last = i === cells.length - 1;
      const own: SequenceOptions = {
        returnSequences: last ? this.returnSequences : true,
        returnState,
        goBackwards,
        stateful,
        zeroOutputForMask: last && this.zeroOutputForMask,
      };
      const stage = cell instanceof BuiltInCell ? cell.overSequence(own) : new SteppedCell(cell, own);
      stage.alignedOutput = !last;
      return stage;
    });
  }

  /** The cells from the first to the last. */
  get cells(): readonly RNNCell[] {
    return this.cell instanceof StackedRNNCells ? this.cell.cells : [this.cell];
  }

  /** The weights of each cell. */
  get weightsOfCells(): readonly (readonly Weight[])[] {
    return this.stages.map((stage) => stage.weights);
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override get weights(): readonly Weight[] {
    return this.stages.flatMap((stage) => stage.weights);
  }

  override get trainableWeights(): readonly Weight[] {
    return this.trainable ? this.stages.flatMap((stage) => stage.trainableWeights) : [];
  }

  protected override get innerLayers(): readonly Layer[] {
    return [this.cell, ...this.stages];
  }

  /** Lets a stateful layer begin with zeros again. */
  resetStates(): void {
    for (const stage of this.stages) stage.resetStates();
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    let [x] = this.checked(inputShapes) as [SymbolicShape];
    for (const [i, stage] of this.stages.entries()) {
      stage.weightPrefix = this.stages.length > 1 ? `${this.weightPrefix}cell_${i}/` : this.weightPrefix;
      stage.build([x], dtype);
      x = stage.computeOutputShape([x])[0] as SymbolicShape;
    }
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const [first, ...given] = this.checked(inputShapes) as [SymbolicShape, ...SymbolicShape[]];
    const states: SymbolicShape[] = [];
    let x = first;
    for (const stage of this.stages) {
      const [y, ...own] = stage.computeOutputShape([x, ...given.splice(0, stage.stateCount)]) as [SymbolicShape, ...SymbolicShape[]];
      states.push(...own);
      x = y;
    }
    return [x, ...states];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const [first, ...given] = this.checked(inputs) as [Tensor, ...Tensor[]];
    const states: Tensor[] = [];
    let [x, place] = [first, 1];
    const contexts = this.stages.map((stage, i) => {
      const places = given.length > 0 ? Array.from({ length: stage.stateCount }, () => place++) : [];
      return new InnerContext(ctx, { prefix: `${i}/`, masks: [ctx.masks[0] ?? null], inputs: [i === 0 ? 0 : null, ...places] });
    });
    for (const [i, stage] of this.stages.entries()) {
      const own = [x, ...given.splice(0, stage.stateCount)];
      const [y, ...after] = stage.forward(own, contexts[i] as InnerContext) as [Tensor, ...Tensor[]];
      states.push(...after);
      x = y;
    }
    this.remember(ctx, { contexts });
    return [x, ...states];
  }

  override retract(ctx: LayerContext): void {
    const { contexts } = this.recall<{ contexts: InnerContext[] }>(ctx);
    for (const [i, stage] of this.stages.entries()) stage.retract(contexts[i] as InnerContext);
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { contexts } = this.recall<{ contexts: InnerContext[] }>(ctx);
    const [dy, ...dAfter] = outputGradients as [Tensor, ...Tensor[]];
    const dStates: (Tensor | null)[] = [];
    let dx: Tensor | null = dy;
    for (let i = this.stages.length - 1; i >= 0; i--) {
      const stage = this.stages[i] as Stage;
      const own = this.returnState ? dAfter.splice(dAfter.length - stage.stateCount) : [];
      const [below, ...dOwn] = stage.backward([dx as Tensor, ...own], contexts[i] as InnerContext) as [Tensor | null, ...(Tensor | null)[]];
      dStates.unshift(...dOwn);
      dx = below;
    }
    return [dx, ...dStates];
  }

  /** As of the recurrent layers: with `goBackwards` the mask is not reversed. */
  override computeMask(_inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const states = this.returnState ? this.cell.stateSizes.map(() => null) : [];
    return [this.returnSequences ? (ctx.masks[0] ?? null) : null, ...states];
  }

  override cost(inputShapes: readonly Shape[], _outputShapes: readonly Shape[], valid = 1): ForwardWork {
    const sum = { flops: 0, bytes: 0, products: 0 };
    let x = inputShapes[0] as Shape;
    for (const stage of this.stages) {
      const outputs = stage.computeOutputShape([x]) as Shape[];
      const own = stage.cost([x], outputs, valid);
      for (const key of ['flops', 'bytes', 'products'] as const) sum[key] += own[key];
      x = outputs[0] as Shape;
    }
    return sum;
  }

  override getConfig(): Record<string, unknown> {
    const cells = this.stages.map((stage, i): LayerConfig =>
      stage instanceof SteppedCell
        ? layerConfig(stage.cell)
        : { className: (this.cells[i] as RNNCell).className, config: cellOptions(stage) },
    );
    return {
      ...super.getConfig(),
      cell:
        this.cell instanceof StackedRNNCells ? { className: this.cell.className, config: { ...this.cell.getConfig(), cells } } : cells[0],
      returnSequences: this.returnSequences,
      returnState: this.returnState,
      goBackwards: this.goBackwards,
      stateful: this.stateful,
      zeroOutputForMask: this.zeroOutputForMask,
    };
  }

  private checked<T>(inputs: readonly T[]): T[] {
    if (inputs.length !== 1) inputCount(this.name, inputs.length, 1 + this.cell.stateSizes.length);
    return [...inputs];
  }
}
