import type { RecurrentArguments } from '../backend/backend.js';
import { cellActivation, simpleActivation, type CellActivationName, type CellActivations } from './cell-activations.js';
import { Recurrent, type RecurrentCall, type RecurrentGradients, type RecurrentOptions } from './recurrent.js';
import type { LayerContext } from './layer.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface SimpleRNNOptions extends RecurrentOptions {
  /** Default tanh. */
  activation?: CellActivationName;
}

/**
 * h = activation(x·kernel + b + h₋₁·recurrentKernel), over the whole sequence.
 *
 * Shapes: x (N,T,D) → (N,U), or (N,T,U) with `returnSequences`; with `returnState` also h (N,U). Initial state: a second input (N,U).
 * Throws: ERR_SHAPE if x is not rank 3.
 * Source: Elman 1990; Keras SimpleRNN.
 * Example: layers.simpleRnn({ units: 64 })
 */
export class SimpleRNN extends Recurrent {
  readonly className = 'SimpleRNN';
  readonly stateCount = 1;
  readonly activation: CellActivationName;
  protected readonly activations: CellActivations;
  protected readonly gates = 1;

  constructor(options: SimpleRNNOptions) {
    super('SimpleRNN', 'simpleRnn', options, ['activation']);
    this.activation = cellActivation('simpleRnn', 'activation', options.activation, 'tanh');
    this.activations = simpleActivation(this.activation);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), activation: this.activation };
  }

  protected override biasShape(): Shape {
    return [this.units];
  }

  protected override forwardCall({ x, initial, mask, y, states, geometry, cell }: RecurrentCall, ctx: LayerContext): RecurrentArguments {
    const { kernel, recurrentKernel } = this.builtWeights();
    return [
      'simpleRnnForward',
      x.storage,
      kernel.value.storage,
      recurrentKernel.value.storage,
      this.bias?.value.storage ?? null,
      initial[0]?.storage ?? null,
      mask,
      y.storage,
      (states[0] as Tensor).storage,
      geometry,
      this.activations.fused,
      cell?.activations ?? null,
      cell?.kept ?? null,
      cell && ctx.training ? ctx.buffer('pre', y.shape).storage : null,
    ];
  }

  protected override backwardCall(
    { x, initial, mask, y, geometry, cell }: RecurrentCall,
    g: RecurrentGradients,
    ctx: LayerContext,
  ): RecurrentArguments {
    const { kernel, recurrentKernel } = this.builtWeights();
    return [
      'simpleRnnBackward',
      x.storage,
      kernel.value.storage,
      recurrentKernel.value.storage,
      initial[0]?.storage ?? null,
      mask,
      y.storage,
      g.dy,
      g.dStates[0] ?? null,
      ctx.buffer('dz', y.shape).storage,
      g.dx,
      g.dw,
      g.du,
      g.db,
      g.dInitial[0] ?? null,
      geometry,
      this.activations.fused,
      cell?.activations ?? null,
      cell?.kept ?? null,
      cell ? ctx.buffer('pre', y.shape).storage : null,
    ];
  }
}
