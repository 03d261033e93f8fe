import { describe, expect, it } from 'vitest';
import { expectBits, expectClose, expectError, expectSameBitsEverywhere, guardedCopy, native, randomFloats, toDouble } from './helpers.js';

const LENGTHS = [0, 1, 15, 16, 17, 1000, 70_001];

describe('sgd', () => {
  for (const n of LENGTHS) {
    it(`${n} values, three steps: plain, momentum, Nesterov`, () => {
      const w = randomFloats(n, 1);
      const g = randomFloats(n, 2);
      for (const [momentum, nesterov] of [[null, false], [0.9, false], [0.9, true]] as const) {
        const steps = (copy: (x: Float32Array) => Float32Array | Float64Array) => {
          const weights = copy(w);
          const gradient = copy(g);
          const velocity = momentum === null ? null : copy(new Float32Array(n));
          for (let step = 0; step < 3; step++) native.sgd(weights, gradient, velocity, 0.01, momentum ?? 0, nesterov);
          expectBits(gradient, copy(g), 'g is only read');
          return { weights, velocity: velocity ?? copy(new Float32Array(0)) };
        };
        const got = expectSameBitsEverywhere('sgd', () => steps((x) => guardedCopy(x)));
        const inDouble = steps(toDouble);
        expectClose(got.weights, inDouble.weights, 4e-7, 'w');
        expectClose(got.velocity, inDouble.velocity, 4e-7, 'velocity');
      }
    });
  }
  it('is Keras’ formula, in double', () => {
    const w = Float64Array.of(1);
    const m = Float64Array.of(0.2);
    native.sgd(w, Float64Array.of(3), null, 0.1, 0, false);
    expectClose(w, [0.7], 1e-15);
    native.sgd(w, Float64Array.of(3), m, 0.1, 0.5, false);
    expectClose([...m, ...w], [-0.2, 0.5], 1e-15);
    native.sgd(w, Float64Array.of(3), m, 0.1, 0.5, true);
    expectClose([...m, ...w], [-0.4, 0], 1e-15);
  });
});

describe('adam', () => {
  for (const n of LENGTHS) {
    it(`${n} values, five steps`, () => {
      const w = randomFloats(n, 3);
      const g = randomFloats(n, 4);
      g.fill(0, 0, n / 4);
      const steps = (copy: (x: Float32Array) => Float32Array | Float64Array) => {
        const [weights, gradient, m, v] = [copy(w), copy(g), copy(new Float32Array(n)), copy(new Float32Array(n))] as const;
        for (let t = 1; t <= 5; t++) native.adam(weights, gradient, m, v, (0.01 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t), 0.9, 0.999, 1e-7);
        return { weights, m, v };
      };
      const got = expectSameBitsEverywhere('adam', () => steps((x) => guardedCopy(x)));
      const inDouble = steps(toDouble);
      expectClose(got.weights, inDouble.weights, 1e-6, 'w');
      expectClose(got.m, inDouble.m, 1e-6, 'm', 1e-3);
      expectClose(got.v, inDouble.v, 1e-5, 'v', 1e-6);
      expectBits(got.weights.subarray(0, n / 4) as Float32Array, w.subarray(0, n / 4), 'no gradient, no step');
    });
  }
  it('rows that never occurred stay, signs of zeros included, and 0/0 shows where epsilon is 0', () => {
    const n = 100;
    const at = (every: number, value: number): Float32Array => Float32Array.from({ length: n }, (_, i) => (i >= 48 && i % every === 0 ? value : 0));
    const w = Float32Array.from({ length: n }, (_, i) => (i % 3 === 0 ? -0 : i));
    for (const epsilon of [1e-7, 0]) {
      const got = expectSameBitsEverywhere(`adam with epsilon ${epsilon}`, () => {
        const [weights, m, v] = [guardedCopy(w), guardedCopy(at(16, -0)), guardedCopy(at(5, 0.01))] as const;
        native.adam(weights, at(7, 0.5), m, v, 0.01, 0.9, 0.999, epsilon);
        return { weights, m, v };
      });
      const still = got.weights.subarray(0, 48) as Float32Array;
      if (epsilon > 0) expectBits(still, w.subarray(0, 48), 'rows without a gradient');
      else expect(still.every(Number.isNaN)).toBe(true);
    }
  });
  it('is Keras’ formula with epsilon outside the root, in double', () => {
    const [w, m, v] = [Float64Array.of(1), Float64Array.of(0.1), Float64Array.of(0.04)];
    native.adam(w, Float64Array.of(0.5), m, v, 0.01, 0.9, 0.99, 0.1);
    const m1 = 0.1 + 0.4 * (1 - 0.9);
    const v1 = 0.04 + (0.25 - 0.04) * (1 - 0.99);
    expectClose([...m, ...v, ...w], [m1, v1, 1 - (0.01 * m1) / (Math.sqrt(v1) + 0.1)], 1e-15);
  });
  it('tiny gradients do not vanish, NaN shows', () => {
    const [w, m, v] = [Float32Array.of(1, 1), new Float32Array(2), new Float32Array(2)];
    native.adam(w, Float32Array.of(1e-12, NaN), m, v, 0.001, 0.9, 0.999, 1e-7);
    expect(m[0]).toBeGreaterThan(0);
    expect(w[1]).toBeNaN();
  });
});

type Floats = Float32Array | Float64Array;
/** Optimizers beside SGD and Adam: number of states, where they start, and one step. */
const ADAPTIVE: Record<string, { starts: number[]; step: (w: Floats, g: Floats, s: Floats[], t: number) => void }> = {
  amsgrad: { starts: [0, 0, 0], step: (w, g, [m, v, h], t) => native.amsgrad(w, g, m!, v!, h!, (0.01 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t), 0.9, 0.999, 1e-7) },
  adamax: { starts: [0, 0], step: (w, g, [m, u], t) => native.adamax(w, g, m!, u!, 0.01 / (1 - 0.9 ** t), 0.9, 0.999, 1e-7) },
  nadam: { starts: [0, 0], step: (w, g, [m, v], t) => native.nadam(w, g, m!, v!, 0.01, 0.005, 0.9, 0.999, 1 / (1 - 0.999 ** t), 1e-7) },
  rmsprop: { starts: [0], step: (w, g, [v]) => native.rmsprop(w, g, v!, null, null, 0.01, 0.9, 0, 1e-7) },
  'rmsprop with momentum': { starts: [0, 0], step: (w, g, [v, m]) => native.rmsprop(w, g, v!, m!, null, 0.01, 0.9, 0.5, 1e-7) },
  'rmsprop, centered': { starts: [0, 0, 0], step: (w, g, [v, m, a]) => native.rmsprop(w, g, v!, m!, a!, 0.01, 0.9, 0.5, 1e-3) },
  adagrad: { starts: [0.1], step: (w, g, [a]) => native.adagrad(w, g, a!, 0.01, 1e-7) },
  adadelta: { starts: [0, 0], step: (w, g, [a, d]) => native.adadelta(w, g, a!, d!, 0.5, 0.95, 1e-4) },
  lion: { starts: [0], step: (w, g, [m]) => native.lion(w, g, m!, 0.01, 0.9, 0.99) },
  ftrl: { starts: [0.1, 0], step: (w, g, [a, l]) => native.ftrl(w, g, a!, l!, 0.1, 0.5, 0.01, 0.02, 0.03) },
  'ftrl with another power': { starts: [0.1, 0], step: (w, g, [a, l]) => native.ftrl(w, g, a!, l!, 0.1, 0.4, 0.01, 0.02, 0) },
  'a moving average': { starts: [0], step: (w, _, [a], t) => native.movingAverage(w, a!, t === 1 ? 1 : 0.1) },
};

describe.each(Object.entries(ADAPTIVE))('%s', (name, { starts, step }) => {
  it.each(LENGTHS)('%d values, four steps: the same bits everywhere, close to double', (n) => {
    const w = randomFloats(n, 5);
    const gradients = [1, 2, 3, 4].map((t) => randomFloats(n, 10 + t));
    const steps = (copy: (x: Float32Array) => Floats) => {
      const weights = copy(w);
      const states = starts.map((value) => copy(new Float32Array(n).fill(value)));
      gradients.forEach((g, i) => {
        const gradient = copy(g);
        step(weights, gradient, states, i + 1);
        expectBits(gradient, copy(g), 'g is only read');
      });
      return { weights, ...Object.fromEntries(states.map((s, i) => [`state${i}`, s])) } as Record<string, Floats>;
    };
    const got = expectSameBitsEverywhere(name, () => steps((x) => guardedCopy(x)));
    const inDouble = steps(toDouble);
    // Where terms cancel: the centered deviation, the power by logarithms.
    for (const key of Object.keys(got)) expectClose(got[key] as Floats, inDouble[key] as Floats, name === 'rmsprop, centered' ? 3e-5 : 5e-6, key);
  });
  it('no gradient leaves no denormals, and NaN shows', () => {
    const got = expectSameBitsEverywhere(name, () => {
      const weights = guardedCopy(Float32Array.of(1, 1, NaN));
      const states = starts.map(() => guardedCopy(Float32Array.of(1e-29, 1e-38, 0.1)));
      step(weights, Float32Array.of(1e-30, 0, NaN), states, 2);
      return { weights, ...Object.fromEntries(states.map((s, i) => [`state${i}`, s])) };
    });
    expect(got.weights[2]).toBeNaN();
  });
  it('refuses states of another length', () => {
    const states = starts.map(() => new Float32Array(3));
    states[0] = new Float32Array(2);
    expectError(() => step(new Float32Array(3), new Float32Array(3), states, 1), 'ERR_SHAPE', /of 3 values, received 2/);
  });
});

describe('optimizers refuse', () => {
  it('wrong lengths and types', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    expectError(() => native.sgd(f(3), f(2), null, 0.1, 0, false), 'ERR_SHAPE', /\[sgd\] expected g of 3 values, received 2/);
    expectError(() => native.sgd(f(3), f(3), f(4), 0.1, 0.9, false), 'ERR_SHAPE', /velocity of 3/);
    expectError(() => native.sgd(f(3), new Float64Array(3), null, 0.1, 0, false), 'ERR_DTYPE', /g to be float32/);
    expectError(() => native.adam(f(3), f(3), f(2), f(3), 0.1, 0.9, 0.999, 1e-7), 'ERR_SHAPE', /m of 3/);
    expectError(() => native.adam(f(3), f(3), f(3), new Int32Array(3), 0.1, 0.9, 0.999, 1e-7), 'ERR_DTYPE', /v to be float32, received int32/);
  });
});
