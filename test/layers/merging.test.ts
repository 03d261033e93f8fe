import { expect, test } from 'vitest';
import { layers, StandaloneContext, type Layer } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

const MAKES: Record<string, { make: () => Layer; three?: [number, number]; broadcast: [number, number]; two: [number, number] }> = {
  average: { make: () => layers.average(), two: [2, 1], three: [3, 1], broadcast: [2, 2] },
  maximum: { make: () => layers.maximum(), two: [1, 2], three: [2, 4], broadcast: [1, 3] },
  minimum: { make: () => layers.minimum(), two: [1, 2], three: [2, 4], broadcast: [1, 3] },
  multiply: { make: () => layers.multiply(), two: [1, 2], three: [2, 4], broadcast: [1, 3] },
  subtract: { make: () => layers.subtract(), two: [1, 1], broadcast: [1, 2] },
};

for (const [name, { make, two, three, broadcast }] of Object.entries(MAKES)) {
  layerSuite(name, {
    make,
    inputShapes: [
      [3, 4, 5],
      [3, 4, 5],
    ],
    outputShapes: [[3, 4, 5]],
    crossings: two,
  });
  layerSuite(`${name} of a sequence and a vector`, {
    make,
    inputShapes: [
      [3, 4, 5],
      [3, 5],
    ],
    outputShapes: [[3, 4, 5]],
    crossings: broadcast,
  });
  if (three)
    layerSuite(`${name} of three`, {
      make,
      inputShapes: [
        [2, 5],
        [2, 5],
        [2, 5],
      ],
      outputShapes: [[2, 5]],
      crossings: three,
    });
}

layerSuite('add of three that broadcast', {
  make: () => layers.add(),
  inputShapes: [
    [2, 1, 5],
    [2, 3, 1],
    [2, 3, 5],
  ],
  outputShapes: [[2, 3, 5]],
  crossings: [2, 2],
});
layerSuite('dot of vectors', {
  make: () => layers.dot({ axes: 1 }),
  inputShapes: [
    [3, 5],
    [3, 5],
  ],
  outputShapes: [[3, 1]],
  crossings: [2, 2],
});
layerSuite('dot of images and a sequence', {
  make: () => layers.dot({ axes: [3, 1] }),
  inputShapes: [
    [2, 3, 4, 5],
    [2, 5, 3],
  ],
  outputShapes: [[2, 3, 4, 3]],
  crossings: [3, 5],
});
layerSuite('dot of sequences, normalised', {
  make: () => layers.dot({ axes: [2, 1], normalize: true }),
  inputShapes: [
    [2, 4, 5],
    [2, 5, 3],
  ],
  outputShapes: [[2, 4, 3]],
  crossings: [5, 7],
});

test('a step is valid if it is valid in any input; what is masked does not count in a product or a maximum', () => {
  const x = tensor([[[2], [3], [5]]]);
  const y = tensor([[[7], [11], [13]]]);
  const masks = [mask([[1, 0, 0]]), mask([[1, 1, 0]])];
  const run = (layer: Layer): number[] => {
    const ctx = new StandaloneContext({ masks });
    const values = Array.from((layer.forward([x, y], ctx)[0] as Tensor).data(), Number);
    expect(layer.computeMask([x, y], ctx)[0]?.toArray()).toEqual([[1, 1, 0]]);
    return values;
  };
  expect(run(layers.multiply())).toEqual([14, 11, 0]);
  expect(run(layers.maximum())).toEqual([7, 11, 5]);
  expect(run(layers.minimum())).toEqual([2, 11, 5]);
  expect(run(layers.add())).toEqual([9, 14, 18]);
});

test('errors', () => {
  const ctx = new StandaloneContext();
  expectError(() => layers.multiply().forward([randomTensor([2, 3]), randomTensor([2, 4])], ctx), 'ERR_SHAPE', 'broadcast');
  expectError(
    () => layers.subtract().forward([randomTensor([2, 3]), randomTensor([2, 3]), randomTensor([2, 3])], ctx),
    'ERR_ARG',
    '2 inputs',
  );
  expectError(() => layers.dot({ axes: 1 }).forward([randomTensor([2, 3]), randomTensor([2, 4])], ctx), 'ERR_SHAPE', 'one length');
  expectError(
    () =>
      layers.dot({ axes: 0 }).computeOutputShape([
        [2, 3],
        [2, 3],
      ]),
    'ERR_ARG',
    'behind the batch axis',
  );
});
