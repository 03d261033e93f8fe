import { SarafError } from '../errors.js';
import { inputCount, knownOptions } from './checks.js';
import { copyLayer, layerConfig, layerFromConfig, type LayerConfig } from './registry.js';
import { RNNCell } from './rnn-cell.js';
import { InnerContext } from './standalone-context.js';
import type { FloatType } from '../backend/backend.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface StackedRNNCellsOptions extends LayerOptions {
  /** The cells (copies of them are used), or their configurations, from the first to the last. */
  cells: readonly (RNNCell | LayerConfig)[];
}

/** A copy of a cell, or the one that a configuration means. Throws ERR_ARG if it is none. */
export function cellOf(op: string, given: unknown): RNNCell {
  const isConfig = typeof given === 'object' && given !== null && 'className' in given;
  const cell = given instanceof Layer ? copyLayer(given) : isConfig ? layerFromConfig(given as LayerConfig) : given;
  if (!(cell instanceof RNNCell))
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected a cell like lstmCell, received ${cell instanceof Layer ? cell.className : String(given)}`,
    );
  return cell;
}

/**
 * Cells one on top of the other: each takes what the one below it gives.
 *
 * Shapes: x (N,D) and the states of all cells → what the last cell gives, then the new states of all cells.
 * Throws: ERR_ARG if there is no cell; what the cells throw.
 * Source: Keras StackedRNNCells.
 * Example: layers.rnn({ cell: layers.stackedRnnCells({ cells: [layers.lstmCell({ units: 64 }), layers.gruCell({ units: 32 })] }) })
 */
export class StackedRNNCells extends RNNCell {
  readonly className = 'StackedRNNCells';
  readonly cells: readonly RNNCell[];
  readonly stateSizes: readonly number[];

  constructor(options: StackedRNNCellsOptions) {
    super('StackedRNNCells', options);
    knownOptions('stackedRnnCells', options, ['cells']);
    if (!Array.isArray(options.cells) || options.cells.length === 0)
      throw new SarafError('ERR_ARG', 'stackedRnnCells', `expected cells to be a list of cells, received ${JSON.stringify(options.cells)}`);
    this.cells = options.cells.map((cell) => cellOf('stackedRnnCells', cell));
    this.stateSizes = this.cells.flatMap((cell) => cell.stateSizes);
  }

  protected override get innerLayers(): readonly Layer[] {
    return this.cells;
  }

  override get weights(): readonly Weight[] {
    return this.cells.flatMap((cell) => cell.weights);
  }

  override get trainableWeights(): readonly Weight[] {
    return this.trainable ? this.cells.flatMap((cell) => cell.trainableWeights) : [];
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    let [x, ...states] = this.checked(inputShapes) as [SymbolicShape, ...SymbolicShape[]];
    for (const [i, cell] of this.cells.entries()) {
      cell.weightPrefix = `${this.weightPrefix}cell_${i}/`;
      const own = [x, ...states.splice(0, cell.stateSizes.length)];
      cell.build(own, dtype);
      x = cell.computeOutputShape(own)[0] as SymbolicShape;
    }
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    let [x, ...states] = this.checked(inputShapes) as [SymbolicShape, ...SymbolicShape[]];
    const after: SymbolicShape[] = [];
    for (const cell of this.cells) {
      const [y, ...own] = cell.computeOutputShape([x, ...states.splice(0, cell.stateSizes.length)]) as [SymbolicShape, ...SymbolicShape[]];
      after.push(...own);
      x = y;
    }
    return [x, ...after];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    this.checked(inputs);
    let [x, ...states] = inputs as [Tensor, ...Tensor[]];
    const after: Tensor[] = [];
    let first = 1;
    const contexts = this.cells.map((cell, i) => {
      const places = cell.stateSizes.map((_, s) => first + s);
      first += places.length;
      return new InnerContext(ctx, { prefix: `${i}/`, masks: [], inputs: [i === 0 ? 0 : null, ...places] });
    });
    for (const [i, cell] of this.cells.entries()) {
      const own = [x, ...states.splice(0, cell.stateSizes.length)];
      const [y, ...ownAfter] = cell.forward(own, contexts[i] as InnerContext) as [Tensor, ...Tensor[]];
      after.push(...ownAfter);
      x = y;
    }
    this.remember(ctx, { contexts });
    return [x, ...after];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { contexts } = this.recall<{ contexts: InnerContext[] }>(ctx);
    let [dx, ...dAfter] = outputGradients as [Tensor | null, ...Tensor[]];
    const dStates: (Tensor | null)[] = [];
    for (let i = this.cells.length - 1; i >= 0; i--) {
      const cell = this.cells[i] as RNNCell;
      const own = dAfter.splice(dAfter.length - cell.stateSizes.length);
      const [below, ...dOwn] = cell.backward([dx as Tensor, ...own], contexts[i] as InnerContext) as [Tensor | null, ...(Tensor | null)[]];
      dStates.unshift(...dOwn);
      dx = below;
    }
    return [dx, ...dStates];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cells: this.cells.map(layerConfig) };
  }

  private checked<T>(inputs: readonly T[]): T[] {
    inputCount(this.name, inputs.length, 1 + this.stateSizes.length);
    return [...inputs];
  }
}
