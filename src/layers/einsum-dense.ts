import { SarafError } from '../errors.js';
import { ACTIVATIONS, type FloatType, type MergeLayout, type MoveLayout } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { MERGES } from '../backend/layer-kernels.js';
import { precisionCode } from '../backend/precision.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { ActivationPass } from './activation-pass.js';
import { endActivation, type LayerActivation } from './activations.js';
import { floatInput, fullShape, knownOptions, onlyShape, showShape } from './checks.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { checkEquation, einsumPlan, type EinsumPlan } from './einsum-equation.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import { inverseOrder, mergeLayout, permuteLayout, reduceLayout } from './strides.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface EinsumDenseOptions extends LayerOptions, WeightRuleOptions<'kernel' | 'bias'> {
  /** Axes of input, kernel and output: `ab,bc->ac`, `...b,bc->...c` or `ab...,bc->ac...`. No axis is in all three but those of an ellipsis. */
  equation: string;
  /** Shape of the output without the batch axis and the ellipsis; null where the input says it. */
  outputShape: number | readonly (number | null)[];
  /** Axes of the output along which there is a bias of its own. Default: no bias. */
  biasAxes?: string | null;
  /** Default linear. */
  activation?: LayerActivation;
  /** Default glorotUniform. */
  kernelInitializer?: InitializerOption;
  /** Default zeros. */
  biasInitializer?: InitializerOption;
}

const OPTIONS = ['equation', 'outputShape', 'biasAxes', 'activation', 'kernelInitializer', 'biasInitializer'];

/** How arrays are moved to become the product and its outcome the output; null where they lie so. */
interface Layouts {
  readonly plan: EinsumPlan;
  readonly output: Shape;
  readonly x: [there: MoveLayout, back: MoveLayout] | null;
  readonly y: [there: MoveLayout, back: MoveLayout] | null;
  readonly bias: { add: MergeLayout; sum: MoveLayout } | null;
}

interface Saved {
  readonly layouts: Layouts;
  readonly x: Tensor;
  /** Rows of x, the kernel as a matrix. */
  readonly rows: Tensor;
  readonly matrix: Tensor;
  readonly y: Tensor;
  /** Before an activation that is a pass of its own. */
  readonly z: Tensor;
}

/**
 * y = activation(einsum(equation, x, kernel) + bias): a dense layer over any axes. Without axes that change places it is one kernel call.
 *
 * Shapes: x and y as the equation says; the kernel has its axes, the bias those of the output from the first of `biasAxes` on.
 * Throws: ERR_ARG for an equation of another form, or with an axis that is in all three; ERR_SHAPE if x does not fit.
 * Source: Keras EinsumDense.
 * Example: layers.einsumDense({ equation: 'abc,cde->abde', outputShape: [null, 8, 64], biasAxes: 'de' })
 */
export class EinsumDense extends Layer {
  readonly className = 'EinsumDense';
  readonly equation: string;
  readonly outputShape: readonly (number | null)[];
  readonly biasAxes: string | null;
  readonly activation: LayerActivation;
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;
  private readonly pass: ActivationPass;
  private readonly layouts = new PerShape<Layouts>();
  private kernel: Weight | undefined;
  private bias: Weight | null = null;
  private kernelMove: [there: MoveLayout, back: MoveLayout] | null = null;

  constructor(options: EinsumDenseOptions) {
    super('EinsumDense', options);
    const op = 'einsumDense';
    knownOptions(op, options, OPTIONS);
    this.equation = options.equation;
    this.biasAxes = options.biasAxes ?? null;
    checkEquation(op, this.equation, this.biasAxes);
    const shape = options.outputShape;
    this.outputShape = typeof shape === 'number' ? [shape] : [...(shape ?? [])];
    if (this.outputShape.some((n) => n !== null && !(Number.isInteger(n) && n > 0)))
      throw new SarafError('ERR_ARG', op, `expected outputShape to be positive integers or null, received [${this.outputShape.join(',')}]`);
    this.activation = endActivation(op, options.activation);
    this.pass = new ActivationPass(op, this.activation);
    this.kernelInitializer = getInitializer(op, options.kernelInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer(op, options.biasInitializer ?? 'zeros');
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    const plan = this.plan(onlyShape(this.name, inputShapes));
    // A unit's inputs are what the equation sums over, wherever they lie in the kernel.
    const asMatrix: Initializer = {
      className: this.kernelInitializer.className,
      initialize: (weight, key) => this.kernelInitializer.initialize(weight.reshape([plan.depth, plan.cols]), key),
      getConfig: () => this.kernelInitializer.getConfig(),
    };
    this.kernel = this.addWeight('kernel', plan.kernel, asMatrix, dtype);
    if (plan.bias) this.bias = this.addWeight('bias', plan.bias, this.biasInitializer, dtype);
    this.kernelMove = moves(plan.kernel, plan.kernelOrder);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const plan = this.plan(shape);
    const expected = this.kernel?.value.shape;
    if (expected && showShape(plan.kernel) !== showShape(expected)) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x that fits a kernel of shape ${showShape(expected)} in ${this.equation}, received ${showShape(shape)}`,
      );
    }
    return [plan.output];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const kernel = this.builtKernel();
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const layouts = this.layouts.get(x.shape, () => this.layoutsOf(x.shape));
    const { plan, output } = layouts;
    const rows = moved(x, layouts.x?.[0], 'rows', ctx);
    const matrix = moved(kernel.value, this.kernelMove?.[0], 'matrix', ctx);
    const simple = this.simple(layouts);
    const z = simple ? this.pass.linear(output, ctx) : ctx.buffer('product', output);
    const bias = simple ? (this.bias?.value.storage ?? null) : null;
    const code = simple ? this.pass.code : ACTIVATIONS.linear;
    const size = x.size / plan.depth;
    const precision = precisionCode(ctx.precision, plan.depth, plan.cols);
    backend().denseForward(rows.storage, matrix.storage, bias, z.storage, size, plan.depth, plan.cols, code, precision);
    if (simple) {
      const y = this.pass.end(z, ctx);
      this.remember(ctx, { layouts, x, rows, matrix, y, z } satisfies Saved);
      return [y];
    }
    let sum = moved(z, layouts.y?.[0], 'placed', ctx).reshape(output);
    if (this.bias && layouts.bias) {
      const biased = ctx.buffer('biased', output);
      backend().merge(sum.storage, this.bias.value.storage, null, biased.storage, layouts.bias.add, MERGES.add);
      sum = biased;
    }
    const y = this.activation === 'linear' ? sum : this.pass.forward(sum, ctx);
    this.remember(ctx, { layouts, x, rows, matrix, y, z: sum } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const kernel = this.builtKernel();
    const { layouts, x, rows, matrix, y, z } = this.recall<Saved>(ctx);
    const { plan } = layouts;
    const given = outputGradients[0] as Tensor;
    const wanted = ctx.wantsInputGradient(0);
    const dKernel = ctx.gradient(kernel);
    const dBias = this.bias && ctx.gradient(this.bias);
    if (!wanted && !dKernel && !dBias) return [null];
    const dRows = wanted ? ctx.buffer(layouts.x ? 'dRows' : 'dx', x.shape) : null;
    const dMatrix = dKernel && this.kernelMove ? ctx.buffer('dMatrix', kernel.value.shape) : dKernel;
    const simple = this.simple(layouts);
    let dy: Tensor;
    let dz: Tensor;
    if (simple) {
      ({ dy, dz } = this.pass.begin(z, y, given, ctx));
    } else {
      dy = this.activation === 'linear' ? given : this.pass.backward(z, y, given, 'dz', ctx);
      if (dBias && layouts.bias) backend().move(dy.storage, dBias.storage, layouts.bias.sum, false);
      dy = moved(dy, layouts.y?.[1], 'dProduct', ctx);
      dz = dy;
    }
    if (dRows || dMatrix || simple) {
      backend().denseBackward(
        rows.storage,
        matrix.storage,
        y.storage,
        dy.storage,
        dz.storage,
        dRows?.storage ?? null,
        dMatrix?.storage ?? null,
        simple ? (dBias?.storage ?? null) : null,
        x.size / plan.depth,
        plan.depth,
        plan.cols,
        simple ? this.pass.code : ACTIVATIONS.linear,
        precisionCode(ctx.precision, plan.depth, plan.cols),
      );
    }
    if (dKernel && dMatrix && this.kernelMove) backend().move(dMatrix.storage, dKernel.storage, this.kernelMove[1], false);
    return [dRows && moved(dRows, layouts.x?.[1], 'dx', ctx)];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const products = 2 * valuesIn(inputShapes) * this.plan(inputShapes[0] as Shape).cols;
    return { ...super.cost(inputShapes, outputShapes), flops: products, products };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      equation: this.equation,
      outputShape: this.outputShape,
      biasAxes: this.biasAxes,
      activation: this.activation,
      kernelInitializer: initializerConfig(this.kernelInitializer),
      biasInitializer: initializerConfig(this.biasInitializer),
    };
  }

  private plan(x: SymbolicShape): EinsumPlan {
    return einsumPlan(this.name, this.equation, this.outputShape, this.biasAxes, x);
  }

  /** Whether the kernel of a dense layer gives the output as it is. */
  private simple({ plan, y }: Layouts): boolean {
    return !y && (plan.bias === null || plan.biasPerColumn);
  }

  private layoutsOf(shape: Shape): Layouts {
    const plan = this.plan(shape);
    const output = fullShape(this.name, plan.output);
    // What the product makes, its axes in its own order.
    const made = plan.outputOrder.map((_, i) => output[plan.outputOrder.indexOf(i)] as number);
    const wide = plan.bias && [...output.slice(plan.bias.length).map(() => 1), ...plan.bias];
    return {
      plan,
      output,
      x: moves(shape, plan.xOrder),
      y: moves(made, plan.outputOrder),
      bias: wide && { add: mergeLayout(output, output, wide), sum: reduceLayout(output, wide) },
    };
  }

  private builtKernel(): Weight {
    if (!this.kernel)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return this.kernel;
  }
}

/** Layouts that bring the axes of a shape into an order, and back; null if they are in it. */
function moves(shape: Shape, order: readonly number[]): [there: MoveLayout, back: MoveLayout] | null {
  if (order.every((axis, i) => axis === i)) return null;
  const after = order.map((axis) => shape[axis] as number);
  return [permuteLayout(shape, order), permuteLayout(after, inverseOrder(order))];
}

/** A tensor moved into a buffer of that name; itself without a layout. */
function moved(x: Tensor, layout: MoveLayout | undefined, name: string, ctx: LayerContext): Tensor {
  if (!layout) return x;
  const y = ctx.buffer(name, x.shape);
  backend().move(x.storage, y.storage, layout, false);
  return y;
}
