import { layers, type Layer, type Tensor } from '../../../src/index.js';
import { StandaloneContext } from '../../../src/layers/standalone-context.js';
import type { CnnInputs } from '../train-cnn.js';
import type { NamedArray, Outputs } from '../suite.js';
import { firstUpdates } from './adam.js';
import { builtLayer, given, numbers } from './layer-run.js';
import { tensor } from '../../../src/index.js';

interface Stage {
  readonly layer: Layer;
  readonly ctx: StandaloneContext;
  readonly weights: readonly NamedArray[];
}

/** The layers one after the other, in double, up to the logits. */
function forward({ shape, x, weights }: CnnInputs): { readonly stages: readonly Stage[]; readonly logits: Tensor } {
  const chain: Layer[] = [
    ...shape.filters.flatMap((filters) => [
      layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
    ]),
    layers.flatten(),
    layers.dense({ units: shape.dense, activation: 'relu' }),
    layers.dense({ units: shape.K }),
  ];
  let y = given(x, 'float64');
  let taken = 0;
  const stages = chain.map((layer): Stage => {
    const own = /conv|dense/i.test(layer.className) ? weights.slice(taken, taken + 2) : [];
    taken += own.length;
    builtLayer(layer, y.shape, own, 'float64');
    const ctx = new StandaloneContext({ dtype: 'float64' });
    y = layer.forward([y], ctx)[0] as Tensor;
    return { layer, ctx, weights: own };
  });
  return { stages, logits: y };
}

function softmax(logits: Float32Array | Float64Array, K: number): Float64Array {
  const p = Float64Array.from(logits);
  for (let at = 0; at < p.length; at += K) {
    const row = p.subarray(at, at + K);
    const top = Math.max(...row);
    row.forEach((z, k) => (row[k] = Math.exp(z - top)));
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((e, k) => (row[k] = e / sum));
  }
  return p;
}

/** Class probabilities in double. */
export function cnnReferenceInfer(inputs: CnnInputs): Outputs {
  return { probabilities: softmax(numbers(forward(inputs).logits), inputs.shape.K) };
}

/** Mean cross-entropy, and how far Adam's first step moves each weight, in double. */
export function cnnReferenceTrain(inputs: CnnInputs): Outputs {
  const { N, K } = inputs.shape;
  const { stages, logits } = forward(inputs);
  const dz = softmax(numbers(logits), K);
  let loss = 0;
  inputs.labels.forEach((label, n) => {
    loss -= Math.log(dz[n * K + label] as number) / N;
    (dz[n * K + label] as number) -= 1;
  });
  let dy = tensor(
    dz.map((v) => v / N),
    [N, K],
    'float64',
  );
  const gradients = new Map<string, Float64Array>();
  for (const { layer, ctx, weights } of stages.toReversed()) {
    dy = layer.backward([dy], ctx)[0] as Tensor;
    weights.forEach(({ name }, i) => {
      const weight = layer.weights[i];
      if (weight) gradients.set(name, numbers(ctx.gradient(weight) as Tensor) as Float64Array);
    });
  }
  return { loss: Float64Array.of(loss), ...firstUpdates(inputs.adam, inputs.weights, (name) => gradients.get(name) as Float64Array) };
}
