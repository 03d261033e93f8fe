import { SarafError } from '../errors.js';
import type { FloatType } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { precisionCode } from '../backend/precision.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { ActivationPass } from './activation-pass.js';
import { endActivation, type LayerActivation } from './activations.js';
import { floatInput, knownOptions, lastAxis, onlyShape, positiveInteger, type WindowAxes } from './checks.js';
import { ConvWindow, WINDOW_OPTIONS, type ConvWindowOptions } from './conv-window.js';
import type { ForwardWork } from './cost.js';
import { convGeometry, tapsInside, windowAxis, type ConvGeometry } from './geometry.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface ConvTransposeOptions extends LayerOptions, ConvWindowOptions, WeightRuleOptions<'kernel' | 'bias'> {
  /** Number of output channels. */
  filters: number;
  /** Default valid. */
  padding?: 'valid' | 'same';
  /** Rows and columns more than the smallest output that gives this input, below the stride. Default: Keras' own choice. */
  outputPadding?: number | readonly number[] | null;
  /** Default linear. */
  activation?: LayerActivation;
  /** Default true. */
  useBias?: boolean;
  /** Default glorotUniform. */
  kernelInitializer?: InitializerOption;
  /** Default zeros. */
  biasInitializer?: InitializerOption;
}

const OPTIONS = [...WINDOW_OPTIONS, 'filters', 'outputPadding', 'activation', 'useBias', 'kernelInitializer', 'biasInitializer'];

interface Saved {
  x: Tensor;
  y: Tensor;
  /** Before an activation that is a pass of its own. */
  z: Tensor;
  geometry: ConvGeometry;
}

/**
 * What the transposed convolutions share. Their kernel call takes the geometry of the convolution that would read the
 * output and give the input. Masks are swallowed, as in Keras.
 */
export abstract class ConvTranspose extends Layer {
  readonly filters: number;
  readonly window: ConvWindow;
  readonly outputPadding: readonly number[] | null;
  readonly activation: LayerActivation;
  private readonly pass: ActivationPass;
  readonly useBias: boolean;
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;
  private readonly geometries = new PerShape<ConvGeometry>();
  private readonly roundedGeometries = new PerShape<ConvGeometry>();
  private channels: number | undefined;
  private kernel: Weight | undefined;
  private bias: Weight | null = null;

  constructor(className: string, axes: WindowAxes, options: ConvTransposeOptions) {
    super(className, options);
    const op = `conv${axes}dTranspose`;
    knownOptions(op, options, OPTIONS);
    this.filters = positiveInteger(op, 'filters', options.filters);
    this.window = new ConvWindow(op, axes, options, ['valid', 'same']);
    this.outputPadding = checkOutputPadding(op, options.outputPadding ?? null, this.window.strides);
    this.activation = endActivation(op, options.activation);
    this.pass = new ActivationPass(op, this.activation);
    this.useBias = options.useBias ?? true;
    this.kernelInitializer = getInitializer(op, options.kernelInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer(op, options.biasInitializer ?? 'zeros');
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    this.channels = lastAxis(this.name, onlyShape(this.name, inputShapes));
    this.kernel = this.addWeight('kernel', [...this.window.kernelSize, this.filters, this.channels], this.kernelInitializer, dtype);
    if (this.useBias) this.bias = this.addWeight('bias', [this.filters], this.biasInitializer, dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    this.window.checkInput(this.name, shape, this.channels);
    const axes = this.window.windows.map((_, i) => this.outputLength(shape[i + 1] as number | null, i));
    return [[shape[0] as number | null, ...axes, this.filters]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const kernel = this.builtKernel();
    const x = inputs[0] as Tensor;
    const shape = this.computeOutputShape(inputs.map((t) => t.shape))[0] as Shape;
    floatInput(this.name, x, ctx.dtype);
    const channels = x.shape.at(-1) as number;
    const { windows, padding } = this.window;
    const depth = windows.length === 3 ? (this.window.kernelSize[0] as number) : 1;
    const precision = precisionCode(ctx.precision, channels, depth * this.filters);
    const geometry = (precision ? this.roundedGeometries : this.geometries).get(x.shape, () =>
      convGeometry(shape, windows, padding, channels, 1, { precision }),
    );
    const z = this.pass.linear(shape, ctx);
    const bias = this.bias?.value.storage ?? null;
    backend().convTransposeForward(x.storage, kernel.value.storage, bias, z.storage, geometry.planes, this.pass.code, geometry.depth);
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
    backend().convTransposeBackward(
      x.storage,
      kernel.value.storage,
      y.storage,
      dy.storage,
      dz.storage,
      dx?.storage ?? null,
      dw,
      db,
      geometry.planes,
      this.pass.code,
      geometry.depth,
    );
    return [dx];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const [N, ...rest] = outputShapes[0] as [number, ...number[]];
    const { windows, padding } = this.window;
    const taps = windows.reduce((product, w, i) => product * tapsInside(rest[i] as number, w, padding), 1);
    const products = 2 * N * taps * (inputShapes[0]?.at(-1) as number) * this.filters;
    return { ...super.cost(inputShapes, outputShapes), flops: products, products };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.filters,
      ...this.window.getConfig(),
      ...(this.outputPadding ? { outputPadding: this.outputPadding } : {}),
      activation: this.activation,
      useBias: this.useBias,
      kernelInitializer: initializerConfig(this.kernelInitializer),
      biasInitializer: initializerConfig(this.biasInitializer),
    };
  }

  /** Output length along a window axis, as Keras counts it on TensorFlow. */
  private outputLength(length: number | null, axis: number): number | null {
    if (length === null) return null;
    const window = this.window.windows[axis] as (typeof this.window.windows)[number];
    const { stride } = window;
    const reach = (window.kernel - 1) * window.dilation + 1;
    const extra = this.outputPadding?.[axis] ?? null;
    const valid = this.window.padding === 'valid';
    const output = valid
      ? (length - 1) * stride + reach + (extra ?? Math.max(stride - reach, 0))
      : extra === null
        ? length * stride
        : (length - 1) * stride + (reach % 2) + extra;
    if (output < 1 || windowAxis(output, window, this.window.padding).output !== length) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected an output along axis ${axis + 1} whose convolution gives the ${length} values of x, received ${output} with outputPadding ${String(extra)}; leave outputPadding out`,
      );
    }
    return output;
  }

  private builtKernel(): Weight {
    if (!this.kernel)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return this.kernel;
  }
}

function checkOutputPadding(op: string, option: number | readonly number[] | null, strides: readonly number[]): readonly number[] | null {
  if (option === null) return null;
  const list = typeof option === 'number' ? strides.map(() => option) : [...option];
  if (list.length !== strides.length || list.some((n, i) => !Number.isInteger(n) || n < 0 || n >= (strides[i] as number))) {
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected outputPadding to be integers from 0 to below the strides [${strides.join(',')}], received [${list.join(',')}]`,
    );
  }
  return list;
}
