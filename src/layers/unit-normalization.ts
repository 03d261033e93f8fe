import { backend } from '../backend/current.js';
import { axisIndex, floatInput, knownOptions, onlyShape } from './checks.js';
import { LastAxes } from './last-axes.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { PerShape } from './per-shape.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface UnitNormalizationOptions extends LayerOptions {
  /** Default -1. */
  axis?: number | readonly number[];
}

/**
 * Divides by the Euclidean length along the axes, at least 1e-12.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG if an axis is outside of the rank.
 * Source: Keras UnitNormalization.
 * Example: layers.unitNormalization()
 */
export class UnitNormalization extends Layer {
  readonly className = 'UnitNormalization';
  readonly axis: number | readonly number[];
  private readonly places = new PerShape<LastAxes>();

  constructor(options: UnitNormalizationOptions = {}) {
    super('UnitNormalization', options);
    knownOptions('unitNormalization', options, ['axis']);
    this.axis = options.axis ?? -1;
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    this.axes(shape.length);
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const place = this.place(x.shape);
    const lines = place.bring(x, 'lines', ctx);
    const cols = this.columns(lines);
    const rows = x.size / cols;
    const scale = ctx.buffer('scale', [rows]);
    const y = ctx.buffer(lines === x ? 'y' : 'yLines', lines.shape);
    backend().unitNormForward(lines.storage, null, y.storage, scale.storage, rows, cols, 1, 0, 1e12);
    this.remember(ctx, { lines, scale });
    return [place.restore(y, 'y', ctx)];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const { lines, scale } = this.recall<{ lines: Tensor; scale: Tensor }>(ctx);
    const given = outputGradients[0] as Tensor;
    const place = this.place(given.shape);
    const dy = place.bring(given, 'dyLines', ctx);
    const dx = ctx.buffer(dy === given ? 'dx' : 'dxLines', dy.shape);
    backend().unitNormBackward(lines.storage, null, scale.storage, dy.storage, dx.storage, null, scale.size, this.columns(lines), 1);
    return [place.restore(dx, 'dx', ctx)];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis };
  }

  private columns(lines: Tensor): number {
    return lines.shape.slice(-this.axes(lines.rank).length).reduce((product, n) => product * n, 1);
  }

  private axes(rank: number): number[] {
    return (typeof this.axis === 'number' ? [this.axis] : [...this.axis]).map((axis) => axisIndex(this.name, axis, rank));
  }

  private place(shape: Shape): LastAxes {
    return this.places.get(shape, () => new LastAxes(shape, this.axes(shape.length)));
  }
}
