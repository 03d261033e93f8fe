import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/tensor.js';
import { axisIndex, floatInput, inputCount, knownOptions, showShape } from './checks.js';
import { changeHost } from './host.js';
import { Interleave } from './join.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { PerShape } from './per-shape.js';

export interface ConcatenateOptions extends LayerOptions {
  /** Default -1. */
  axis?: number;
}

interface Saved {
  shapes: Shape[];
  interleave: Interleave;
}

/**
 * Joins inputs along one axis.
 *
 * Shapes: (…,a,…), (…,b,…) → (…,a+b,…). Masks: along the time axis joined, along another a step is valid if it is in any input.
 * Throws: ERR_SHAPE if the other axes differ; ERR_ARG if the axis is the batch axis or outside the rank.
 * Source: Keras Concatenate.
 * Example: layers.concatenate({ axis: -1 }).apply([x, y])
 */
export class Concatenate extends Layer {
  readonly className = 'Concatenate';
  readonly axis: number;
  private readonly interleaves = new PerShape<Interleave>();

  constructor(options: ConcatenateOptions = {}) {
    super('Concatenate', options);
    knownOptions('concatenate', options, ['axis']);
    this.axis = options.axis ?? -1;
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    inputCount(this.name, inputShapes.length, 2, Infinity);
    const [first, ...others] = inputShapes as [SymbolicShape, ...SymbolicShape[]];
    const axis = this.axisOf(first.length);
    for (const other of others) {
      if (other.length !== first.length || other.some((n, i) => i !== axis && n !== null && first[i] != null && n !== first[i])) {
        throw new SarafError(
          'ERR_SHAPE',
          this.name,
          `expected inputs that differ only along axis ${axis}, received ${inputShapes.map(showShape).join(' and ')}`,
        );
      }
    }
    const lengths = inputShapes.map((shape) => shape[axis] as number | null);
    const joined = lengths.includes(null) ? null : (lengths as number[]).reduce((sum, n) => sum + n, 0);
    return [first.map((n, i) => (i === axis ? joined : (n ?? others.map((other) => other[i]).find((m) => m != null) ?? null)))];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const shapes = inputs.map((t) => t.shape);
    const shape = this.computeOutputShape(shapes)[0] as Shape;
    for (const x of inputs) floatInput(this.name, x, ctx.dtype);
    const axis = this.axisOf(shape.length);
    const interleave = this.interleaves.get(shapes.flatMap((s) => [...s.slice(axis), -1]).concat(shape), () => {
      const outer = sizeOf(shape.slice(0, axis));
      return new Interleave(
        outer,
        shapes.map((s) => sizeOf(s.slice(axis))),
      );
    });
    const parts = ctx.buffer('parts', [sizeOf(shape)]);
    let at = 0;
    for (const x of inputs) {
      backend().copy(x.storage, backend().slice(parts.storage, at, at + x.size));
      at += x.size;
    }
    const y = ctx.buffer('y', shape);
    interleave.joinParts(parts.storage, y.storage);
    this.remember(ctx, { shapes, interleave } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { shapes, interleave } = this.recall<Saved>(ctx);
    const dy = outputGradients[0] as Tensor;
    const parts = ctx.buffer('dparts', [dy.size]);
    interleave.splitParts(dy.storage, parts.storage);
    let at = 0;
    return shapes.map((shape, i) => {
      const from = at;
      at += sizeOf(shape);
      return ctx.wantsInputGradient(i) ? parts.rows(from, at).reshape(shape) : null;
    });
  }

  override computeMask(inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const masks = inputs.map((_, i) => ctx.masks[i] ?? null);
    if (masks.every((mask) => mask === null)) return [null];
    const axis = this.axisOf((inputs[0] as Tensor).rank);
    const rows = (inputs[0] as Tensor).shape[0] as number;
    const lengths = inputs.map((x) => x.shape[1] as number);
    const steps = axis === 1 ? lengths.reduce((sum, n) => sum + n, 0) : (lengths[0] as number);
    const joint = ctx.buffer('mask', [rows, steps], 'uint8');
    changeHost(joint, (valid) => {
      valid.fill(0);
      let offset = 0;
      for (const [i, mask] of masks.entries()) {
        const own = lengths[i] as number;
        const values = mask?.data();
        for (let n = 0; n < rows; n++) {
          for (let t = 0; t < own; t++) if (!values || values[n * own + t] !== 0) valid[n * steps + offset + t] = 1;
        }
        if (axis === 1) offset += own;
      }
    });
    return [joint];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis };
  }

  private axisOf(rank: number): number {
    const axis = axisIndex(this.name, this.axis, rank);
    if (axis === 0) throw new SarafError('ERR_ARG', this.name, `expected an axis behind the batch axis, received ${this.axis}`);
    return axis;
  }
}
