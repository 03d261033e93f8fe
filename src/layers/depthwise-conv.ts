import { SarafError } from '../errors.js';
import type { FloatType, Geometry } from '../backend/backend.js';
import { backend } from '../backend/current.js';
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

export interface DepthwiseConvOptions extends LayerOptions, ConvWindowOptions, WeightRuleOptions<'depthwise' | 'bias'> {
  /** Default valid. */
  padding?: 'valid' | 'same';
  /** Filters that each channel of the input has. Default 1. */
  depthMultiplier?: number;
  /** Default linear. */
  activation?: LayerActivation;
  /** Default true. */
  useBias?: boolean;
  /** Default glorotUniform. */
  depthwiseInitializer?: InitializerOption;
  /** Default zeros. */
  biasInitializer?: InitializerOption;
}

const OPTIONS = [...WINDOW_OPTIONS, 'depthMultiplier', 'activation', 'useBias', 'depthwiseInitializer', 'biasInitializer'];

interface Saved {
  x: Tensor;
  y: Tensor;
  /** Before an activation that is a pass of its own. */
  z: Tensor;
  geometry: Geometry;
}

/** What DepthwiseConv1D and DepthwiseConv2D share: one window axis or two, the same kernel family. Masks are swallowed, as in Keras. */
export abstract class DepthwiseConv extends Layer {
  readonly window: ConvWindow;
  readonly depthMultiplier: number;
  readonly activation: LayerActivation;
  private readonly pass: ActivationPass;
  readonly useBias: boolean;
  readonly depthwiseInitializer: Initializer;
  readonly biasInitializer: Initializer;
  private readonly geometries = new PerShape<Geometry>();
  private channels: number | undefined;
  private kernel: Weight | undefined;
  private bias: Weight | null = null;

  constructor(className: string, axes: 1 | 2, options: DepthwiseConvOptions) {
    super(className, options);
    const op = `depthwiseConv${axes}d`;
    knownOptions(op, options, OPTIONS);
    this.window = new ConvWindow(op, axes, options, ['valid', 'same']);
    this.depthMultiplier = positiveInteger(op, 'depthMultiplier', options.depthMultiplier ?? 1);
    this.activation = endActivation(op, options.activation);
    this.pass = new ActivationPass(op, this.activation);
    this.useBias = options.useBias ?? true;
    this.depthwiseInitializer = getInitializer(op, options.depthwiseInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer(op, options.biasInitializer ?? 'zeros');
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    const channels = lastAxis(this.name, onlyShape(this.name, inputShapes));
    this.channels = channels;
    const { kernelSize } = this.window;
    this.kernel = this.addWeight('kernel', [...kernelSize, channels, this.depthMultiplier], this.depthwiseInitializer, dtype);
    if (this.useBias) this.bias = this.addWeight('bias', [channels * this.depthMultiplier], this.biasInitializer, dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const { windows, padding } = this.window;
    this.window.checkInput(this.name, shape, this.channels);
    const channels = lastAxis(this.name, shape) * this.depthMultiplier;
    return [[shape[0] as number | null, ...windowOutputs(this.name, shape, windows, padding), channels]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const kernel = this.builtKernel();
    const x = inputs[0] as Tensor;
    const shape = this.computeOutputShape(inputs.map((t) => t.shape))[0] as Shape;
    floatInput(this.name, x, ctx.dtype);
    const { windows, padding } = this.window;
    const channels = x.shape.at(-1) as number;
    const geometry = this.geometries.get(x.shape, () =>
      windowGeometry(x.shape, windows, padding, channels * this.depthMultiplier, channels),
    );
    const z = this.pass.linear(shape, ctx);
    const bias = this.bias?.value.storage ?? null;
    backend().depthwiseForward(x.storage, kernel.value.storage, bias, z.storage, geometry, this.pass.code);
    const y = this.pass.end(z, ctx);
    this.remember(ctx, { x, y, z, geometry } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const kernel = this.builtKernel();
    const { x, y, z, geometry } = this.recall<Saved>(ctx);
    const dx = ctx.wantsInputGradient(0) ? ctx.buffer('dx', x.shape) : null;
    const dw = ctx.gradient(kernel)?.storage ?? null;
    const db = this.bias ? (ctx.gradient(this.bias)?.storage ?? null) : null;
    if (!dx && !dw && !db) return [null];
    const { dy, dz } = this.pass.begin(z, y, outputGradients[0] as Tensor, ctx);
    backend().depthwiseBackward(
      x.storage,
      kernel.value.storage,
      y.storage,
      dy.storage,
      dz.storage,
      dx?.storage ?? null,
      dw,
      db,
      geometry,
      this.pass.code,
    );
    return [dx];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const [N, ...rest] = inputShapes[0] as [number, ...number[]];
    const channels = rest.pop() as number;
    const { windows, padding } = this.window;
    const taps = windows.reduce((product, w, i) => product * tapsInside(rest[i] as number, w, padding), 1);
    const products = 2 * N * taps * channels * this.depthMultiplier;
    return { ...super.cost(inputShapes, outputShapes), flops: products, products };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      ...this.window.getConfig(),
      depthMultiplier: this.depthMultiplier,
      activation: this.activation,
      useBias: this.useBias,
      depthwiseInitializer: initializerConfig(this.depthwiseInitializer),
      biasInitializer: initializerConfig(this.biasInitializer),
    };
  }

  private builtKernel(): Weight {
    if (!this.kernel)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return this.kernel;
  }
}
