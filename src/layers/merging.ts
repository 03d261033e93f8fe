import { SarafError } from '../errors.js';
import { MERGES, type MergeCode, type MergeLayout, type MoveLayout } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { floatInput, inputCount, knownOptions, showShape } from './checks.js';
import { changeHost } from './host.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { PerShape } from './per-shape.js';
import { mergeLayout, reduceLayout } from './strides.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

/** One pair: what is there so far (a), the next input (b). */
interface Step {
  /** Shape of a, b and of the result, all of one rank. */
  a: Shape;
  b: Shape;
  shape: Shape;
  layout: MergeLayout;
}

interface Saved {
  inputs: readonly Tensor[];
  /** Results after each pair; the last one is y. */
  partial: Tensor[];
}

/** The shape with axes of length 1 behind the batch axis until it has this rank. */
const widen = <T>(shape: readonly T[], rank: number, one: T): T[] => [
  shape[0] as T,
  ...Array.from({ length: rank - shape.length }, () => one),
  ...shape.slice(1),
];

/** What the merging layers share: shapes that broadcast, masks, and the walk back over the pairs. */
export abstract class Merging extends Layer {
  private readonly steps = new PerShape<Step[]>();
  private readonly sums = new PerShape<MoveLayout>();

  constructor(className: string, op: string, options: LayerOptions) {
    super(className, options);
    knownOptions(op, options, []);
  }

  /** Whether the derivative needs the values, not just the shapes. */
  protected get needsValues(): boolean {
    return false;
  }

  /** How a pair is joined. */
  protected abstract readonly merge: MergeCode;
  /** Most inputs it takes. */
  protected get most(): number {
    return Infinity;
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    inputCount(this.name, inputShapes.length, 2, this.most);
    const rank = Math.max(...inputShapes.map((shape) => shape.length));
    const wide = inputShapes.map((shape) => widen(shape, rank, 1));
    const joint = Array.from({ length: rank }, (_, i): number | null => {
      const known = [...new Set(wide.map((shape) => shape[i] as number | null))].filter((n) => n !== 1);
      const lengths = known.filter((n) => n !== null);
      if (lengths.length > 1 || (i === 0 && wide.some((shape) => shape[0] === 1) && lengths.length > 0)) {
        throw new SarafError(
          'ERR_SHAPE',
          this.name,
          `expected inputs of shapes that broadcast, received ${inputShapes.map(showShape).join(' and ')}`,
        );
      }
      return lengths[0] ?? (known.includes(null) ? null : 1);
    });
    return [joint];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    this.computeOutputShape(inputs.map((t) => t.shape));
    for (const x of inputs) floatInput(this.name, x, ctx.dtype);
    const used = this.maskInputs(inputs, ctx);
    const steps = this.stepsOf(inputs);
    const partial: Tensor[] = [];
    let a = used[0] as Tensor;
    for (const [i, step] of steps.entries()) {
      const keep = this.needsValues || steps.some((other) => other.shape.some((n, axis) => n !== step.shape[axis]));
      const y = ctx.buffer(keep && i < steps.length - 1 ? `partial${i}` : 'y', step.shape);
      backend().merge(a.storage, (used[i + 1] as Tensor).storage, null, y.storage, step.layout, this.merge);
      partial.push(y);
      a = y;
    }
    this.remember(ctx, { inputs: used, partial } satisfies Saved);
    return [this.finish(a, ctx)];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { inputs, partial } = this.recall<Saved>(ctx);
    const steps = this.stepsOf(inputs);
    const gradients: (Tensor | null)[] = inputs.map(() => null);
    let g = this.begin(outputGradients[0] as Tensor, ctx);
    for (let i = steps.length - 1; i >= 0; i--) {
      const step = steps[i] as Step;
      const a = i === 0 ? (inputs[0] as Tensor) : (partial[i - 1] as Tensor);
      const b = inputs[i + 1] as Tensor;
      if (ctx.wantsInputGradient(i + 1)) {
        const own = this.pairGradient('b', g, a, b, step, `db${i}`, ctx);
        const summed = this.sumTo(own, step.shape, step.b, `d${i + 1}`, ctx).reshape(b.shape);
        gradients[i + 1] = this.maskGradient(summed, i + 1, ctx);
      }
      const before = inputs.slice(0, i + 1).some((_, j) => ctx.wantsInputGradient(j));
      if (!before) return gradients;
      g = this.sumTo(this.pairGradient('a', g, a, b, step, `da${i}`, ctx), step.shape, step.a, `g${i}`, ctx);
    }
    gradients[0] = ctx.wantsInputGradient(0) ? this.maskGradient(g.reshape((inputs[0] as Tensor).shape), 0, ctx) : null;
    return gradients;
  }

  override computeMask(inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const masks = inputs.map((_, i) => ctx.masks[i] ?? null);
    if (masks.includes(null)) return [null];
    const [first, ...others] = masks as [Tensor, ...Tensor[]];
    const joint = ctx.buffer('mask', first.shape, 'uint8');
    backend().copy(first.storage, joint.storage);
    changeHost(joint, (valid) => {
      for (const other of others) {
        const values = other.data();
        for (let i = 0; i < valid.length; i++) if (values[i] !== 0) valid[i] = 1;
      }
    });
    return [joint];
  }

  /** The inputs as they take part: some layers set masked steps to values that do not count. */
  protected maskInputs(inputs: readonly Tensor[], _ctx: LayerContext): readonly Tensor[] {
    return inputs;
  }

  /** The gradient of input i, without steps that did not take part. */
  protected maskGradient(gradient: Tensor, _i: number, _ctx: LayerContext): Tensor {
    return gradient;
  }

  /** x with the steps of which `fills` is true set to a value, in a buffer of its own; x itself if there is none. */
  protected fillSteps(x: Tensor, steps: number, fills: (step: number) => boolean, value: number, name: string, ctx: LayerContext): Tensor {
    if (!Array.from({ length: steps }, (_, step) => step).some(fills)) return x;
    const filled = ctx.buffer(name, x.shape);
    backend().copy(x.storage, filled.storage);
    const width = x.size / steps;
    changeHost(filled, (values) => {
      for (let step = 0; step < steps; step++) if (fills(step)) values.fill(value, step * width, (step + 1) * width);
    });
    return filled;
  }

  /** What is done to the joined values at the end. */
  protected finish(y: Tensor, _ctx: LayerContext): Tensor {
    return y;
  }

  /** The gradient of what `finish` was given. */
  protected begin(dy: Tensor, _ctx: LayerContext): Tensor {
    return dy;
  }

  /** The gradient of one side of a pair, in the shape of the pair's result. Default: the same gradient. */
  protected pairGradient(
    _side: 'a' | 'b',
    g: Tensor,
    _a: Tensor,
    _b: Tensor,
    _step: { a: Shape; b: Shape; shape: Shape; layout: MergeLayout },
    _name: string,
    _ctx: LayerContext,
  ): Tensor {
    return g;
  }

  /** g times a side that broadcasts. */
  protected times(g: Tensor, other: Tensor, shape: Shape, otherShape: Shape, name: string, ctx: LayerContext): Tensor {
    const out = ctx.buffer(name, shape);
    backend().merge(g.storage, other.storage, null, out.storage, mergeLayout(shape, shape, otherShape), MERGES.multiply);
    return out;
  }

  private sumTo(g: Tensor, from: Shape, to: Shape, name: string, ctx: LayerContext): Tensor {
    if (from.every((n, i) => n === to[i])) return g;
    const layout = this.sums.get([...from, -1, ...to], () => reduceLayout(from, to));
    const out = ctx.buffer(name, to);
    backend().move(g.storage, out.storage, layout, false);
    return out;
  }

  private stepsOf(inputs: readonly Tensor[]): Step[] {
    const key = inputs.flatMap((x) => [...x.shape, -1]);
    return this.steps.get(key, () => {
      const rank = Math.max(...inputs.map((x) => x.rank));
      const shapes = inputs.map((x) => widen(x.shape, rank, 1));
      let a = shapes[0] as number[];
      return shapes.slice(1).map((b) => {
        const shape = a.map((n, i) => (n === 1 ? (b[i] as number) : n));
        const step = { a, b, shape, layout: mergeLayout(shape, a, b) };
        a = shape;
        return step;
      });
    });
  }
}
