import { describe, expect, test } from 'vitest';
import { fans } from '../../src/initializers/fans.js';
import {
  getInitializer,
  getSeed,
  initializerConfig,
  initializers,
  registerInitializer,
  setSeed,
  type Initializer,
} from '../../src/initializers/index.js';
import { orthonormalColumns } from '../../src/initializers/orthogonal.js';
import { zeros, type Shape, type Tensor } from '../../src/tensor/tensor.js';
import { accum, exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';

function draw(initializer: Initializer, shape: Shape, dtype: 'float32' | 'float64' = 'float32'): Tensor {
  const weight = zeros(shape, dtype);
  initializer.initialize(weight);
  return weight;
}

function statistics(values: ArrayLike<number>): { mean: number; deviation: number; largest: number } {
  const list = Array.from(values);
  const mean = list.reduce((sum, v) => sum + v, 0) / list.length;
  const deviation = Math.sqrt(list.reduce((sum, v) => sum + (v - mean) ** 2, 0) / list.length);
  return { mean, deviation, largest: list.reduce((most, v) => Math.max(most, Math.abs(v)), 0) };
}

test('constants', () => {
  expect(draw(initializers.zeros(), [3]).toArray()).toEqual([0, 0, 0]);
  expect(draw(initializers.ones(), [2]).toArray()).toEqual([1, 1]);
  expect(draw(initializers.constant({ value: -2.5 }), [2]).toArray()).toEqual([-2.5, -2.5]);
  expect(draw(initializers.identity({ gain: 3 }), [2, 3]).toArray()).toEqual([
    [3, 0, 0],
    [0, 3, 0],
  ]);
});

test('fans', () => {
  expect(fans([])).toEqual({ fanIn: 1, fanOut: 1 });
  expect(fans([7])).toEqual({ fanIn: 7, fanOut: 7 });
  expect(fans([3, 5])).toEqual({ fanIn: 3, fanOut: 5 });
  expect(fans([3, 3, 4, 8])).toEqual({ fanIn: 36, fanOut: 72 });
});

describe('distributions', () => {
  const shape = [60, 100];
  const count = 6000;
  // Standard deviation and bound of each, from its definition.
  const uniform = (limit: number): [number, number] => [limit / Math.sqrt(3), limit];
  const truncated = (stddev: number): [number, number] => [stddev, (2 * stddev) / 0.87962566103423978];
  const cases: [string, Initializer, [number, number]][] = [
    ['randomUniform', initializers.randomUniform({ seed: 1 }), uniform(0.05)],
    ['randomNormal', initializers.randomNormal({ seed: 1 }), [0.05, Infinity]],
    ['truncatedNormal', initializers.truncatedNormal({ seed: 1 }), [0.05 * 0.87962566103423978, 0.1]],
    ['glorotUniform', initializers.glorotUniform({ seed: 1 }), uniform(Math.sqrt(6 / 160))],
    ['glorotNormal', initializers.glorotNormal({ seed: 1 }), truncated(Math.sqrt(2 / 160))],
    ['heUniform', initializers.heUniform({ seed: 1 }), uniform(Math.sqrt(6 / 60))],
    ['heNormal', initializers.heNormal({ seed: 1 }), truncated(Math.sqrt(2 / 60))],
    ['lecunUniform', initializers.lecunUniform({ seed: 1 }), uniform(Math.sqrt(3 / 60))],
    ['lecunNormal', initializers.lecunNormal({ seed: 1 }), truncated(Math.sqrt(1 / 60))],
    [
      'varianceScaling',
      initializers.varianceScaling({ scale: 3, mode: 'fanOut', distribution: 'untruncatedNormal', seed: 1 }),
      [Math.sqrt(3 / 100), Infinity],
    ],
  ];
  for (const [name, initializer, [deviation, bound]] of cases) {
    test(name, () => {
      const found = statistics(draw(initializer, shape).data());
      expect(Math.abs(found.mean)).toBeLessThan((5 * deviation) / Math.sqrt(count));
      expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * count));
      expect(found.largest).toBeLessThanOrEqual(bound * (1 + 1e-6));
    });
  }
});

describe('orthogonal', () => {
  for (const shape of [
    [6, 6],
    [9, 4],
    [4, 9],
    [3, 2, 5],
    [1, 1],
    [64, 256],
  ]) {
    test(`of shape (${shape.join(',')})`, () => {
      const weight = draw(initializers.orthogonal({ gain: 2, seed: 7 }), shape, 'float64');
      const cols = shape.at(-1) as number;
      const rows = weight.size / cols;
      const [tall, wide] = [Math.max(rows, cols), Math.min(rows, cols)];
      const values = weight.data();
      const at = (i: number, j: number): number => values[rows < cols ? j * cols + i : i * cols + j] as number;
      const products: number[] = [];
      const expected: number[] = [];
      for (let a = 0; a < wide; a++) {
        for (let b = 0; b < wide; b++) {
          let sum = 0;
          for (let i = 0; i < tall; i++) sum += at(i, a) * at(i, b);
          products.push(sum);
          expected.push(a === b ? 4 : 0);
        }
      }
      expectClose(products, expected, accum(tall));
    });
  }

  test('the factorisation has a positive diagonal, whatever the rank', () => {
    const a = Float64Array.of(2, 0, 1, 3);
    const q = orthonormalColumns(a.slice(), 2, 2);
    // R = QᵀA.
    expect((q[0] as number) * 2).toBeGreaterThan(0);
    expect((q[2] as number) * 1 + (q[3] as number) * 3).toBeGreaterThan(0);
    expect(Array.from(orthonormalColumns(new Float64Array(4), 2, 2)).every(Number.isFinite)).toBe(true);
  });

  test('errors', () => {
    expectError(() => draw(initializers.orthogonal(), [3]), 'ERR_SHAPE', '(3)');
    expectError(() => draw(initializers.identity(), [3, 3, 3]), 'ERR_SHAPE', 'rank 2');
  });
});

describe('seeds', () => {
  test('the same global seed gives the same weights, in the order of use', () => {
    const both = (): number[][] =>
      [draw(initializers.glorotUniform(), [5, 5]), draw(initializers.randomNormal(), [5])].map((w) => Array.from(w.data()));
    setSeed(12);
    const first = both();
    expect(getSeed()).toBe(12);
    setSeed(12);
    expect(both()).toEqual(first);
    expect(both()).not.toEqual(first);
    setSeed(13);
    expect(both()).not.toEqual(first);
  });

  test('an initializer with a seed gives the same values at every use', () => {
    const initializer = initializers.heNormal({ seed: 3 });
    expectClose(draw(initializer, [4, 4]), draw(initializer, [4, 4]), exact());
  });

  test('float64 weights receive the float32 draws', () => {
    const initializer = initializers.heNormal({ seed: 3 });
    expectClose(draw(initializer, [4, 4], 'float64').data(), draw(initializer, [4, 4]).data(), exact());
  });

  test('errors', () => {
    expectError(() => setSeed(-1), 'ERR_ARG', '[setSeed]', '-1');
    expectError(() => setSeed(1.5), 'ERR_ARG', '1.5');
    expectError(() => setSeed(2 ** 32), 'ERR_ARG');
    expectError(() => initializers.heNormal({ seed: Number.NaN }), 'ERR_ARG', 'NaN');
  });
});

describe('getInitializer', () => {
  test('every initializer is rebuilt from its configuration', () => {
    for (const [name, make] of Object.entries(initializers)) {
      const initializer = (make as (options: object) => Initializer)({ seed: 5 });
      const config = initializerConfig(initializer);
      const again = getInitializer('test', JSON.parse(JSON.stringify(config)) as typeof config);
      expect(again.constructor).toBe(initializer.constructor);
      expect(initializerConfig(again)).toEqual(config);
      expect(getInitializer('test', name as keyof typeof initializers).className).toBe(initializer.className);
    }
  });

  test("knows Keras' names", () => {
    expect(getInitializer('test', 'glorot_uniform' as never).className).toBe('GlorotUniform');
    expect(getInitializer('test', { className: 'TruncatedNormal', config: { stddev: 0.1 } }).getConfig()).toEqual({ mean: 0, stddev: 0.1 });
  });

  test('takes one of your own', () => {
    const own: Initializer = { className: 'Sevens', initialize: (w) => void w.data().fill(7), getConfig: () => ({}) };
    expect(getInitializer('test', own)).toBe(own);
    registerInitializer('Sevens', () => own);
    expect(getInitializer('test', { className: 'Sevens', config: {} })).toBe(own);
  });

  test('errors', () => {
    expectError(() => getInitializer('dense', 'xavier' as never), 'ERR_ARG', '[dense]', 'glorotUniform', 'xavier');
    expectError(() => initializers.varianceScaling({ scale: 0 }), 'ERR_ARG', 'scale');
    expectError(() => initializers.varianceScaling({ mode: 'fan_in' as never }), 'ERR_ARG', 'fanIn');
    expectError(() => initializers.varianceScaling({ distribution: 'normal' as never }), 'ERR_ARG', 'uniform');
    expectError(() => initializers.randomUniform({ minval: 1, maxval: 0 }), 'ERR_ARG', 'minval');
    expectError(() => initializers.randomNormal({ stddev: -1 }), 'ERR_ARG', 'stddev');
    expectError(() => initializers.constant({ value: '1' as never }), 'ERR_ARG', 'string');
  });
});
