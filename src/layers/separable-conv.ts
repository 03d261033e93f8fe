import { SarafError } from '../errors.js';
import { ACTIVATIONS, type FloatType, type Geometry } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { precisionCode } from '../backend/precision.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { ActivationPass } from './activation-pass.js';
import { endActivation, type LayerActivation } from './activations.js';
import { floatInput, knownOptions, lastAxis, onlyShape, positiveInteger } from './checks.js';
import { ConvWindow, WINDOW_OPTIONS, type ConvWindowOptions } from './conv-window.js';
import type { ForwardWork } from './cost.js';
import { tapsInside, windowGeometry, windowOutputs } from './geometry.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface SeparableConvOptions extends LayerOptions, ConvWindowOptions, WeightRuleOptions<'depthwise' | 'pointwise' | 'bias'> {
  /** Number of output channels. */
  filters: number;
  /** Default valid. */
  padding?: 'valid' | 'same';
  /** Filters that each channel of the input has before channels meet. Default 1. */
  depthMultiplier?: number;
  /** Default linear. */
  activation?: LayerActivation;
  /** Default true. */
  useBias?: boolean;
  /** Default glorotUniform. */
  depthwiseInitializer?: InitializerOption;
  /** Default glorotUniform. */
  pointwiseInitializer?: InitializerOption;
  /** Default zeros. */
  biasInitializer?: InitializerOption;
}

const OPTIONS = [
  ...WINDOW_OPTIONS,
  'filters',
  'depthMultiplier',
  'activation',
  'useBias',
  'depthwiseInitializer',
  'pointwiseInitializer',
  'biasInitializer',
];

interface Saved {
  x: Tensor;
  /** Between the two parts: (N,…,C·depthMultiplier). */
  h: Tensor;
  y: Tensor;
  /** Before an activation that is a pass of its own. */
  z: Tensor;
  geometry: Geometry;
}

/**
 * What SeparableConv1D and SeparableConv2D share: a depthwise convolution, then a product that joins the channels of each
 * pixel. One kernel call for each part and pass. Masks are swallowed, as in Keras.
 */
export abstract class SeparableConv extends Layer {
  readonly filters: number;
  readonly window: ConvWindow;
  readonly depthMultiplier: number;
  readonly activation: LayerActivation;
  private readonly pass: ActivationPass;
  readonly useBias: boolean;
  readonly depthwiseInitializer: Initializer;
  readonly pointwiseInitializer: Initializer;
  readonly biasInitializer: Initializer;
  private readonly geometries = new PerShape<Geometry>();
  private channels: number | undefined;
  private kernels: { depthwise: Weight; pointwise: Weight } | undefined;
  private bias: Weight | null = null;

  constructor(className: string, axes: 1 | 2, options: SeparableConvOptions) {
    super(className, options);
    const op = `separableConv${axes}d`;
    knownOptions(op, options, OPTIONS);
    this.filters = positiveInteger(op, 'filters', options.filters);
    this.window = new ConvWindow(op, axes, options, ['valid', 'same']);
    this.depthMultiplier = positiveInteger(op, 'depthMultiplier', options.depthMultiplier ?? 1);
    this.activation = endActivation(op, options.activation);
    this.pass = new ActivationPass(op, this.activation);
    this.useBias = options.useBias ?? true;
    this.depthwiseInitializer = getInitializer(op, options.depthwiseInitializer ?? 'glorotUniform');
    this.pointwiseInitializer = getInitializer(op, options.pointwiseInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer(op, options.biasInitializer ?? 'zeros');
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    const channels = lastAxis(this.name, onlyShape(this.name, inputShapes));
    const { kernelSize } = this.window;
    const ones = kernelSize.map(() => 1);
    const depthwiseShape = [...kernelSize, channels, this.depthMultiplier];
    const depthwise = this.addWeight('depthwise_kernel', depthwiseShape, this.depthwiseInitializer, dtype);
    const pointwiseShape = [...ones, channels * this.depthMultiplier, this.filters];
    const pointwise = this.addWeight('pointwise_kernel', pointwiseShape, this.pointwiseInitializer, dtype);
    this.kernels = { depthwise, pointwise };
    this.channels = channels;
    if (this.useBias) this.bias = this.addWeight('bias', [this.filters], this.biasInitializer, dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const { windows, padding } = this.window;
    this.window.checkInput(this.name, shape, this.channels);
    return [[shape[0] as number | null, ...windowOutputs(this.name, shape, windows, padding), this.filters]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const { depthwise, pointwise } = this.builtKernels();
    const x = inputs[0] as Tensor;
    const shape = this.computeOutputShape(inputs.map((t) => t.shape))[0] as Shape;
    floatInput(this.name, x, ctx.dtype);
    const { windows, padding } = this.window;
    const channels = x.shape.at(-1) as number;
    const inner = channels * this.depthMultiplier;
    const geometry = this.geometries.get(x.shape, () => windowGeometry(x.shape, windows, padding, inner, channels));
    const h = ctx.buffer('h', [...shape.slice(0, -1), inner]);
    backend().depthwiseForward(x.storage, depthwise.value.storage, null, h.storage, geometry, ACTIVATIONS.linear);
    const z = this.pass.linear(shape, ctx);
    backend().denseForward(
      h.storage,
      pointwise.value.storage,
      this.bias?.value.storage ?? null,
      z.storage,
      h.size / inner,
      inner,
      this.filters,
      this.pass.code,
      precisionCode(ctx.precision, inner, this.filters),
    );
    const y = this.pass.end(z, ctx);
    this.remember(ctx, { x, h, y, z, geometry } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { depthwise, pointwise } = this.builtKernels();
    const { x, h, y, z, geometry } = this.recall<Saved>(ctx);
    const dx = ctx.wantsInputGradient(0) ? ctx.buffer('dx', x.shape) : null;
    const dwDepthwise = ctx.gradient(depthwise)?.storage ?? null;
    const dwPointwise = ctx.gradient(pointwise)?.storage ?? null;
    const db = this.bias ? (ctx.gradient(this.bias)?.storage ?? null) : null;
    const dh = dx || dwDepthwise ? ctx.buffer('dh', h.shape) : null;
    if (!dh && !dwPointwise && !db) return [null];
    const { dy, dz } = this.pass.begin(z, y, outputGradients[0] as Tensor, ctx);
    const inner = h.shape.at(-1) as number;
    backend().denseBackward(
      h.storage,
      pointwise.value.storage,
      y.storage,
      dy.storage,
      dz.storage,
      dh?.storage ?? null,
      dwPointwise,
      db,
      h.size / inner,
      inner,
      this.filters,
      this.pass.code,
      precisionCode(ctx.precision, inner, this.filters),
    );
    if (dh) {
      backend().depthwiseBackward(
        x.storage,
        depthwise.value.storage,
        h.storage,
        dh.storage,
        dh.storage,
        dx?.storage ?? null,
        dwDepthwise,
        null,
        geometry,
        ACTIVATIONS.linear,
      );
    }
    return [dx];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const [N, ...rest] = inputShapes[0] as [number, ...number[]];
    const inner = (rest.pop() as number) * this.depthMultiplier;
    const { windows, padding } = this.window;
    const taps = windows.reduce((product, w, i) => product * tapsInside(rest[i] as number, w, padding), 1);
    const pixels = (outputShapes[0] as Shape).slice(0, -1).reduce((product, n) => product * n, 1);
    const products = 2 * inner * (N * taps + pixels * this.filters);
    return { ...super.cost(inputShapes, outputShapes), flops: products, products };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.filters,
      ...this.window.getConfig(),
      depthMultiplier: this.depthMultiplier,
      activation: this.activation,
      useBias: this.useBias,
      depthwiseInitializer: initializerConfig(this.depthwiseInitializer),
      pointwiseInitializer: initializerConfig(this.pointwiseInitializer),
      biasInitializer: initializerConfig(this.biasInitializer),
    };
  }

  private builtKernels(): { depthwise: Weight; pointwise: Weight } {
    if (!this.kernels)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return this.kernels;
  }
}
