import { SarafError } from '../errors.js';
import {
  BINARY,
  MERGES,
  RECURRENT,
  type FloatType,
  type MergeLayout,
  type RandomKey,
  type RecurrentArguments,
  type RecurrentGeometry,
  type Storage,
} from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { precisionCode } from '../backend/precision.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import type { CellActivations } from './cell-activations.js';
import { floatInput, inputCount, knownOptions, lastAxis, positiveInteger, showShape } from './checks.js';
import type { ForwardWork } from './cost.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import { drawCounter } from './random-layer.js';
import { runRecurrent } from './recurrent-calls.js';
import { mergeLayout } from './strides.js';
import { zeros, type Shape, type Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface RecurrentOptions extends LayerOptions, WeightRuleOptions<'kernel' | 'recurrent' | 'bias'> {
  /** Length of the state. */
  units: number;
  /** Default true. */
  useBias?: boolean;
  /** Give the output of every step instead of the last one only. Default false. */
  returnSequences?: boolean;
  /** Give the last state (LSTM: h and c) after the output. Default false. */
  returnState?: boolean;
  /** Read the steps from the last to the first; with `returnSequences` the output stays in that order. Default false. */
  goBackwards?: boolean;
  /**
   * Begin each batch with the states that the batch before left, row by row; batches then have equal numbers of rows. No gradient
   * flows from one batch to the one before. `resetStates` begins with zeros again. Default false.
   */
  stateful?: boolean;
  /** Give zeros at masked steps instead of the previous output. Default false. */
  zeroOutputForMask?: boolean;
  /** Share of the features dropped in training, the same ones at every step of a sequence, in [0,1). Default 0. */
  dropout?: number;
  /** Share of the state dropped in training before its product with the recurrent kernel, the same units at every step, in [0,1). Default 0. */
  recurrentDropout?: number;
  /** Key of the dropout's draws, as a saved model keeps it. Default: from the seed. */
  randomKey?: RandomKey;
  /** Default glorotUniform. */
  kernelInitializer?: InitializerOption;
  /** Default orthogonal. */
  recurrentInitializer?: InitializerOption;
  /** Default zeros. */
  biasInitializer?: InitializerOption;
}

const OPTIONS = [
  'units',
  'useBias',
  'returnSequences',
  'returnState',
  'goBackwards',
  'stateful',
  'zeroOutputForMask',
  'dropout',
  'recurrentDropout',
  'randomKey',
  'kernelInitializer',
  'recurrentInitializer',
  'biasInitializer',
];

/** One call of a recurrent kernel, as `forward` makes it and `backward` finds it again. */
export interface RecurrentCall {
  readonly x: Tensor;
  /** Initial states h (and c), null for zeros. */
  readonly initial: readonly (Tensor | null)[];
  readonly mask: Storage | null;
  /** All outputs (N,T,U), aligned with x in time. */
  readonly y: Tensor;
  /** Last states. */
  readonly states: readonly Tensor[];
  readonly geometry: RecurrentGeometry;
  /** Where the call goes step by step: its activations, and what multiplies the state. */
  readonly cell: RecurrentCell | null;
}

/** What the kernels of the usual activations do not know. */
export interface RecurrentCell {
  readonly activations: Float64Array;
  /** (N,U), or null for no recurrent dropout. */
  readonly kept: Storage | null;
}

/** Gradients that reach a call, and those that it must write. */
export interface RecurrentGradients {
  readonly dy: Storage | null;
  readonly dStates: readonly (Storage | null)[];
  readonly dx: Storage | null;
  readonly dw: Storage | null;
  readonly du: Storage | null;
  readonly db: Storage | null;
  readonly dInitial: readonly (Storage | null)[];
}

/** A pass up to its kernel, and what follows it: Bidirectional runs the kernels of two such passes in one call. */
export interface PreparedPass<Output> {
  /** null: nothing is wanted. */
  readonly kernelCall: RecurrentArguments | null;
  finish(): Output[];
}

function share(op: string, name: string, value = 0): number {
  if (!(value >= 0 && value < 1)) throw new SarafError('ERR_ARG', op, `expected ${name} in [0,1), received ${String(value)}`);
  return value;
}

interface Saved {
  call: RecurrentCall;
  /** What dropout multiplied x with, (N,1,D). */
  kept: Tensor | null;
  inputs: number;
  /** The states that the batch before left; null if there was none. */
  before: readonly Tensor[] | null;
}

/** Below this share of dropout, and below so many steps, leaving dropped features out of the products gains nothing. */
const SHARE_WORTH_DROPPING = 0.4;
const STEPS_WORTH_DROPPING = 8;

/** Row numbers of (N,T) that a flip in time or the last step read. */
interface StepIndex {
  reversed: Storage;
  last: Storage;
}

/**
 * What SimpleRNN, LSTM and GRU share: options, shapes, initial states, masks, order in time. A subclass runs one kernel
 * over the whole sequence in each pass.
 */
export abstract class Recurrent extends Layer {
  readonly units: number;
  readonly useBias: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly kernelInitializer: Initializer;
  readonly recurrentInitializer: Initializer;
  readonly biasInitializer: Initializer;
  /** Set by Bidirectional, as Keras does. */
  zeroOutputForMask: boolean;
  /** Set by Bidirectional: leave the outputs of a backward pass aligned with x, which Keras would flip twice. */
  alignedOutput = false;
  /** Set by Bidirectional: add the input gradient to the one in the buffer `dx`, where dropout does not come in between. */
  addInputGradient = false;
  protected kernel: Weight | undefined;
  protected recurrentKernel: Weight | undefined;
  protected bias: Weight | null = null;
  private readonly indices = new PerShape<StepIndex>();
  private readonly layouts = new PerShape<MergeLayout>();
  private readonly geometries = new PerShape<RecurrentGeometry>();
  private key: RandomKey | undefined;
  /** Where the batch before ended. */
  private carried: readonly Tensor[] = [];

  constructor(className: string, op: string, options: RecurrentOptions, names: readonly string[]) {
    super(className, options);
    knownOptions(op, options, [...OPTIONS, ...names]);
    this.units = positiveInteger(op, 'units', options.units);
    this.useBias = options.useBias ?? true;
    this.returnSequences = options.returnSequences ?? false;
    this.returnState = options.returnState ?? false;
    this.goBackwards = options.goBackwards ?? false;
    this.stateful = options.stateful ?? false;
    this.zeroOutputForMask = options.zeroOutputForMask ?? false;
    this.kernelInitializer = getInitializer(op, options.kernelInitializer ?? 'glorotUniform');
    this.recurrentInitializer = getInitializer(op, options.recurrentInitializer ?? 'orthogonal');
    this.biasInitializer = getInitializer(op, options.biasInitializer ?? 'zeros');
    this.dropout = share(op, 'dropout', options.dropout);
    this.recurrentDropout = share(op, 'recurrentDropout', options.recurrentDropout);
    this.key = options.randomKey;
  }

  /** Number of gates: the kernel is (D, gates·U). */
  protected abstract readonly gates: number;
  /** Number of states: 1, or 2 for h and c. */
  abstract readonly stateCount: number;
  /** The activation, and the recurrent one where there are gates. */
  protected abstract readonly activations: CellActivations;
  protected abstract biasShape(): Shape;
  protected abstract forwardCall(call: RecurrentCall, ctx: LayerContext): RecurrentArguments;
  protected abstract backwardCall(call: RecurrentCall, gradients: RecurrentGradients, ctx: LayerContext): RecurrentArguments;

  /** Flags of the kernel beyond direction, training and masks. */
  protected get extraFlags(): number {
    return 0;
  }

  /** Changes a fresh bias (LSTM: ones for the forget gate). */
  protected adjustBias(_bias: Tensor): void {}

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    const features = lastAxis(this.name, inputShapes[0] as SymbolicShape);
    this.kernel = this.addWeight('kernel', [features, this.gates * this.units], this.kernelInitializer, dtype);
    this.recurrentKernel = this.addWeight('recurrent_kernel', [this.units, this.gates * this.units], this.recurrentInitializer, dtype);
    if (this.useBias) {
      this.bias = this.addWeight('bias', this.biasShape(), this.biasInitializer, dtype);
      this.adjustBias(this.bias.value);
    }
    if (this.dropout > 0 || this.recurrentDropout > 0) this.key ??= this.drawKey();
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    if (inputShapes.length !== 1) inputCount(this.name, inputShapes.length, 1 + this.stateCount);
    const [shape, ...states] = inputShapes as [SymbolicShape, ...SymbolicShape[]];
    if (shape.length !== 3) {
      const fix = shape.length === 2 ? '; add a time axis with x.expandDims(1)' : '';
      throw new SarafError('ERR_SHAPE', this.name, `expected x of shape (N,T,D), received ${showShape(shape)}${fix}`);
    }
    const [batch, steps, features] = shape as [number | null, number | null, number | null];
    const expected = this.kernel?.value.shape[0];
    if (expected !== undefined && features !== expected) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x of shape (N,T,${expected}), received ${showShape(shape)}; the layer was built for ${expected} features`,
      );
    }
    if (steps === 0) throw new SarafError('ERR_SHAPE', this.name, `expected at least one time step, received ${showShape(shape)}`);
    for (const state of states) {
      if (state.length !== 2 || state[1] !== this.units || (batch !== null && state[0] !== null && state[0] !== batch)) {
        throw new SarafError(
          'ERR_SHAPE',
          this.name,
          `expected initial states of shape ${showShape([batch, this.units])}, received ${showShape(state)}`,
        );
      }
    }
    const output = this.returnSequences ? [batch, steps, this.units] : [batch, this.units];
    return [output, ...(this.returnState ? Array.from({ length: this.stateCount }, () => [batch, this.units]) : [])];
  }

  /** Lets a stateful layer begin with zeros again. */
  resetStates(): void {
    this.carried = [];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    return Recurrent.complete(this.prepareForward(inputs, ctx));
  }

  override retract(ctx: LayerContext): void {
    if (!this.stateful) return;
    const { before } = this.recall<Saved>(ctx);
    if (before === null) this.carried = [];
    else for (const [i, state] of before.entries()) backend().copy(state.storage, (this.carried[i] as Tensor).storage);
  }

  /** Throws as `forward`. */
  prepareForward(inputs: readonly Tensor[], ctx: LayerContext): PreparedPass<Tensor> {
    const { kernel } = this.builtWeights();
    this.computeOutputShape(inputs.map((t) => t.shape));
    for (const x of inputs) floatInput(this.name, x, ctx.dtype);
    const [x, ...given] = inputs as readonly [Tensor, ...Tensor[]];
    const [N, T] = x.shape as [number, number];
    const D = kernel.value.shape[0] as number;
    const mask = this.checkedMask(ctx.masks[0] ?? null, N, T);
    const before = this.carriedStates(N, ctx);
    const initial = given.length > 0 ? given : before;
    const recurrentKept = this.drawRecurrentKept(N, ctx);
    const cell = recurrentKept || !this.activations.usual ? { activations: this.activations.codes, kept: recurrentKept } : null;
    const kept = this.drawKept(N, D, ctx);
    const bfloat16 = !cell && precisionCode(ctx.precision, D, this.units) !== 0;
    const flags =
      (this.goBackwards ? RECURRENT.reverse : 0) +
      (ctx.training ? RECURRENT.training : 0) +
      (this.zeroOutputForMask ? RECURRENT.zeroOutputForMask : 0) +
      (this.addInputGradient ? RECURRENT.addInputGradient : 0) +
      (bfloat16 ? RECURRENT.bfloat16 : 0) +
      (kept && !cell && !bfloat16 && this.dropout >= SHARE_WORTH_DROPPING && T >= STEPS_WORTH_DROPPING ? RECURRENT.droppedInputs : 0) +
      this.extraFlags;
    const flipped = this.returnSequences && this.goBackwards && !this.alignedOutput;
    const fromSequence = this.lastFromSequence(mask, initial.length > 0);
    const y = ctx.buffer(this.returnSequences && !flipped ? 'output' : 'y', [N, T, this.units]);
    const states = Array.from({ length: this.stateCount }, (_, i) => {
      const isOutput = i === 0 && !this.returnSequences && !fromSequence;
      return ctx.buffer(isOutput ? 'output' : `state${i}`, [N, this.units]);
    });
    const call: RecurrentCall = {
      x: kept ? this.times(x, kept, 'dropped', ctx) : x,
      initial: states.map((_, i) => initial[i] ?? null),
      mask: mask?.storage ?? null,
      y,
      states,
      geometry: this.geometries.get([N, T, D, flags], () => Int32Array.of(N, T, D, this.units, flags)),
      cell,
    };
    const finish = (): Tensor[] => {
      let output = this.returnSequences ? y : (states[0] as Tensor);
      if (flipped || fromSequence) {
        const index = this.stepIndex(N, T);
        output = ctx.buffer('output', flipped ? y.shape : [N, this.units]);
        backend().gatherRows(y.storage, flipped ? index.reversed : index.last, output.storage, this.units);
      }
      if (this.stateful) this.carry(states);
      this.remember(ctx, { call, kept, inputs: inputs.length, before: before.length > 0 ? before : null } satisfies Saved);
      return [output, ...(this.returnState ? states : [])];
    };
    return { kernelCall: this.forwardCall(call, ctx), finish };
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return Recurrent.complete(this.prepareBackward(outputGradients, ctx));
  }

  prepareBackward(outputGradients: readonly Tensor[], ctx: LayerContext): PreparedPass<Tensor | null> {
    const { kernel, recurrentKernel } = this.builtWeights();
    const { call, kept, inputs } = this.recall<Saved>(ctx);
    const [dOutput, ...dReturned] = outputGradients as readonly [Tensor, ...Tensor[]];
    const dStates: (Storage | null)[] = call.states.map((_, i) => dReturned[i]?.storage ?? null);
    let dy: Storage | null = null;
    const [N, T] = call.x.shape as [number, number];
    if (this.returnSequences) {
      dy = dOutput.storage;
      if (this.goBackwards && !this.alignedOutput) {
        const aligned = ctx.buffer('dy', call.y.shape);
        backend().gatherRows(dOutput.storage, this.stepIndex(N, T).reversed, aligned.storage, this.units);
        dy = aligned.storage;
      }
    } else if (this.lastFromSequence(call.mask, call.initial[0] !== null)) {
      // The transpose of reading rows: rows not read get 0.
      dy = ctx.buffer('dy', call.y.shape).storage;
      backend().embeddingBackward(this.stepIndex(N, T).last, dOutput.storage, dy, N * T, this.units);
    } else if (dStates[0]) {
      const sum = ctx.buffer('dh', [N, this.units]).storage;
      backend().binary(dOutput.storage, dStates[0], sum, BINARY.add);
      dStates[0] = sum;
    } else {
      dStates[0] = dOutput.storage;
    }
    const wanted = Array.from({ length: inputs }, (_, i) => {
      if (!ctx.wantsInputGradient(i)) return null;
      return i === 0 ? ctx.buffer(kept ? 'dxDropped' : 'dx', call.x.shape) : ctx.buffer(`dInitial${i - 1}`, [N, this.units]);
    });
    const gradients: RecurrentGradients = {
      dy,
      dStates,
      dx: wanted[0]?.storage ?? null,
      dw: ctx.gradient(kernel)?.storage ?? null,
      du: ctx.gradient(recurrentKernel)?.storage ?? null,
      db: this.bias ? (ctx.gradient(this.bias)?.storage ?? null) : null,
      dInitial: call.states.map((_, i) => wanted[i + 1]?.storage ?? null),
    };
    const { dx, dw, du, db, dInitial } = gradients;
    const any = dx || dw || du || db || dInitial.some((d) => d !== null);
    const finish = (): (Tensor | null)[] => {
      if (kept && wanted[0]) wanted[0] = this.times(wanted[0], kept, 'dx', ctx);
      return wanted;
    };
    return { kernelCall: any ? this.backwardCall(call, gradients, ctx) : null, finish };
  }

  private static complete<Output>(pass: PreparedPass<Output>): Output[] {
    if (pass.kernelCall) runRecurrent(pass.kernelCall);
    return pass.finish();
  }

  /** With `goBackwards` and `returnSequences` the outputs are reversed in time, the mask is not: as in Keras. */
  override computeMask(_inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const states = this.returnState ? Array.from({ length: this.stateCount }, () => null) : [];
    return [this.returnSequences ? (ctx.masks[0] ?? null) : null, ...states];
  }

  /** Only products are counted, and no masked step. */
  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[], valid = 1): ForwardWork {
    const [N, T, D] = inputShapes[0] as [number, number, number];
    const products = 2 * N * T * valid * this.gates * this.units * (D + this.units);
    return { ...super.cost(inputShapes, outputShapes), flops: products, products };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      units: this.units,
      useBias: this.useBias,
      returnSequences: this.returnSequences,
      returnState: this.returnState,
      goBackwards: this.goBackwards,
      stateful: this.stateful,
      zeroOutputForMask: this.zeroOutputForMask,
      dropout: this.dropout,
      recurrentDropout: this.recurrentDropout,
      ...(this.key ? { randomKey: this.key } : {}),
      kernelInitializer: initializerConfig(this.kernelInitializer),
      recurrentInitializer: initializerConfig(this.recurrentInitializer),
      biasInitializer: initializerConfig(this.biasInitializer),
    };
  }

  protected builtWeights(): { kernel: Weight; recurrentKernel: Weight } {
    if (!this.kernel || !this.recurrentKernel) {
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    }
    return { kernel: this.kernel, recurrentKernel: this.recurrentKernel };
  }

  /** Copies of the states that the batch before left, which this call's backward pass reads; none at first. */
  private carriedStates(N: number, ctx: LayerContext): Tensor[] {
    const [first] = this.carried;
    if (first && first.shape[0] !== N) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected batches of ${first.shape[0]} rows, as a stateful layer goes on in each, received ${N}; call resetStates()`,
      );
    }
    return this.carried.map((state, i) => {
      const copy = ctx.buffer(`carried${i}`, state.shape);
      backend().copy(state.storage, copy.storage);
      return copy;
    });
  }

  private carry(states: readonly Tensor[]): void {
    if (this.carried.length === 0) this.carried = states.map((state) => zeros(state.shape, state.dtype));
    for (const [i, state] of states.entries()) backend().copy(state.storage, (this.carried[i] as Tensor).storage);
  }

  /**
   * Whether the last output must be read from the sequence: it differs from the last state where a masked step gives
   * zeros, and where a row without any valid step keeps its initial state but has given nothing.
   */
  private lastFromSequence(mask: object | null, hasInitial: boolean): boolean {
    return !this.returnSequences && mask !== null && (this.zeroOutputForMask || hasInitial);
  }

  /** The factor of every input in training: 0 or 1/(1−dropout), one draw per sequence and feature; null for no dropout. */
  private drawKept(N: number, D: number, ctx: LayerContext): Tensor | null {
    if (!ctx.training || !this.key || this.dropout === 0) return null;
    const kept = ctx.buffer('kept', [N, 1, D]);
    backend().fill(kept.storage, 1);
    const counter = drawCounter(ctx);
    backend().dropout(kept.storage, kept.storage, this.dropout, this.key.seed, this.key.stream, counter);
    return kept;
  }

  /** The factor of the state in training, (N,U): one draw per sequence and unit. */
  private drawRecurrentKept(N: number, ctx: LayerContext): Storage | null {
    if (!ctx.training || !this.key || this.recurrentDropout === 0) return null;
    const kept = ctx.buffer('recurrentKept', [N, this.units]).storage;
    backend().fill(kept, 1);
    // Beside the draws of the inputs, whose counter is a step.
    const counter = drawCounter(ctx) + 0x80000000;
    backend().dropout(kept, kept, this.recurrentDropout, this.key.seed, this.key.stream, counter);
    return kept;
  }

  private times(x: Tensor, kept: Tensor, name: string, ctx: LayerContext): Tensor {
    const y = ctx.buffer(name, x.shape);
    const layout = this.layouts.get(x.shape, () => mergeLayout(x.shape, x.shape, kept.shape));
    backend().merge(x.storage, kept.storage, null, y.storage, layout, MERGES.multiply);
    return y;
  }

  private checkedMask(mask: Tensor | null, N: number, T: number): Tensor | null {
    if (mask && (mask.dtype !== 'uint8' || mask.rank !== 2 || mask.shape[0] !== N || mask.shape[1] !== T)) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected a mask (uint8) of shape (${N},${T}), received ${mask.dtype} ${showShape(mask.shape)}`,
      );
    }
    return mask;
  }

  private stepIndex(N: number, T: number): StepIndex {
    return this.indices.get([N, T], () => {
      const reversed = Int32Array.from({ length: N * T }, (_, i) => i - (i % T) + (T - 1 - (i % T)));
      const last = Int32Array.from({ length: N }, (_, n) => n * T + (this.goBackwards ? 0 : T - 1));
      const toDevice = (values: Int32Array): Storage => {
        const storage = backend().allocate('int32', values.length);
        backend().write(storage, values);
        return storage;
      };
      return { reversed: toDevice(reversed), last: toDevice(last) };
    });
  }
}
