import { tensor, type Layer, type Tensor } from '../../../src/index.js';
import { StandaloneContext } from '../../../src/layers/standalone-context.js';
import type { LayerInputs } from '../layer-inputs.js';
import type { NamedArray, Outputs, Shape } from '../suite.js';

const SUFFIX = { float32: Float32Array, float64: Float64Array } as const;
export type Precision = keyof typeof SUFFIX;

/** A tensor of the given precision with these values. */
export const given = ({ values, shape }: NamedArray, dtype: Precision): Tensor => tensor(SUFFIX[dtype].from(values), [...shape], dtype);

export const numbers = (x: Tensor): Float32Array | Float64Array => (x.data() as Float32Array | Float64Array).slice();

/** Builds a layer and gives it the weights, which come in the layer's own order. */
export function builtLayer(layer: Layer, inputShape: readonly number[], weights: readonly NamedArray[], dtype: Precision): Layer {
  layer.build([[null, ...inputShape.slice(1)]], dtype);
  if (layer.weights.length !== weights.length)
    throw new Error(`[bench] expected ${layer.weights.length} weights for ${layer.name}, received ${weights.length}`);
  layer.weights.forEach((weight, i) => weight.value.data().set((weights[i] as NamedArray).values));
  return layer;
}

/** One of saraf's layers alone: in float32 the kernels that are timed, in float64 the double reference. */
export function layerRun(make: () => Layer, inputs: LayerInputs<Shape>, dtype: Precision): { run(): Tensor[]; check(): Outputs } {
  const layer = builtLayer(make(), inputs.x.shape, inputs.weights, dtype);
  const ctx = new StandaloneContext({ dtype, training: inputs.dy !== null });
  const x = [given(inputs.x, dtype)];
  const dy = inputs.dy ? [given(inputs.dy, dtype)] : null;
  const run = (): Tensor[] => {
    const y = layer.forward(x, ctx);
    return dy === null ? y : (layer.backward(dy, ctx) as Tensor[]);
  };
  return {
    run,
    check() {
      const [first] = run();
      if (dy === null) return { y: numbers(first as Tensor) };
      const gradients = layer.weights.map((w, i) => [`d${(inputs.weights[i] as NamedArray).name}`, numbers(ctx.gradient(w) as Tensor)]);
      return { dx: numbers(first as Tensor), ...(Object.fromEntries(gradients) as Outputs) };
    },
  };
}
