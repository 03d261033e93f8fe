import { SarafError } from '../errors.js';
import { withSeed } from '../initializers/seed.js';
import { Philox, STREAM } from '../tensor/random.js';
import { tensor, zeros, type Shape, type Tensor } from '../tensor/tensor.js';
import { copyLayer } from './registry.js';
import { StandaloneContext } from './standalone-context.js';
import type { FloatType } from '../backend/backend.js';
import type { Layer } from './layer.js';

export interface GradcheckOptions {
  /** Values of the inputs instead of random ones; null draws. An int32 input (token ids) must be given. */
  inputs?: readonly (Tensor | null)[];
  /** One mask (uint8, (N,T)) or null per input. */
  masks?: readonly (Tensor | null)[];
  /** Check `forward` with `wantsLogits`. */
  wantsLogits?: boolean;
  /** Random directions per tensor. Default 3. */
  directions?: number;
  /** Default 1. */
  seed?: number;
  /** Allowed relative error of the derivative in double precision. Default 1e-6. */
  tolerance?: number;
  /** Longest sum in the layer, from which the tolerance of the float32 kernels follows. Default: estimated from the shapes. */
  accumulation?: number;
  /** Compare the float32 kernels with the float64 result too. Default true. */
  float32?: boolean;
}

/** One tensor that was checked. */
export interface GradcheckEntry {
  /** `input 0`, or a weight's name. */
  readonly name: string;
  /** Worst over the directions: |analytic − numeric| relative to the larger, or to the gradient's typical size. */
  readonly relativeError: number;
}

export interface GradcheckResult {
  readonly entries: readonly GradcheckEntry[];
  /** Worst error of the float32 kernels against float64, as a share of what the accumulation length allows; null if not compared. */
  readonly float32: number | null;
}

/** Length of a step along a unit direction: truncation and rounding are both near 1e-10 here. */
const STEP = 1e-5;
const FLOAT32_EPSILON = 2 ** -23;

interface Run {
  layer: Layer;
  inputs: Tensor[];
  ctx: StandaloneContext;
}

interface Gradients {
  outputs: Tensor[];
  inputs: (Tensor | null)[];
  weights: (Tensor | null)[];
}

function normals(shape: Shape, random: Philox): Tensor {
  const x = zeros(shape, 'float64');
  const values = x.data();
  // Rounded to float32, so that both precisions start from the same numbers.
  for (let i = 0; i < values.length; i++) values[i] = Math.fround(random.normal());
  return x;
}

function convert(x: Tensor, dtype: FloatType): Tensor {
  return x.dtype === 'float32' || x.dtype === 'float64' ? tensor(Float64Array.from(x.data()), x.shape, dtype) : x;
}

function dot(a: Tensor, b: Tensor): number {
  const [x, y] = [a.data(), b.data()];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) * (y[i] as number);
  return sum;
}

function prepare(make: () => Layer, inputs: readonly Tensor[], dtype: FloatType, options: GradcheckOptions): Run {
  const layer = make();
  if (!layer.built)
    layer.build(
      inputs.map((x) => [null, ...x.shape.slice(1)]),
      dtype,
    );
  for (const weight of layer.weights) {
    if (weight.value.dtype !== dtype)
      throw new SarafError(
        'ERR_STATE',
        'gradcheck',
        `expected an unbuilt layer or a function that makes one, received ${layer.name} built in ${weight.value.dtype}`,
      );
  }
  const ctx = new StandaloneContext({ dtype, masks: options.masks ?? [], wantsLogits: options.wantsLogits ?? false, poison: true });
  return { layer, inputs: inputs.map((x) => convert(x, dtype)), ctx };
}

function differentiate({ layer, inputs, ctx }: Run, upstream: readonly Tensor[]): Gradients {
  const outputs = layer.run(inputs, ctx).map((y) => y.clone());
  const dx = layer.runBackward(
    upstream.map((r) => convert(r, ctx.dtype)),
    ctx,
  );
  return {
    outputs,
    inputs: inputs.map((x, i) => (x.dtype === ctx.dtype ? (dx[i]?.clone() ?? null) : null)),
    weights: layer.weights.map((w) => (w.trainable ? (ctx.gradients.get(w)?.clone() ?? null) : null)),
  };
}

/** Worst relative error of one tensor's gradient along random directions. */
function directionalError(at: Tensor, gradient: Tensor, loss: () => number, random: Philox, directions: number): number {
  const values = at.data();
  const kept = values.slice();
  const size = Math.sqrt(dot(gradient, gradient));
  if (!Number.isFinite(size)) return Infinity;
  let worst = 0;
  for (let d = 0; d < directions; d++) {
    const direction = normals(at.shape, random);
    const v = direction.data();
    const length = Math.sqrt(dot(direction, direction));
    for (let i = 0; i < v.length; i++) v[i] = (v[i] as number) / length;
    const along = (step: number): number => {
      for (let i = 0; i < values.length; i++) values[i] = (kept[i] as number) + step * (v[i] as number);
      const value = loss();
      values.set(kept);
      return value;
    };
    const numeric = (along(STEP) - along(-STEP)) / (2 * STEP);
    const analytic = dot(gradient, direction);
    const scale = Math.max(Math.abs(numeric), Math.abs(analytic), size / Math.sqrt(values.length));
    const error = scale === 0 ? 0 : Math.abs(numeric - analytic) / scale;
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  }
  return worst;
}

/** Worst |a − e| as a share of the tolerance that a float32 sum of k terms is allowed. */
function float32Share(actual: Tensor, expected: Tensor, k: number): number {
  const [a, e] = [actual.data(), expected.data()];
  const rms = Math.sqrt(dot(expected, expected) / Math.max(1, e.length));
  const relative = FLOAT32_EPSILON * (8 + 4 * Math.sqrt(k));
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const error = Math.abs((a[i] as number) - (e[i] as number));
    const share = error === 0 ? 0 : error / (relative * Math.max(Math.abs(e[i] as number), rms, 1e-30));
    worst = Math.max(worst, Number.isNaN(share) ? Infinity : share);
  }
  return worst;
}

/**
 * Checks a layer's `backward` against central differences of its `forward` in double precision, for every input and every
 * weight, and the float32 kernels against the double result.
 *
 * Shapes: `inputShapes` with the batch axis, one per input.
 * Throws: ERR_STATE naming the tensor whose gradient is wrong; ERR_ARG if there is no input.
 * Example: gradcheck(() => layers.gru({ units: 4 }), [[2, 5, 3]])
 */
export function gradcheck(layer: Layer | (() => Layer), inputShapes: readonly Shape[], options: GradcheckOptions = {}): GradcheckResult {
  if (inputShapes.length === 0) throw new SarafError('ERR_ARG', 'gradcheck', 'expected at least one input shape, received none');
  const seed = options.seed ?? 1;
  const make = (): Layer => withSeed(seed, () => (typeof layer === 'function' ? layer() : copyLayer(layer)));
  const built = (inputs: readonly Tensor[], dtype: FloatType): Run => withSeed(seed, () => prepare(make, inputs, dtype, options));
  const random = new Philox(seed, STREAM.augment);
  const inputs = inputShapes.map((shape, i) => {
    const given = options.inputs?.[i];
    if (!given) return normals(shape, random);
    return given.dtype === 'float32' || given.dtype === 'float64' ? convert(given, 'float64') : given;
  });
  const double = built(inputs, 'float64');
  // Also the biases: at zero, much would go unseen.
  for (const weight of double.layer.weights) {
    const values = weight.value.data();
    for (let i = 0; i < values.length; i++) values[i] = Math.fround((values[i] as number) + 0.3 * random.normal());
  }
  const upstream = double.layer.run(double.inputs, double.ctx).map((y) => normals(y.shape, random));
  const reference = differentiate(double, upstream);
  const loss = (): number => {
    const { ctx } = double;
    ctx.losses.length = 0;
    const sum = double.layer.run(double.inputs, ctx).reduce((sum, y, i) => sum + dot(y, upstream[i] as Tensor), 0);
    return ctx.losses.reduce((total, penalty) => total + penalty, sum);
  };

  const entries: GradcheckEntry[] = [];
  const check = (name: string, at: Tensor, gradient: Tensor): void => {
    entries.push({ name, relativeError: directionalError(at, gradient, loss, random, options.directions ?? 3) });
  };
  const name = double.layer.name;
  for (const [i, gradient] of reference.inputs.entries()) {
    if (gradient) check(`input ${i}`, double.inputs[i] as Tensor, gradient);
    else if ((double.inputs[i] as Tensor).dtype === 'float64')
      throw new SarafError('ERR_STATE', 'gradcheck', `expected ${name}.backward to return a gradient for input ${i}, received null`);
  }
  for (const [i, weight] of double.layer.weights.entries()) {
    if (!weight.trainable) continue;
    const gradient = reference.weights[i];
    if (!gradient)
      throw new SarafError('ERR_STATE', 'gradcheck', `expected ${name}.backward to write ctx.gradient of ${weight.name}, it did not`);
    check(weight.name, weight.value, gradient);
  }
  const tolerance = options.tolerance ?? 1e-6;
  for (const { name: of, relativeError } of entries) {
    if (!(relativeError < tolerance)) {
      throw new SarafError(
        'ERR_STATE',
        'gradcheck',
        `expected the gradient of ${of} in ${name} to agree with central differences within ${tolerance}, received a relative error of ${relativeError.toExponential(2)}`,
      );
    }
  }
  const float32 = options.float32 === false ? null : compareFloat32(double, reference, built(inputs, 'float32'), upstream, options);
  return { entries, float32 };
}

function compareFloat32(double: Run, reference: Gradients, single: Run, upstream: readonly Tensor[], options: GradcheckOptions): number {
  for (const [i, weight] of single.layer.weights.entries()) weight.value.data().set(double.layer.weights[i]?.value.data() ?? []);
  const actual = differentiate(single, upstream);
  const sizes = [...double.inputs, ...double.layer.weights.map((w) => w.value)].map((t) => t.size);
  const k = options.accumulation ?? Math.max(...sizes, 1);
  let worst = 0;
  const compare = (what: string, a: readonly (Tensor | null)[], e: readonly (Tensor | null)[]): void => {
    for (const [i, expected] of e.entries()) {
      const found = a[i];
      if (!expected || !found) continue;
      const share = float32Share(found, expected, k);
      if (!(share <= 1)) {
        throw new SarafError(
          'ERR_STATE',
          'gradcheck',
          `expected the float32 ${what} ${i} of ${single.layer.name} to agree with float64 for sums of ${k} terms, received an error of ${share.toExponential(2)} times the tolerance`,
        );
      }
      worst = Math.max(worst, share);
    }
  };
  compare('output', actual.outputs, reference.outputs);
  compare('gradient of input', actual.inputs, reference.inputs);
  compare('gradient of weight', actual.weights, reference.weights);
  return worst;
}
