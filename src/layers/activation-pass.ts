import { ACTIVATIONS as FUSED, type ActivationCode, type ActivationName } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { axisIndex } from './checks.js';
import { LastAxes } from './last-axes.js';
import { activationPlan, type ActivationOption, type ActivationPlan } from './activations.js';
import { PerShape } from './per-shape.js';
import type { LayerContext } from './layer.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

/** An activation as a pass of its own: alone, or after the linear kernel of the layer that ends in it. */
export class ActivationPass {
  readonly plan: ActivationPlan;
  private readonly op: string;
  private readonly places = new PerShape<LastAxes>();

  constructor(op: string, option: ActivationOption) {
    this.op = op;
    this.plan = activationPlan(op, option);
  }

  /** The activation that kernels fuse, or null. */
  get fused(): ActivationName | null {
    return this.plan.kind === 'fused' ? this.plan.name : null;
  }

  /** The code that a layer's kernel is called with: that of the activation it fuses, linear where a pass follows. */
  get code(): ActivationCode {
    return FUSED[this.fused ?? 'linear'];
  }

  /** Where a layer's kernel writes: its output, or the values that a pass follows. */
  linear(shape: Shape, ctx: LayerContext): Tensor {
    return ctx.buffer(this.fused === null ? 'logits' : 'y', shape);
  }

  /** The layer's output from what its kernel wrote. */
  end(z: Tensor, ctx: LayerContext): Tensor {
    return this.fused === null ? this.forward(z, ctx) : z;
  }

  /** What a layer's backward kernel is given: dy, and the array dz that it may fill (dy itself where the kernel is linear). */
  begin(z: Tensor, y: Tensor, dy: Tensor, ctx: LayerContext): { dy: Tensor; dz: Tensor } {
    if (this.fused === 'linear') return { dy, dz: dy };
    if (this.fused !== null) return { dy, dz: ctx.buffer('dz', y.shape) };
    const dz = this.backward(z, y, dy, 'dz', ctx);
    return { dy: dz, dz };
  }

  /** Shape of act(x): the same, but half as long along its axis for a gated linear unit. */
  outputShape(shape: Shape): Shape {
    if (this.plan.kind !== 'rows' || this.plan.name !== 'glu') return shape;
    const at = axisIndex(this.op, this.plan.axis, shape.length);
    return shape.map((n, i) => (i === at ? Math.floor(n / 2) : n));
  }

  /** y = act(x), in the context's buffer `y`. */
  forward(x: Tensor, ctx: LayerContext): Tensor {
    const { plan } = this;
    if (plan.kind !== 'rows') {
      const y = ctx.buffer('y', x.shape);
      if (plan.kind === 'curve') backend().curveForward(x.storage, y.storage, plan.curve.code, ...plan.curve.params);
      else backend().activationForward(x.storage, y.storage, FUSED[plan.name]);
      return y;
    }
    const place = this.place(x.shape, plan.axis);
    const lines = place.bring(x, 'lines', ctx);
    const halves = plan.name === 'glu' ? 2 : 1;
    const cols = (lines.shape.at(-1) as number) / halves;
    const rows = cols === 0 ? 0 : x.size / halves / cols;
    const shape = this.outputShape(x.shape);
    const y = ctx.buffer(lines === x ? 'y' : 'yLines', [...lines.shape.slice(0, -1), cols]);
    if (plan.name === 'softmax') backend().softmaxForward(lines.storage, y.storage, rows, cols);
    else if (plan.name === 'logSoftmax') backend().logSoftmaxForward(lines.storage, y.storage, rows, cols);
    else backend().gluForward(lines.storage, y.storage, rows, cols);
    return lines === x ? y : this.place(shape, plan.axis).restore(y, 'y', ctx);
  }

  /** dx from dy, in the buffer `name`; x and y are those of `forward` in this context. */
  backward(x: Tensor, y: Tensor, dy: Tensor, name: string, ctx: LayerContext): Tensor {
    const { plan } = this;
    if (plan.kind !== 'rows') {
      const dx = ctx.buffer(name, x.shape);
      if (plan.kind === 'curve') backend().curveBackward(x.storage, dy.storage, dx.storage, plan.curve.code, ...plan.curve.params);
      else backend().activationBackward(y.storage, dy.storage, dx.storage, FUSED[plan.name]);
      return dx;
    }
    const place = this.place(x.shape, plan.axis);
    const out = this.place(y.shape, plan.axis);
    const dyLines = out.bring(dy, 'dyLines', ctx);
    const moved = dyLines !== dy;
    const lines = plan.name === 'glu' ? place.bring(x, 'lines', ctx) : out.bring(y, 'yLines', ctx);
    const dx = ctx.buffer(moved ? 'dLines' : name, lines.shape);
    const cols = dyLines.shape.at(-1) as number;
    const rows = cols === 0 ? 0 : dy.size / cols;
    if (plan.name === 'softmax') backend().softmaxBackward(lines.storage, dyLines.storage, dx.storage, rows, cols);
    else if (plan.name === 'logSoftmax') backend().logSoftmaxBackward(lines.storage, dyLines.storage, dx.storage, rows, cols);
    else backend().gluBackward(lines.storage, dyLines.storage, dx.storage, rows, cols);
    return moved ? place.restore(dx, name, ctx) : dx;
  }

  private place(shape: Shape, axis: number): LastAxes {
    return this.places.get(shape, () => new LastAxes(shape, [axisIndex(this.op, axis, shape.length)]));
  }
}
