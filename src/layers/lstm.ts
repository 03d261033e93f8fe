import type { RecurrentArguments } from '../backend/backend.js';
import { changeHost } from './host.js';
import { cellActivation, gatedActivations, type CellActivationName, type CellActivations } from './cell-activations.js';
import { Recurrent, type RecurrentCall, type RecurrentGradients, type RecurrentOptions } from './recurrent.js';
import type { LayerContext } from './layer.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface LSTMOptions extends RecurrentOptions {
  /** Default tanh, which with sigmoid gates is the fastest. */
  activation?: CellActivationName;
  /** Of the gates. Default sigmoid. */
  recurrentActivation?: CellActivationName;
  /** Start the forget gate's bias at 1. Default true. */
  unitForgetBias?: boolean;
}

/**
 * Long short-term memory over the whole sequence, gates i f c o.
 *
 * Shapes: x (N,T,D) → (N,U), or (N,T,U) with `returnSequences`; with `returnState` also h, c (N,U). Initial state: two more inputs (N,U).
 * Throws: ERR_SHAPE if x is not rank 3.
 * Source: Hochreiter and Schmidhuber 1997; Keras LSTM.
 * Example: layers.lstm({ units: 64, returnSequences: true })
 */
export class LSTM extends Recurrent {
  readonly activation: CellActivationName;
  readonly recurrentActivation: CellActivationName;
  readonly className = 'LSTM';
  readonly stateCount = 2;
  readonly unitForgetBias: boolean;
  protected readonly activations: CellActivations;
  protected readonly gates = 4;

  constructor(options: LSTMOptions) {
    super('LSTM', 'lstm', options, ['activation', 'recurrentActivation', 'unitForgetBias']);
    this.activation = cellActivation('lstm', 'activation', options.activation, 'tanh');
    this.recurrentActivation = cellActivation('lstm', 'recurrentActivation', options.recurrentActivation, 'sigmoid');
    this.activations = gatedActivations(this.activation, this.recurrentActivation);
    this.unitForgetBias = options.unitForgetBias ?? true;
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      activation: this.activation,
      recurrentActivation: this.recurrentActivation,
      unitForgetBias: this.unitForgetBias,
    };
  }

  protected override biasShape(): Shape {
    return [4 * this.units];
  }

  protected override adjustBias(bias: Tensor): void {
    if (this.unitForgetBias) changeHost(bias, (values) => void values.fill(1, this.units, 2 * this.units));
  }

  protected override forwardCall({ x, initial, mask, y, states, geometry, cell }: RecurrentCall, ctx: LayerContext): RecurrentArguments {
    const { kernel, recurrentKernel } = this.builtWeights();
    return [
      'lstmForward',
      x.storage,
      kernel.value.storage,
      recurrentKernel.value.storage,
      this.bias?.value.storage ?? null,
      initial[0]?.storage ?? null,
      initial[1]?.storage ?? null,
      mask,
      y.storage,
      (states[0] as Tensor).storage,
      (states[1] as Tensor).storage,
      ctx.training ? this.gatesBuffer(y, ctx).storage : null,
      ctx.training ? ctx.buffer('cells', y.shape).storage : null,
      geometry,
      cell?.activations ?? null,
      cell?.kept ?? null,
    ];
  }

  protected override backwardCall(
    { x, initial, mask, y, geometry, cell }: RecurrentCall,
    g: RecurrentGradients,
    ctx: LayerContext,
  ): RecurrentArguments {
    const { kernel, recurrentKernel } = this.builtWeights();
    return [
      'lstmBackward',
      x.storage,
      kernel.value.storage,
      recurrentKernel.value.storage,
      initial[0]?.storage ?? null,
      initial[1]?.storage ?? null,
      mask,
      y.storage,
      this.gatesBuffer(y, ctx).storage,
      ctx.buffer('cells', y.shape).storage,
      g.dy,
      g.dStates[0] ?? null,
      g.dStates[1] ?? null,
      g.dx,
      g.dw,
      g.du,
      g.db,
      g.dInitial[0] ?? null,
      g.dInitial[1] ?? null,
      geometry,
      cell?.activations ?? null,
      cell?.kept ?? null,
    ];
  }

  private gatesBuffer(y: Tensor, ctx: LayerContext): Tensor {
    return ctx.buffer('gates', [...y.shape.slice(0, 2), 4 * this.units]);
  }
}
