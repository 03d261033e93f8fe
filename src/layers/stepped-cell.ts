import { SarafError } from '../errors.js';
import { BINARY, type FloatType, type HostArray, type Storage } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { floatInput, inputCount, showShape } from './checks.js';
import { changeHost } from './host.js';
import { Layer, type LayerContext, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import { InnerContext } from './standalone-context.js';
import { zeros, type Shape, type Tensor } from '../tensor/tensor.js';
import type { SequenceOptions } from './built-in-cell.js';
import type { RNNCell } from './rnn-cell.js';

/** The context of one step: weight gradients go to memory of their own, as they are summed over the steps. */
class StepContext extends InnerContext {
  private readonly around: LayerContext;

  constructor(around: LayerContext, step: number) {
    // A state is always another step's output, or an initial one.
    super(around, { prefix: `${step}/`, masks: [], inputs: [0] });
    this.around = around;
  }

  override gradient(weight: Weight): Tensor | null {
    return this.around.gradient(weight) && this.around.buffer(`step/${weight.name}`, weight.value.shape, weight.value.dtype);
  }

  override wantsInputGradient(i: number): boolean {
    return i > 0 || super.wantsInputGradient(i);
  }
}

interface Saved {
  shape: Shape;
  units: number;
  inputs: number;
  /** In the order in which steps were taken. */
  contexts: StepContext[];
  mask: HostArray | null;
  /** The states that the batch before left; null if there was none. */
  before: readonly Tensor[] | null;
}

/** Row numbers between (N,T) and (T,N), and between the time of x and that of the output. */
interface Order {
  timeFirst: Storage;
  batchFirst: Storage;
  toOutput: Storage;
  fromOutput: Storage;
}

/** A cell of the user's taken over a sequence step by step, with the conventions of a recurrent layer. */
export class SteppedCell extends Layer {
  readonly className = 'SteppedCell';
  readonly cell: RNNCell;
  /** Leave the outputs of a backward pass aligned with x. */
  alignedOutput = false;
  private readonly options: SequenceOptions;
  private readonly orders = new PerShape<Order>();
  private carried: readonly Tensor[] = [];

  constructor(cell: RNNCell, options: SequenceOptions) {
    super('SteppedCell', { name: cell.name });
    this.cell = cell;
    this.options = options;
  }

  get stateCount(): number {
    return this.cell.stateSizes.length;
  }

  override get weights(): readonly Weight[] {
    return this.cell.weights;
  }

  override get trainableWeights(): readonly Weight[] {
    return this.cell.trainableWeights;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.cell.weightPrefix = this.weightPrefix;
    this.cell.build(this.step(inputShapes), dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const [y, ...states] = this.cell.computeOutputShape(this.step(inputShapes)) as [SymbolicShape, ...SymbolicShape[]];
    const [batch, steps] = inputShapes[0] as [number | null, number | null];
    return [[batch, ...(this.options.returnSequences ? [steps] : []), y[1] as number], ...(this.options.returnState ? states : [])];
  }

  protected override get innerLayers(): readonly Layer[] {
    return [this.cell];
  }

  resetStates(): void {
    this.carried = [];
  }

  override retract(ctx: LayerContext): void {
    if (!this.options.stateful) return;
    const { before } = this.recall<Saved>(ctx);
    if (before === null) this.carried = [];
    else for (const [i, s] of before.entries()) backend().copy(s.storage, (this.carried[i] as Tensor).storage);
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const [x, ...given] = inputs as readonly [Tensor, ...Tensor[]];
    const output = this.computeOutputShape(inputs.map((t) => t.shape))[0] as Shape;
    for (const t of inputs) floatInput(this.name, t, ctx.dtype);
    const [N, T, D] = x.shape as [number, number, number];
    const units = output.at(-1) as number;
    const order = this.order(N, T);
    const xs = ctx.buffer('xs', [T * N, D]);
    backend().gatherRows(x.storage, order.timeFirst, xs.storage, D);
    const ys = ctx.buffer('ys', [T * N, units]);
    const mask = ctx.masks[0]?.data() ?? null;
    const contexts: StepContext[] = [];
    const before = this.initialStates(N, ctx);
    const carriedBefore = this.carried.length > 0 ? before : null;
    let states = given.length > 0 ? given : before;
    let last = this.zeros('nothing', [N, units], ctx);
    const nothing = last;
    for (let k = 0; k < T; k++) {
      const t = this.options.goBackwards ? T - 1 - k : k;
      const own = new StepContext(ctx, k);
      contexts.push(own);
      const [y, ...after] = this.cell.forward([xs.rows(t * N, (t + 1) * N), ...states], own) as [Tensor, ...Tensor[]];
      const earlier = states;
      states = after.map((s, i) => this.select(s, earlier[i] as Tensor, mask, t, T, `${k}/state${i}`, ctx));
      last = this.select(y, this.options.zeroOutputForMask ? nothing : last, mask, t, T, `${k}/output`, ctx);
      backend().copy(last.storage, ys.rows(t * N, (t + 1) * N).storage);
    }
    if (this.options.stateful) {
      this.carried = states.map((s, i) => this.carried[i] ?? zeros(s.shape, s.dtype));
      for (const [i, s] of states.entries()) backend().copy(s.storage, (this.carried[i] as Tensor).storage);
    }
    this.remember(ctx, { shape: x.shape, units, inputs: inputs.length, contexts, mask, before: carriedBefore } satisfies Saved);
    let result = last;
    if (this.options.returnSequences) {
      result = ctx.buffer('sequence', output);
      backend().gatherRows(ys.storage, order.toOutput, result.storage, units);
    }
    return [result, ...(this.options.returnState ? states : [])];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { shape, units, inputs, contexts, mask } = this.recall<Saved>(ctx);
    const [dOutput, ...dReturned] = outputGradients as readonly [Tensor, ...Tensor[]];
    const [N, T, D] = shape as [number, number, number];
    const order = this.order(N, T);
    const dys = ctx.buffer('dys', [T * N, units]);
    if (this.options.returnSequences) backend().gatherRows(dOutput.storage, order.fromOutput, dys.storage, units);
    const dxs = ctx.wantsInputGradient(0) ? ctx.buffer('dxs', [T * N, D]) : null;
    const sums = this.cell.weights.flatMap((w) => {
      const sum = ctx.gradient(w);
      if (sum) backend().fill(sum.storage, 0);
      return sum ? [{ sum, step: ctx.buffer(`step/${w.name}`, w.value.shape, w.value.dtype) }] : [];
    });
    let dStates = this.cell.stateSizes.map((size, i) => dReturned[i] ?? this.zeros(`dState${i}`, [N, size], ctx));
    // What later masked steps repeat of an output.
    let repeated = this.options.returnSequences ? this.zeros('dRepeated', [N, units], ctx) : dOutput;
    for (let k = T - 1; k >= 0; k--) {
      const t = this.options.goBackwards ? T - 1 - k : k;
      let dy = repeated;
      if (this.options.returnSequences) {
        dy = ctx.buffer(`dy${k % 2}`, [N, units]);
        backend().binary(repeated.storage, dys.rows(t * N, (t + 1) * N).storage, dy.storage, BINARY.add);
      }
      const [dFresh, dKept] = this.route(dy, mask, t, T, `output${k % 2}`, ctx);
      repeated = this.options.zeroOutputForMask ? this.zeros(`dRepeated${k % 2}`, [N, units], ctx) : dKept;
      const routed = dStates.map((d, i) => this.route(d, mask, t, T, `state${i}/${k % 2}`, ctx));
      for (const { step } of sums) backend().fill(step.storage, 0);
      const [dx, ...dBefore] = this.cell.backward([dFresh, ...routed.map(([d]) => d)], contexts[k] as StepContext);
      for (const { sum, step } of sums) backend().binary(sum.storage, step.storage, sum.storage, BINARY.add);
      if (dxs && dx) backend().copy(dx.storage, dxs.rows(t * N, (t + 1) * N).storage);
      dStates = routed.map(([, kept], i) => {
        const sum = ctx.buffer(`dState${i}/${k % 2}`, kept.shape);
        const before = dBefore[i];
        if (before) backend().binary(kept.storage, before.storage, sum.storage, BINARY.add);
        else backend().copy(kept.storage, sum.storage);
        return sum;
      });
    }
    const dx = dxs && ctx.buffer('dx', shape);
    if (dx) backend().gatherRows(dxs.storage, order.batchFirst, dx.storage, D);
    return [dx, ...(inputs > 1 ? dStates : [])];
  }

  /** The rows of valid steps from `fresh`, the others from `old`. */
  private select(fresh: Tensor, old: Tensor, mask: HostArray | null, t: number, T: number, name: string, ctx: LayerContext): Tensor {
    if (!mask) return fresh;
    const y = ctx.buffer(`selected/${name}`, fresh.shape);
    backend().copy(fresh.storage, y.storage);
    const [from, cols] = [old.data(), fresh.shape[1] as number];
    changeHost(y, (values) => {
      for (let n = 0; n * cols < values.length; n++)
        if (!mask[n * T + t]) for (let i = n * cols; i < (n + 1) * cols; i++) values[i] = from[i] as number;
    });
    return y;
  }

  /** The transpose of `select`: the gradients of both. */
  private route(d: Tensor, mask: HostArray | null, t: number, T: number, name: string, ctx: LayerContext): [fresh: Tensor, old: Tensor] {
    const nothing = this.zeros(`routed/${name}/nothing`, d.shape, ctx);
    if (!mask) return [d, nothing];
    return [
      this.select(d, nothing, mask, t, T, `routed/${name}/fresh`, ctx),
      this.select(nothing, d, mask, t, T, `routed/${name}/old`, ctx),
    ];
  }

  private zeros(name: string, shape: Shape, ctx: LayerContext): Tensor {
    const zero = ctx.buffer(name, shape);
    backend().fill(zero.storage, 0);
    return zero;
  }

  /** What the batch before left, copied as backward reads it; or zeros. */
  private initialStates(N: number, ctx: LayerContext): Tensor[] {
    return this.cell.stateSizes.map((size, i) => {
      const before = this.carried[i];
      if (!before) return this.zeros(`initial${i}`, [N, size], ctx);
      if (before.shape[0] !== N)
        throw new SarafError(
          'ERR_SHAPE',
          this.name,
          `expected batches of ${before.shape[0]} rows, as a stateful layer goes on in each, received ${N}; call resetStates()`,
        );
      const copy = ctx.buffer(`initial${i}`, before.shape);
      backend().copy(before.storage, copy.storage);
      return copy;
    });
  }

  /** The shapes of one step's inputs. */
  private step(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    if (inputShapes.length !== 1) inputCount(this.name, inputShapes.length, 1 + this.stateCount);
    const [x] = inputShapes as [SymbolicShape];
    if (x.length !== 3) throw new SarafError('ERR_SHAPE', this.name, `expected x of shape (N,T,D), received ${showShape(x)}`);
    const [batch, steps, features] = x as [number | null, number | null, number | null];
    if (steps === 0) throw new SarafError('ERR_SHAPE', this.name, `expected at least one time step, received ${showShape(x)}`);
    return [[batch, features], ...this.cell.stateSizes.map((size, i) => inputShapes[i + 1] ?? [batch, size])];
  }

  private order(N: number, T: number): Order {
    return this.orders.get([N, T], () => {
      const reversed = this.options.goBackwards === true && !this.alignedOutput;
      const index = (row: (i: number) => number): Storage => {
        const storage = backend().allocate('int32', N * T);
        backend().write(
          storage,
          Int32Array.from({ length: N * T }, (_, i) => row(i)),
        );
        return storage;
      };
      const time = (t: number): number => (reversed ? T - 1 - t : t);
      return {
        timeFirst: index((i) => (i % N) * T + Math.floor(i / N)),
        batchFirst: index((i) => (i % T) * N + Math.floor(i / T)),
        toOutput: index((i) => time(i % T) * N + Math.floor(i / T)),
        fromOutput: index((i) => (i % N) * T + time(Math.floor(i / N))),
      };
    });
  }
}
