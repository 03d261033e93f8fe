import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { modelFromKeras } from '../../src/keras/config/model-from-keras.js';
import { Problems } from '../../src/keras/problems.js';
import '../../src/keras/index.js';
import { input, layers, type SymbolicTensor } from '../../src/layers/index.js';
import { loadModel } from '../../src/models/load.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';
import { expectRejection } from '../helpers/expect-rejection.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-masks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string, dtype = 'float32'): object => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 4], dtype, keras_history: [name, 0, 0] },
});
const node = (args: unknown[], kwargs: object = {}): object[] => [{ args, kwargs }];
const op = (className: string, name: string, args: unknown[]): object => ({
  module: 'keras.src.ops.numpy',
  class_name: className,
  config: { name },
  name,
  inbound_nodes: node(args),
});
/** ids → Embedding → LSTM with the mask `mask`, as Keras 3 writes it. */
const graph = (maskZero: boolean, operations: object[], mask: object): unknown => ({
  class_name: 'Functional',
  config: {
    name: 'm',
    layers: [
      {
        module: 'keras.layers',
        class_name: 'InputLayer',
        config: { batch_shape: [null, 4], dtype: 'int32', name: 'ids' },
        name: 'ids',
        inbound_nodes: [],
      },
      {
        module: 'keras.layers',
        class_name: 'Embedding',
        config: { name: 'e', input_dim: 5, output_dim: 3, mask_zero: maskZero },
        name: 'e',
        inbound_nodes: node([at('ids')]),
      },
      ...operations,
      {
        module: 'keras.layers',
        class_name: 'LSTM',
        config: { name: 'l', units: 2 },
        name: 'l',
        inbound_nodes: node([at('e')], { training: false, mask }),
      },
    ],
    input_layers: [['ids', 0, 0]],
    output_layers: [['l', 0, 0]],
  },
});
const problemsOf = (config: unknown): string => {
  const problems = new Problems('x', 'm.keras', 'y');
  modelFromKeras(config as never, { problems, version: 3 } as never);
  try {
    problems.throwIfAny();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('masks that Keras 3 traced into a graph', () => {
  const notEqual = op('NotEqual', 'not_equal', [at('ids'), 0]);

  test('the embedding’s own, also joined, is propagated here', () => {
    expect(problemsOf(graph(true, [notEqual], at('not_equal')))).toBe('');
    const joined = op('LogicalOr', 'or', [at('not_equal'), at('not_equal')]);
    expect(problemsOf(graph(true, [notEqual, joined], at('or')))).toBe('');
    // An operation that bears a layer's name.
    const concatenated = op('Concatenate', 'join', [[at('not_equal'), at('not_equal')]]);
    expect(problemsOf(graph(true, [notEqual, concatenated, op('Any', 'any', [at('join')])], at('any')))).toBe('');
  });

  test('one of one’s own is told', () => {
    expect(problemsOf(graph(false, [notEqual], at('not_equal')))).toContain('the argument mask');
    expect(problemsOf(graph(true, [op('NotEqual', 'not_equal', [at('ids'), 1])], at('not_equal')))).toContain('the argument mask');
    expect(problemsOf(graph(true, [], at('ids')))).toContain('the argument mask');
  });
});

test('an attention mask goes into a file and comes back', async () => {
  const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;
  const [x, mask] = [input({ shape: [3, 4], name: 'x' }), input({ shape: [3, 3], name: 'mask', dtype: 'uint8' })];
  const y = one(layers.multiHeadAttention({ numHeads: 2, keyDim: 2, useAttentionMask: true }).apply([x, x, mask] as never));
  const model = new Model({ inputs: [x, mask], outputs: y });
  const values = tensor(Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)), [1, 3, 4]); // prettier-ignore
  const low = tensor(Uint8Array.of(1, 0, 0, 1, 1, 0, 1, 1, 1), [1, 3, 3]);
  const expected = (await model.predict([values, low])).toArray();
  for (const name of ['a.keras', 'a.h5']) {
    await model.save(join(folder, name));
    expect((await (await loadModel(join(folder, name))).predict([values, low])).toArray()).toEqual(expected);
  }
});

test('an activation with options is refused, as Keras could not open it', async () => {
  const model = new Sequential([layers.activation({ activation: { name: 'softmax', axis: 1 } as never, inputShape: [2, 3] })]);
  await expectRejection(model.save(join(folder, 'options.keras')), 'ERR_ARG', 'by name', 'softmax');
});
