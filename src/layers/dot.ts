import { SarafError } from '../errors.js';
import { MERGES } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { axisIndex, floatInput, inputCount, knownOptions, showShape } from './checks.js';
import { LastAxes } from './last-axes.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { PerShape } from './per-shape.js';
import { mergeLayout, reduceLayout } from './strides.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface DotOptions extends LayerOptions {
  /** The axis of both inputs that is summed over, or one of each. */
  axes: number | readonly [number, number];
  /** Divide both inputs by their length along it first: cosine similarity. Default false. */
  normalize?: boolean;
}

interface Side {
  /** The input with the summed axis last, (N,rows,K). */
  lines: Tensor;
  /** Divided by its length, if wanted, and what it was multiplied by. */
  unit: Tensor;
  scale: Tensor | null;
}

interface Saved {
  shapes: readonly [Shape, Shape];
  sides: readonly [Side, Side];
}

/**
 * Products of two inputs summed over an axis, item by item.
 *
 * Shapes: (N,…a,K), (N,…b,K) → (N,…a,…b), with K at the given axes; (N,1) of two of rank 2.
 * Throws: ERR_SHAPE if the summed axes differ in length.
 * Source: Keras Dot.
 * Example: layers.dot({ axes: -1 }).apply([x, y])
 */
export class Dot extends Layer {
  readonly className = 'Dot';
  readonly axes: number | readonly [number, number];
  readonly normalize: boolean;
  private readonly places = new PerShape<LastAxes>();

  constructor(options: DotOptions) {
    super('Dot', options);
    knownOptions('dot', options, ['axes', 'normalize']);
    const axes: unknown = options.axes;
    const pair = Array.isArray(axes) ? axes : [axes, axes];
    if (pair.length !== 2 || !pair.every((n) => Number.isInteger(n)))
      throw new SarafError('ERR_ARG', 'dot', `expected axes to be an integer or two, received ${JSON.stringify(axes)}`);
    this.axes = options.axes;
    this.normalize = options.normalize ?? false;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    inputCount(this.name, inputShapes.length, 2);
    const [a, b] = inputShapes as [SymbolicShape, SymbolicShape];
    const [i, j] = [this.axisOf(a, 0), this.axisOf(b, 1)];
    const [n, m] = [a[i], b[j]];
    if (n != null && m != null && n !== m)
      throw new SarafError('ERR_SHAPE', this.name, `expected axes of one length, received ${showShape(a)} and ${showShape(b)}`);
    const rest = [...a.filter((_, axis) => axis !== 0 && axis !== i), ...b.filter((_, axis) => axis !== 0 && axis !== j)];
    return [[a[0] ?? b[0] ?? null, ...(rest.length === 0 ? [1] : rest)]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const [shape] = this.computeOutputShape(inputs.map((t) => t.shape)) as [Shape];
    for (const x of inputs) floatInput(this.name, x, ctx.dtype);
    const sides = inputs.map((x, i) => this.side(x, i as 0 | 1, ctx)) as [Side, Side];
    const [a, b] = [sides[0].unit, sides[1].unit];
    const [N, P, K] = a.shape as [number, number, number];
    const Q = b.shape[1] as number;
    const y = ctx.buffer('y', shape);
    if (P === 1 && Q === 1) {
      const products = ctx.buffer('products', [N, K]);
      backend().binary(a.storage, b.storage, products.storage, MERGES.multiply);
      backend().move(products.storage, y.storage, reduceLayout([N, K], [N, 1]), false);
    } else {
      for (let n = 0; n < N; n++) backend().matmul(part(a, n, P * K), part(b, n, Q * K), part(y, n, P * Q), P, Q, K, false, true);
    }
    const shapes = [(inputs[0] as Tensor).shape, (inputs[1] as Tensor).shape] as const;
    this.remember(ctx, { shapes, sides } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { shapes, sides } = this.recall<Saved>(ctx);
    const dy = outputGradients[0] as Tensor;
    const [a, b] = [sides[0].unit, sides[1].unit];
    const [N, P, K] = a.shape as [number, number, number];
    const Q = b.shape[1] as number;
    return ([0, 1] as const).map((i) => {
      if (!ctx.wantsInputGradient(i)) return null;
      const other = i === 0 ? b : a;
      const rows = i === 0 ? P : Q;
      const gradient = ctx.buffer(`unit${i}`, [N, rows, K]);
      if (P === 1 && Q === 1) {
        const layout = mergeLayout([N, K], [N, 1], [N, K]);
        backend().merge(dy.storage, other.storage, null, gradient.storage, layout, MERGES.multiply);
      } else {
        for (let n = 0; n < N; n++) {
          const into = part(gradient, n, rows * K);
          if (i === 0) backend().matmul(part(dy, n, P * Q), part(b, n, Q * K), into, P, K, Q, false, false);
          else backend().matmul(part(dy, n, P * Q), part(a, n, P * K), into, Q, K, P, true, false);
        }
      }
      const { lines, scale } = sides[i];
      if (scale) backend().unitNormBackward(lines.storage, null, scale.storage, gradient.storage, gradient.storage, null, N * rows, K, 1);
      const place = this.place(shapes[i], i);
      return place.restore(gradient.reshape(place.shape), `d${i}`, ctx);
    });
  }

  override computeMask(): (Tensor | null)[] {
    return [null];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axes: this.axes, normalize: this.normalize };
  }

  private side(x: Tensor, i: 0 | 1, ctx: LayerContext): Side {
    const brought = this.place(x.shape, i).bring(x, `lines${i}`, ctx);
    const K = brought.shape.at(-1) as number;
    const N = x.shape[0] as number;
    const lines = brought.reshape([N, x.size / (N * K), K]);
    if (!this.normalize) return { lines, unit: lines, scale: null };
    const rows = x.size / K;
    const [unit, scale] = [ctx.buffer(`normal${i}`, lines.shape), ctx.buffer(`scale${i}`, [rows])];
    backend().unitNormForward(lines.storage, null, unit.storage, scale.storage, rows, K, 1, 0, 1e12);
    return { lines, unit, scale };
  }

  private place(shape: Shape, i: 0 | 1): LastAxes {
    return this.places.get([i, ...shape], () => new LastAxes(shape, [this.axisOf(shape, i)]));
  }

  private axisOf(shape: SymbolicShape, i: 0 | 1): number {
    if (shape.length < 2) throw new SarafError('ERR_SHAPE', this.name, `expected inputs of rank 2 or more, received ${showShape(shape)}`);
    const axis = axisIndex(this.name, typeof this.axes === 'number' ? this.axes : this.axes[i], shape.length);
    if (axis === 0)
      throw new SarafError('ERR_ARG', this.name, `expected axes behind the batch axis, received ${JSON.stringify(this.axes)}`);
    return axis;
  }
}

/** The values of item n, `size` each. */
const part = (x: Tensor, n: number, size: number): ReturnType<ReturnType<typeof backend>['slice']> =>
  backend().slice(x.storage, n * size, (n + 1) * size);
