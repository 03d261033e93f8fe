import { expect, test } from 'vitest';
import { getThreads, setThreads } from '../../src/backend/threads.js';
import { layerFromKeras } from '../../src/keras/config/layer-from-keras.js';
import { Problems } from '../../src/keras/problems.js';
import { layers, layerFromConfig, Sequential, StandaloneContext, type Layer } from '../../src/index.js';
import { setSeed } from '../../src/initializers/seed.js';
import { philox4x32 } from '../../src/tensor/random.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite, type LayerCase } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

const CASES: Record<string, { make: () => Layer; output?: LayerCase['outputShapes'][number] }> = {
  'randomFlip horizontal': { make: () => layers.randomFlip({ mode: 'horizontal', seed: 3 }) },
  'randomFlip both': { make: () => layers.randomFlip({ seed: 3 }) },
  'randomTranslation reflect': { make: () => layers.randomTranslation({ heightFactor: 0.4, widthFactor: 0.3, seed: 3 }) },
  'randomTranslation constant': {
    make: () => layers.randomTranslation({ heightFactor: [0.1, 0.5], widthFactor: -0.4, fillMode: 'constant', fillValue: 2, seed: 3 }),
  },
  'randomTranslation wrap': { make: () => layers.randomTranslation({ heightFactor: 1, widthFactor: 0.3, fillMode: 'wrap', seed: 4 }) },
  'randomTranslation nearest': {
    make: () => layers.randomTranslation({ heightFactor: 0.6, widthFactor: 0.6, fillMode: 'nearest', interpolation: 'nearest', seed: 5 }),
  },
  randomCrop: { make: () => layers.randomCrop({ height: 2, width: 4, seed: 3 }), output: [3, 2, 4, 2] },
};
for (const [name, { make, output = [3, 4, 5, 2] }] of Object.entries(CASES))
  layerSuite(name, { make, inputShapes: [[3, 4, 5, 2]], outputShapes: [output], crossings: [0, 0], drops: true });

type Image = number[][][];
const built = (layer: Layer, shape: readonly number[]): Layer => {
  layer.build([[null, ...shape.slice(1)]], 'float32');
  return layer;
};
const run = (layer: Layer, x: Tensor, step: number, training = true): Image[] =>
  (layer.forward([x], new StandaloneContext({ step, training }))[0] as Tensor).toArray() as Image[];
/** What is drawn for an image, by the key that the layer keeps. */
const drawn = (layer: Layer, image: number, step: number): number[] => {
  const { seed, stream } = layer.getConfig()['randomKey'] as { seed: number; stream: number };
  return philox4x32([image, 0, step, 0], [seed, stream]).map((w) => w / 2 ** 32);
};
const close = (a: Image, b: Image): void =>
  a.flat(2).forEach((v, i) => expect(v).toBeCloseTo(b.flat(2)[i] as number, 5)); // prettier-ignore

test('flips half of the images, each by itself, another half at the next step', () => {
  const x = randomTensor([200, 2, 3, 1], 1);
  const images = x.toArray() as Image[];
  const layer = built(layers.randomFlip({ mode: 'vertical', seed: 1 }), x.shape);
  const flipped = (step: number): boolean[] =>
    run(layer, x, step).map((y, n) => {
      const flips = (drawn(layer, n, step)[0] as number) <= 0.5;
      expect(y).toEqual(flips ? images[n]?.toReversed() : images[n]);
      return flips;
    });
  const [first, second] = [flipped(0), flipped(1)];
  expect(first).not.toEqual(second);
  const share = first.filter(Boolean).length;
  expect(share).toBeGreaterThan(70);
  expect(share).toBeLessThan(130);
});

test('translates like plain loops: each place between four pixels, the image mirrored at its edge', () => {
  const [N, H, W] = [20, 5, 6];
  const x = randomTensor([N, H, W, 2], 2);
  const images = x.toArray() as Image[];
  const layer = built(layers.randomTranslation({ heightFactor: [-1, 0.5], widthFactor: 0.7, seed: 2 }), x.shape);
  // Steps from edge to edge, one place at a time.
  const mirrored = (i: number, n: number): number => {
    let [at, way] = [0, 1];
    for (let k = 0; k < Math.abs(i < 0 ? i + 1 : i); k++) {
      if (at + way < 0 || at + way >= n) way = -way;
      else at += way;
    }
    return at;
  };
  for (const [n, y] of run(layer, x, 7).entries()) {
    const [u = 0, v = 0] = drawn(layer, n, 7);
    const [down, right] = [(-1 + u * 1.5) * H, (-0.7 + v * 1.4) * W];
    const expected = Array.from({ length: H }, (_, i) =>
      Array.from({ length: W }, (__, j) =>
        [0, 1].map((c) => {
          const [r, s] = [i - down, j - right];
          let sum = 0;
          for (const a of [Math.floor(r), Math.floor(r) + 1])
            for (const b of [Math.floor(s), Math.floor(s) + 1])
              sum += (1 - Math.abs(r - a)) * (1 - Math.abs(s - b)) * (images[n]?.[mirrored(a, H)]?.[mirrored(b, W)]?.[c] ?? Number.NaN);
          return sum;
        }),
      ),
    );
    close(y, expected);
  }
});

test('fills what comes in from outside as it is told', () => {
  const x = tensor(new Float32Array([1, 2, 3, 4]), [1, 1, 4, 1]);
  const moved = (fillMode: 'reflect' | 'constant' | 'wrap' | 'nearest', by: number): number[] => {
    const layer = built(layers.randomTranslation({ heightFactor: 0, widthFactor: [by, by], fillMode, fillValue: 9, seed: 1 }), x.shape);
    return run(layer, x, 0).flat(3);
  };
  expect(moved('reflect', 0.5)).toEqual([2, 1, 1, 2]);
  expect(moved('reflect', -0.5)).toEqual([3, 4, 4, 3]);
  expect(moved('constant', 0.5)).toEqual([9, 9, 1, 2]);
  expect(moved('wrap', 0.5)).toEqual([3, 4, 1, 2]);
  expect(moved('nearest', 0.5)).toEqual([1, 1, 1, 2]);
  expect(moved('constant', 0.125)).toEqual([5, 1.5, 2.5, 3.5]);
});

test('crops a piece at a place of its own from each image, the middle where nothing is trained', () => {
  const x = randomTensor([40, 5, 6, 2], 3);
  const images = x.toArray() as Image[];
  const layer = built(layers.randomCrop({ height: 3, width: 4, seed: 1 }), x.shape);
  const piece = (n: number, top: number, left: number): Image => (images[n] as Image).slice(top, top + 3).map((row) => row.slice(left, left + 4)); // prettier-ignore
  const places = run(layer, x, 5).map((y, n) => {
    const [u = 0, v = 0] = drawn(layer, n, 5);
    const [top, left] = [Math.floor(u * 3), Math.floor(v * 3)];
    expect(y).toEqual(piece(n, top, left));
    return `${top} ${left}`;
  });
  expect(new Set(places).size).toBe(9);
  run(layer, x, 5, false).forEach((y, n) => expect(y).toEqual(piece(n, 1, 1)));
});

test('one seed, one result: for any number of threads, and resumed at any step', async () => {
  const threads = getThreads();
  const trained = async (n: number): Promise<unknown> => {
    setThreads(n);
    setSeed(5);
    const model = new Sequential([
      layers.rescaling({ scale: 1 / 255, inputShape: [6, 6, 1] }),
      layers.randomFlip({ mode: 'horizontal' }),
      layers.zeroPadding2d({ padding: 1 }),
      layers.randomCrop({ height: 6, width: 6 }),
      layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }),
      layers.flatten(),
      layers.dense({ units: 2, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const x = tensor(Uint8Array.from({ length: 20 * 36 }, (_, i) => (i * 37) % 256), [20, 6, 6, 1]); // prettier-ignore
    const { history } = await model.fit(x, tensor(Int32Array.from({ length: 20 }, (_, i) => i % 2), [20]), { epochs: 3, batchSize: 7, verbose: 0 }); // prettier-ignore
    const [once, again] = [await model.predict(x), await model.predict(x)];
    expect(once.toArray()).toEqual(again.toArray());
    return [history, once.toArray()];
  };
  try {
    expect(await trained(2)).toEqual(await trained(1));
  } finally {
    setThreads(threads);
  }
});

test('are loaded from Keras’ configurations', () => {
  const from = (class_name: string, config: object): Layer => {
    const problems = new Problems('', '', '');
    const own = layerFromKeras({ class_name, config: { name: 'layer', trainable: true, dtype: 'float32', ...config } }, 'layer', { problems, version: 3 }); // prettier-ignore
    expect(problems.lines).toEqual([]);
    return layerFromConfig(own);
  };
  const seed = { seed: 7, data_format: 'channels_last' };
  expect(from('RandomFlip', { mode: 'horizontal_and_vertical', ...seed }).getConfig()).toMatchObject({ mode: 'horizontalAndVertical' });
  expect(
    from('RandomTranslation', { height_factor: [-0.1, 0.2], width_factor: 0.3, fill_mode: 'wrap', interpolation: 'nearest', fill_value: 0.5, ...seed }).getConfig(), // prettier-ignore
  ).toMatchObject({ heightFactor: [-0.1, 0.2], widthFactor: 0.3, fillMode: 'wrap', interpolation: 'nearest', fillValue: 0.5 });
  expect(from('RandomCrop', { height: 3, width: 4, ...seed }).getConfig()).toMatchObject({ height: 3, width: 4 });
});

test('errors', () => {
  expectError(() => layers.randomFlip({ mode: 'sideways' as never }), 'ERR_ARG', 'mode', 'sideways');
  expectError(() => layers.randomTranslation({ heightFactor: 2, widthFactor: 0 }), 'ERR_ARG', 'heightFactor', '[-1,1]', '2');
  expectError(() => layers.randomTranslation({ heightFactor: 0, widthFactor: [0.1] as never }), 'ERR_ARG', 'widthFactor');
  expectError(() => layers.randomTranslation({ heightFactor: 0, widthFactor: 0, fillMode: 'black' as never }), 'ERR_ARG', 'fillMode');
  expectError(() => layers.randomTranslation({ heightFactor: 0, widthFactor: 0, fillValue: Number.NaN }), 'ERR_ARG', 'fillValue');
  expectError(() => layers.randomCrop({ height: 0, width: 3 }), 'ERR_ARG', 'height');
  expectError(() => layers.randomCrop({ height: 3, width: 3 }).computeOutputShape([[null, 2, 5, 1]]), 'ERR_SHAPE', '3 x 3', '(?,2,5,1)');
  expectError(() => layers.randomFlip().computeOutputShape([[null, 4, 4]]), 'ERR_SHAPE', 'channel axis');
  expectError(() => layers.randomFlip({ factor: 1 } as never), 'ERR_ARG', 'factor');
});
