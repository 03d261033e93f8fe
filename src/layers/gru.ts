import { RECURRENT, type RecurrentArguments } from '../backend/backend.js';
import { SarafError } from '../errors.js';
import { oneOf } from './checks.js';
import { cellActivation, gatedActivations, type CellActivationName, type CellActivations } from './cell-activations.js';
import { Recurrent, type RecurrentCall, type RecurrentGradients, type RecurrentOptions } from './recurrent.js';
import type { LayerContext } from './layer.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export type GRUForm = 'keras' | 'textbook';

export interface GRUOptions extends RecurrentOptions {
  /** Default tanh, which with sigmoid gates is the fastest. */
  activation?: CellActivationName;
  /** Of the gates. Default sigmoid. */
  recurrentActivation?: CellActivationName;
  /** Apply the reset gate after the recurrent product, with a bias of its own. Default true in Keras' form, false in the textbook's. */
  resetAfter?: boolean;
  /**
   * What the update gate z says: in Keras' form how much of the state is kept, h = z⊙h₋₁ + (1−z)⊙h̃, in the textbook's how much is
   * new, h = (1−z)⊙h₋₁ + z⊙h̃, with 1−z computed as σ(−·). Default 'keras'.
   */
  form?: GRUForm;
}

/**
 * Gated recurrent unit over the whole sequence, gates z r h: h = z⊙h₋₁ + (1−z)⊙h̃, or h = (1−z)⊙h₋₁ + z⊙h̃ in the textbook's form.
 *
 * The textbook's form computes to the bit what Keras' form computes without `resetAfter` from the same weights with z's
 * columns, the first U of each, negated: so its weights go to Keras, whose files cannot say the form.
 *
 * Shapes: x (N,T,D) → (N,U), or (N,T,U) with `returnSequences`; with `returnState` also h (N,U). Initial state: a second input (N,U).
 *         bias (2,3U), or (3U) without `resetAfter`.
 * Throws: ERR_SHAPE if x is not rank 3; ERR_ARG for the textbook's form with `resetAfter`.
 * Source: Keras GRU, reset_after=True; the textbook's form: Chung et al. 2014.
 * Example: layers.gru({ units: 64 }); layers.gru({ units: 64, form: 'textbook' })
 */
export class GRU extends Recurrent {
  readonly activation: CellActivationName;
  readonly recurrentActivation: CellActivationName;
  readonly className = 'GRU';
  readonly stateCount = 1;
  readonly resetAfter: boolean;
  readonly form: GRUForm;
  protected readonly activations: CellActivations;
  protected readonly gates = 3;

  constructor(options: GRUOptions) {
    super('GRU', 'gru', options, ['activation', 'recurrentActivation', 'resetAfter', 'form']);
    this.activation = cellActivation('gru', 'activation', options.activation, 'tanh');
    this.recurrentActivation = cellActivation('gru', 'recurrentActivation', options.recurrentActivation, 'sigmoid');
    this.activations = gatedActivations(this.activation, this.recurrentActivation);
    this.form = oneOf('gru', 'form', options.form ?? 'keras', ['keras', 'textbook']);
    this.resetAfter = options.resetAfter ?? this.form === 'keras';
    if (this.form === 'textbook' && this.resetAfter)
      throw new SarafError('ERR_ARG', 'gru', "expected resetAfter false in the textbook's form, received true; leave it out");
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      activation: this.activation,
      recurrentActivation: this.recurrentActivation,
      resetAfter: this.resetAfter,
      ...(this.form === 'textbook' ? { form: this.form } : {}),
    };
  }

  protected override get extraFlags(): number {
    return (this.resetAfter ? RECURRENT.resetAfter : 0) + (this.form === 'textbook' ? RECURRENT.textbook : 0);
  }

  protected override biasShape(): Shape {
    return this.resetAfter ? [2, 3 * this.units] : [3 * this.units];
  }

  protected override forwardCall({ x, initial, mask, y, states, geometry, cell }: RecurrentCall, ctx: LayerContext): RecurrentArguments {
    const { kernel, recurrentKernel } = this.builtWeights();
    return [
      'gruForward',
      x.storage,
      kernel.value.storage,
      recurrentKernel.value.storage,
      this.bias?.value.storage ?? null,
      initial[0]?.storage ?? null,
      mask,
      y.storage,
      (states[0] as Tensor).storage,
      ctx.training ? this.gatesBuffer(y, ctx).storage : null,
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
      'gruBackward',
      x.storage,
      kernel.value.storage,
      recurrentKernel.value.storage,
      initial[0]?.storage ?? null,
      mask,
      y.storage,
      this.gatesBuffer(y, ctx).storage,
      g.dy,
      g.dStates[0] ?? null,
      g.dx,
      g.dw,
      g.du,
      g.db,
      g.dInitial[0] ?? null,
      geometry,
      cell?.activations ?? null,
      cell?.kept ?? null,
    ];
  }

  private gatesBuffer(y: Tensor, ctx: LayerContext): Tensor {
    return ctx.buffer('gates', [...y.shape.slice(0, 2), 4 * this.units]);
  }
}
