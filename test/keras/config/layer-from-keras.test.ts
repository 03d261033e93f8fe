import { expect, test } from 'vitest';
import { layerFromKeras } from '../../../src/keras/config/layer-from-keras.js';
import { Problems } from '../../../src/keras/problems.js';
import { layerFromConfig, StandaloneContext } from '../../../src/layers/index.js';
import { tensor, type Tensor } from '../../../src/tensor/tensor.js';
import { expectClose, within } from '../../helpers/expect-close.js';

const read = (className: string, config: Record<string, unknown>, version: number) => {
  const problems = new Problems('layers', 'test', '');
  const found = layerFromKeras({ class_name: className, config }, 'layer', { problems, version });
  expect(problems.count).toBe(0);
  return found;
};

test.each([
  [2, 0.2],
  [3, 1 / 6],
])('hard_sigmoid of Keras %i has slope %f', (version, slope) => {
  const layer = layerFromConfig(read('Activation', { name: 'hard_sigmoid', activation: 'hard_sigmoid' }, version));
  layer.build([[null, 4]], 'float32');
  const [y] = layer.forward([tensor([[-9, 0, 1, 9]])], new StandaloneContext()) as [Tensor];
  expectClose(y, [0, 0.5, 0.5 + slope, 1], within(1e-6));
});

test("an old file's recurrent layers compute with Keras 2's hard_sigmoid, an object or a name", () => {
  expect(read('LSTM', { units: 2, recurrent_activation: 'hard_sigmoid' }, 2).config['recurrentActivation']).toBe('hardSigmoidKeras2');
  const written = { class_name: 'function', config: 'hard_sigmoid' };
  expect(read('GRU', { units: 2, recurrent_activation: written }, 2).config['recurrentActivation']).toBe('hardSigmoidKeras2');
  expect(read('LSTM', { units: 2, recurrent_activation: 'hard_sigmoid' }, 3).config['recurrentActivation']).toBe('hardSigmoid');
});
