import { SarafError } from '../errors.js';
import type { FloatType } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { precisionCode } from '../backend/precision.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import type { ForwardWork } from './cost.js';
import { ActivationPass } from './activation-pass.js';
import { endActivation, type LayerActivation } from './activations.js';
import {
  floatInput,
  imageInput,
  knownOptions,
  lastAxis,
  onlyShape,
  positiveInteger,
  showShape,
  window,
  type WindowAxes,
} from './checks.js';
import { checkPadding, convGeometry, tapsInside, windowOutputs, type ConvGeometry, type Padding, type Window } from './geometry.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface ConvOptions extends LayerOptions, WeightRuleOptions<'kernel' | 'bias'> {
  /** Number of output channels. */
  filters: number;
  /** Size of the window: one number, or one per axis. */
  kernelSize: number | readonly number[];
  /** Default 1. */
  strides?: number | readonly number[];
  /** Default valid. `causal` (1-D only) pads in front, so that no output sees the future. */
  padding?: Padding;
  /** Default 1. Only together with stride 1. */
  dilationRate?: number | readonly number[];
  /** Channels are cut into so many groups that do not see each other. Default 1. */
  groups?: number;
  /** Default linear. */
  activation?: LayerActivation;
  /** Default true. */
  useBias?: boolean;
  /** Default glorotUniform. */
  kernelInitializer?: InitializerOption;
  /** Default zeros. */
  biasInitializer?: InitializerOption;
  /**
   * Whether 3×3 windows of stride 1 may take Winograd's algorithm where the shape favours it: two to three times as fast, with
   * rounding errors of a few times the direct kernel's. A NaN or an infinity then reaches the whole tile of 4×4 outputs. Default true.
   */
  winograd?: boolean;
}

const OPTIONS = [
  'filters',
  'kernelSize',
  'strides',
  'padding',
  'dilationRate',
  'groups',
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  'winograd',
];

interface Saved {
  x: Tensor;
  y: Tensor;
  /** Before an activation that is a pass of its own. */
  z: Tensor;
  geometry: ConvGeometry;
  /** Winners of the pooling that the layer absorbed, else null. */
  taps: Tensor | null;
}

/** What Conv1D, Conv2D and Conv3D share: one window axis, two or three, the same kernel family. */
export abstract class Conv extends Layer {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dilationRate: readonly number[];
  readonly groups: number;
  readonly activation: LayerActivation;
  private readonly pass: ActivationPass;
  readonly useBias: boolean;
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;
  readonly winograd: boolean;
  private readonly windows: readonly Window[];
  private readonly geometries = new PerShape<ConvGeometry>();
  private readonly roundedGeometries = new PerShape<ConvGeometry>();
  private channels: number | undefined;
  private kernel: Weight | undefined;
  private bias: Weight | null = null;

  constructor(className: string, axes: WindowAxes, options: ConvOptions) {
    super(className, options);
    const op = `conv${axes}d`;
    knownOptions(op, options, OPTIONS);
    this.filters = positiveInteger(op, 'filters', options.filters);
    this.kernelSize = window(op, 'kernelSize', options.kernelSize, axes);
    this.strides = window(op, 'strides', options.strides ?? 1, axes);
    this.dilationRate = window(op, 'dilationRate', options.dilationRate ?? 1, axes);
    this.padding = checkPadding(op, options.padding, axes === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same']);
    this.groups = positiveInteger(op, 'groups', options.groups ?? 1);
    this.activation = endActivation(op, options.activation);
    this.pass = new ActivationPass(op, this.activation);
    this.useBias = options.useBias ?? true;
    this.kernelInitializer = getInitializer(op, options.kernelInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer(op, options.biasInitializer ?? 'zeros');
    this.winograd = options.winograd ?? true;
    if (this.filters % this.groups !== 0) {
      throw new SarafError('ERR_ARG', op, `expected filters to be a multiple of groups, received ${this.filters} and ${this.groups}`);
    }
    if (this.strides.some((n) => n > 1) && this.dilationRate.some((n) => n > 1)) {
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected strides or dilationRate to be 1, received ${this.strides.join(',')} and ${this.dilationRate.join(',')}`,
      );
    }
    this.windows = this.kernelSize.map((kernel, i) => ({
      kernel,
      stride: this.strides[i] as number,
      dilation: this.dilationRate[i] as number,
    }));
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    const channels = lastAxis(this.name, onlyShape(this.name, inputShapes));
    if (channels % this.groups !== 0) {
      throw new SarafError(
        'ERR_ARG',
        this.name,
        `expected input channels to be a multiple of groups, received ${channels} and ${this.groups}`,
      );
    }
    this.channels = channels;
    this.kernel = this.addWeight('kernel', [...this.kernelSize, channels / this.groups, this.filters], this.kernelInitializer, dtype);
    if (this.useBias) this.bias = this.addWeight('bias', [this.filters], this.biasInitializer, dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    imageInput(this.name, shape, this.windows.length as WindowAxes);
    if (this.channels !== undefined && shape.at(-1) !== this.channels) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x with ${this.channels} channels, received ${showShape(shape)}; the layer was built for ${this.channels}`,
      );
    }
    return [[shape[0] as number | null, ...windowOutputs(this.name, shape, this.windows, this.padding), this.filters]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const kernel = this.builtKernel();
    const x = inputs[0] as Tensor;
    const shape = this.computeOutputShape(inputs.map((t) => t.shape))[0] as Shape;
    floatInput(this.name, x, ctx.dtype);
    const groupChannels = kernel.value.shape.at(-2) as number;
    const depth = this.windows.length === 3 ? (this.kernelSize[0] as number) : 1;
    const precision = precisionCode(ctx.precision, depth * groupChannels, this.filters / this.groups);
    const geometry = (precision ? this.roundedGeometries : this.geometries).get(x.shape, () =>
      convGeometry(x.shape, this.windows, this.padding, this.filters, this.groups, { winograd: this.winograd, precision }),
    );
    const bias = this.bias?.value.storage ?? null;
    const code = this.pass.code;
    if (ctx.absorbing) {
      const [N, OH, OW, F] = shape as [number, number, number, number];
      const pooled = [N, Math.floor(OH / 2), Math.floor(OW / 2), F];
      const z = ctx.buffer('z', shape);
      const y = ctx.buffer('y', pooled);
      const taps = ctx.buffer('taps', pooled, 'uint8');
      backend().convPoolForward(x.storage, kernel.value.storage, bias, z.storage, y.storage, taps.storage, geometry.planes, code);
      this.remember(ctx, { x, y, z: y, geometry, taps } satisfies Saved);
      return [y];
    }
    const z = this.pass.linear(shape, ctx);
    backend().convForward(x.storage, kernel.value.storage, bias, z.storage, geometry.planes, code, geometry.depth);
    const y = this.pass.end(z, ctx);
    this.remember(ctx, { x, y, z, geometry, taps: null } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const kernel = this.builtKernel();
    const { x, y, z, geometry, taps } = this.recall<Saved>(ctx);
    const given = outputGradients[0] as Tensor;
    const dx = ctx.wantsInputGradient(0) ? ctx.buffer('dx', x.shape) : null;
    const dw = ctx.gradient(kernel)?.storage ?? null;
    const db = this.bias ? (ctx.gradient(this.bias)?.storage ?? null) : null;
    if (!dx && !dw && !db) return [null];
    const code = this.pass.code;
    if (taps) {
      const dz = ctx.buffer('z', this.computeOutputShape([x.shape])[0] as Shape);
      backend().convPoolBackward(
        x.storage,
        kernel.value.storage,
        y.storage,
        taps.storage,
        given.storage,
        dz.storage,
        dx?.storage ?? null,
        dw,
        db,
        geometry.planes,
        code,
      );
    } else {
      const { dy, dz } = this.pass.begin(z, y, given, ctx);
      backend().convBackward(
        x.storage,
        kernel.value.storage,
        y.storage,
        dy.storage,
        dz.storage,
        dx?.storage ?? null,
        dw,
        db,
        geometry.planes,
        code,
        geometry.depth,
      );
    }
    return [dx];
  }

  /** Counts taps inside the image as a direct convolution computes them; Winograd's algorithm needs fewer operations. */
  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const [N, ...rest] = inputShapes[0] as [number, ...number[]];
    const channels = rest.pop() as number;
    const taps = this.windows.reduce((product, w, i) => product * tapsInside(rest[i] as number, w, this.padding), 1);
    const products = (2 * N * taps * channels * this.filters) / this.groups;
    return { ...super.cost(inputShapes, outputShapes), flops: products, products };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernelSize: this.kernelSize,
      strides: this.strides,
      padding: this.padding,
      dilationRate: this.dilationRate,
      groups: this.groups,
      activation: this.activation,
      useBias: this.useBias,
      kernelInitializer: initializerConfig(this.kernelInitializer),
      biasInitializer: initializerConfig(this.biasInitializer),
      winograd: this.winograd,
    };
  }

  private builtKernel(): Weight {
    if (!this.kernel)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return this.kernel;
  }
}
