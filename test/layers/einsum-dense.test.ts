import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext, type EinsumDenseOptions } from '../../src/layers/index.js';
import { layerFromKeras } from '../../src/keras/config/layer-from-keras.js';
import { layerToKeras } from '../../src/keras/config/model-to-keras.js';
import { Problems } from '../../src/keras/problems.js';
import { sizeOf, tensor, type Shape, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

/** Quarters in a fixed disorder: every product and sum of them is exact. */
const ramp = (shape: Shape, step = 37, modulus = 23, scale = 0.25): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => (((i * step) % modulus) - 11) * scale),
    shape,
  );

interface Case {
  options: EinsumDenseOptions;
  input: Shape;
  kernel: Shape;
  bias?: Shape;
  output: Shape;
  crossings?: readonly [number, number];
  /** What Keras 3.15.1 gives. */
  keras?: number[];
}

const CASES: Case[] = [
  {
    options: { equation: 'ab,bc->ac', outputShape: 3, biasAxes: 'c' },
    input: [2, 4],
    kernel: [4, 3],
    bias: [3],
    output: [2, 3],
    keras: [2.328125, -1.1875, 2.421875, -1.25, 2.015625, -1.25],
  },
  {
    options: { equation: 'abc,cde->abde', outputShape: [null, 2, 2], biasAxes: 'de', activation: 'linear' },
    input: [1, 2, 3],
    kernel: [3, 2, 2],
    bias: [2, 2],
    output: [1, 2, 2, 2],
    keras: [1.4375, -0.0625, 1.40625, -0.09375, -0.828125, -0.609375, -0.6875, -0.46875],
  },
  {
    options: { equation: 'abcd,cde->abe', outputShape: [null, 3], biasAxes: 'e', activation: 'tanh' },
    input: [2, 3, 2, 2],
    kernel: [2, 2, 3],
    bias: [3],
    output: [2, 3, 3],
  },
  {
    options: { equation: '...x,xy->...y', outputShape: 2, biasAxes: 'y' },
    input: [1, 2, 3],
    kernel: [3, 2],
    bias: [2],
    output: [1, 2, 2],
    keras: [1.578125, 0.078125, -0.5, -0.28125],
  },
  {
    options: { equation: 'ab...,bc->ac...', outputShape: 3, biasAxes: 'c' },
    input: [1, 2, 2],
    kernel: [2, 3],
    bias: [3, 1],
    output: [1, 3, 2],
    crossings: [4, 4],
    keras: [1.203125, -1.203125, 1.015625, -1.171875, 1.125, -0.84375],
  },
  {
    options: { equation: 'abc,bd->adc', outputShape: [3, null], biasAxes: 'd' },
    input: [2, 2, 2],
    kernel: [2, 3],
    bias: [3, 1],
    output: [2, 3, 2],
    crossings: [4, 4],
    keras: [1.203125, -1.203125, 1.015625, -1.171875, 1.125, -0.84375, -0.515625, 1.03125, -0.546875, 0.859375, -0.28125, 0.984375],
  },
  {
    // The kernel lies the other way round, the bias also belongs to an axis of x.
    options: { equation: 'abc,dc->abd', outputShape: [3, 2], biasAxes: 'bd', activation: 'relu' },
    input: [2, 3, 4],
    kernel: [2, 4],
    bias: [3, 2],
    output: [2, 3, 2],
    crossings: [4, 4],
  },
  {
    options: { equation: 'abcd,bde->aec', outputShape: [5, null], activation: 'softmax' },
    input: [2, 3, 4, 2],
    kernel: [3, 2, 5],
    output: [2, 5, 4],
    crossings: [4, 4],
  },
];

/** The sum as it stands: over every axis that is not in the output. */
function einsum(equation: string, x: Tensor, w: Tensor, output: Shape): number[] {
  const [left, right] = equation.split('->') as [string, string];
  const [xAxes, wAxes] = left.split(',') as [string, string];
  const size = new Map([...xAxes].map((axis, i) => [axis, x.shape[i] as number]));
  [...wAxes].forEach((axis, i) => size.set(axis, w.shape[i] as number));
  const axes = [...size.keys()];
  const y = Array.from({ length: sizeOf(output) }, () => 0);
  const total = [...size.values()].reduce((a, b) => a * b, 1);
  for (let i = 0; i < total; i++) {
    const at = new Map<string, number>();
    let rest = i;
    for (const axis of axes) {
      at.set(axis, rest % (size.get(axis) as number));
      rest = Math.floor(rest / (size.get(axis) as number));
    }
    const place = (names: string): number => [...names].reduce((p, axis) => p * (size.get(axis) as number) + (at.get(axis) as number), 0);
    y[place(right)] = (y[place(right)] as number) + (x.data()[place(xAxes)] as number) * (w.data()[place(wAxes)] as number);
  }
  return y;
}

for (const c of CASES) {
  const name = `einsumDense ${c.options.equation}`;
  layerSuite(name, {
    make: () => layers.einsumDense(c.options),
    inputShapes: [c.input],
    outputShapes: [c.output],
    weights: { kernel: c.kernel, ...(c.bias ? { bias: c.bias } : {}) },
    ...(c.crossings ? { crossings: c.crossings } : {}),
  });

  test(`${name}: the sum that it says`, () => {
    const { biasAxes: _, activation: __, ...plain } = c.options;
    const layer = layers.einsumDense(plain);
    layer.build([c.input], 'float32');
    const kernel = ramp(c.kernel, 29, 19, 1 / 16);
    layer.weights[0]?.value.data().set(kernel.data());
    const x = ramp(c.input);
    const [y] = layer.forward([x], new StandaloneContext()) as [Tensor];
    const spelt = c.options.equation.replaceAll('...', c.options.equation.startsWith('...') ? 'ij' : 'j');
    expectClose(y, einsum(spelt, x, kernel, c.output), exact());
  });

  if (!c.keras) continue;
  test(`${name}: Keras' numbers`, () => {
    const layer = layers.einsumDense(c.options);
    layer.build([c.input], 'float32');
    for (const [i, { value }] of layer.weights.entries()) value.data().set(ramp(value.shape, 29 + i, 19, 1 / 16).data());
    expectClose(layer.forward([ramp(c.input)], new StandaloneContext())[0] as Tensor, c.keras as number[], exact());
  });
}

test('open axes are known at the call', () => {
  const layer = layers.einsumDense({ equation: 'abc,cd->abd', outputShape: [null, 5] });
  layer.build([[null, null, 4]], 'float32');
  expect(layer.computeOutputShape([[null, null, 4]])).toEqual([[null, null, 5]]);
  for (const T of [3, 7]) expect(layer.forward([randomTensor([2, T, 4])], new StandaloneContext())[0]?.shape).toEqual([2, T, 5]);
});

test("a unit's inputs are the axes that are summed over, also for the initializer", () => {
  const limit = (equation: string, outputShape: number[], input: Shape): number => {
    const layer = layers.einsumDense({ equation, outputShape, seed: 3 });
    layer.build([input], 'float32');
    return Math.max(...Array.from(layer.weights[0]?.value.data() ?? [], Math.abs));
  };
  // Glorot's limit for 40 inputs and 60 outputs, though the last two axes are 4 and 60 or 6 and 40.
  const glorot = Math.sqrt(6 / 100);
  for (const found of [limit('abcd,bcde->ae', [60], [1, 2, 5, 4]), limit('ab,cdb->acd', [10, 6], [1, 40])]) {
    expect(found).toBeLessThanOrEqual(glorot);
    expect(found).toBeGreaterThan(0.98 * glorot);
  }
});

test("Keras' configuration there and back, with what a built layer says of its kernel's axes", () => {
  const object = {
    class_name: 'EinsumDense',
    config: {
      name: 'einsum_dense',
      trainable: true,
      dtype: 'float32',
      output_shape: [null, 2, 3],
      equation: 'abc,cdE->abdE',
      activation: 'relu',
      bias_axes: 'dE',
      kernel_initializer: { class_name: 'GlorotUniform', config: { seed: null, input_axes: [0], output_axes: [1, 2] } },
      bias_initializer: { class_name: 'Zeros', config: {} },
      kernel_regularizer: null,
      quantization_config: null,
    },
  };
  const problems = new Problems('', '', '');
  const { config } = layerFromKeras(object, 'einsum_dense', { problems, version: 3 });
  expect(problems.lines).toEqual([]);
  const written = layerToKeras(layers.einsumDense(config as unknown as EinsumDenseOptions))['config'];
  expect(written).toMatchObject({ output_shape: [null, 2, 3], equation: 'abc,cdE->abdE', bias_axes: 'dE', activation: 'relu' });
});

describe('errors', () => {
  const make = (equation: string, more: Partial<EinsumDenseOptions> = {}): (() => unknown) => {
    return () => layers.einsumDense({ equation, outputShape: 3, ...more });
  };

  test('of the equation', () => {
    for (const equation of ['ab,bc', 'ab->ac', 'a...b,bc->a...c', 'ab,b1->a1', '...b,bc->c...', 7 as never])
      expectError(make(equation), 'ERR_ARG', '[einsumDense] expected equation to be like', JSON.stringify(equation));
    expectError(make('aab,bc->ac'), 'ERR_ARG', 'every axis once', 'aab');
    expectError(make('abc,bcd->abd'), 'ERR_ARG', 'axis b of the output to come from one of input and kernel');
    expectError(make('ab,bc->ad'), 'ERR_ARG', 'axis d of the output');
    expectError(make('abc,cd->ad'), 'ERR_ARG', 'axis b, which is not in the output, in the input and in the kernel');
    expectError(make('ab,bcd->ac'), 'ERR_ARG', 'axis d, which is not in the output');
    expectError(make('ab,bc->ac', { biasAxes: 'b' }), 'ERR_ARG', 'biasAxes among the axes of the output', 'received b');
    expectError(make('ab,bc->ac', { outputShape: [0] }), 'ERR_ARG', 'outputShape', '[0]');
    expectError(make('ab,bc->ac', { units: 3 } as never), 'ERR_ARG', 'received units');
  });

  test('of shapes', () => {
    const shapes = (equation: string, outputShape: EinsumDenseOptions['outputShape'], x: (number | null)[]): (() => unknown) => {
      return () => layers.einsumDense({ equation, outputShape }).build([x], 'float32');
    };
    expectError(shapes('ab,bc->ac', 3, [2, 3, 4]), 'ERR_SHAPE', 'x with the axes of ab,bc->ac', '(2,3,4)');
    expectError(shapes('ab,bc->ac', [2, 3], [2, 3]), 'ERR_SHAPE', 'outputShape to give the axes', '[2,3]');
    expectError(shapes('abc,cd->abd', [5, 3], [2, 4, 3]), 'ERR_SHAPE', 'agree along b', 'received 5 and 4');
    expectError(shapes('ab,bc->ac', [null], [2, 3]), 'ERR_SHAPE', 'axis c of ab,bc->ac to be known', 'outputShape');
    expectError(shapes('ab,bc->ac', 3, [2, null]), 'ERR_SHAPE', 'axis b of ab,bc->ac to be known');
    const layer = layers.einsumDense({ equation: 'ab,bc->ac', outputShape: 3 });
    expectError(() => layer.forward([randomTensor([2, 4])], new StandaloneContext()), 'ERR_STATE', 'built');
    layer.build([[null, 4]], 'float32');
    expectError(() => layer.forward([randomTensor([2, 5])], new StandaloneContext()), 'ERR_SHAPE', 'kernel of shape (4,3)', '(2,5)');
  });
});
