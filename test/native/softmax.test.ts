import { describe, expect, it } from 'vitest';
import {
  accum,
  dot,
  expectBits,
  expectClose,
  expectError,
  expectGradient,
  expectSameBitsEverywhere,
  guardedCopy,
  native,
  output,
  outputDouble,
  randomFloats,
  randomInts,
  toDouble,
} from './helpers.js';

/** One column, odd tails, exactly one and two vectors, longer than a chunk, and big enough to be threaded. */
const SHAPES: [number, number][] = [
  [0, 3], [1, 1], [5, 3], [7, 10], [33, 16], [9, 17], [11, 32], [4, 44], [3, 300], [2, 1027], [2501, 10], [1500, 3], [120, 333],
]; // prettier-ignore

function oneHot(labels: Int32Array, cols: number): Float32Array {
  const t = new Float32Array(labels.length * cols);
  labels.forEach((label, row) => (t[row * cols + label] = 1));
  return t;
}
function softTargets(rows: number, cols: number): Float32Array {
  return randomFloats(rows * cols, 31).map((v, i) => (i % 4 === 0 ? 0 : Math.abs(v)));
}

describe('softmax', () => {
  for (const [rows, cols] of SHAPES) {
    it(`${rows}x${cols}: the same bits everywhere, close to double`, () => {
      const x = randomFloats(rows * cols, 1, 12);
      const dy = randomFloats(rows * cols, 2);
      const got = expectSameBitsEverywhere('softmax', () => {
        const y = output(rows * cols);
        const dx = output(rows * cols);
        native.softmaxForward(x, y, rows, cols);
        native.softmaxBackward(y, dy, dx, rows, cols);
        const inPlace = guardedCopy(x);
        native.softmaxForward(inPlace, inPlace, rows, cols);
        const overDy = guardedCopy(dy);
        native.softmaxBackward(y, overDy, overDy, rows, cols);
        return { y, dx, inPlace, overDy };
      });
      expectBits(got.inPlace, got.y, 'in place');
      expectBits(got.overDy, got.dx, 'dx over dy');
      const y = outputDouble(rows * cols);
      const dx = outputDouble(rows * cols);
      native.softmaxForward(toDouble(x), y, rows, cols);
      native.softmaxBackward(y, toDouble(dy), dx, rows, cols);
      expectClose(got.y, y, accum(cols), 'y', 1e-3);
      expectClose(got.dx, dx, accum(cols), 'dx');
      for (let r = 0; r < rows; r++) expect(y.subarray(r * cols, (r + 1) * cols).reduce((s, v) => s + v, 0)).toBeCloseTo(1, 12);
    });
  }

  it('double backward is the gradient of double forward', () => {
    const [rows, cols] = [5, 19];
    const x = toDouble(randomFloats(rows * cols, 3, 3));
    const dy = toDouble(randomFloats(rows * cols, 4));
    const y = new Float64Array(rows * cols);
    const dx = new Float64Array(rows * cols);
    const loss = (): number => (native.softmaxForward(x, y, rows, cols), dot(y, dy));
    loss();
    native.softmaxBackward(y.slice(), dy, dx, rows, cols);
    expectGradient(loss, x, dx, 'softmax');
  });

  it('huge logits, -inf and NaN', () => {
    const x = Float32Array.of(1e30, 1e30, -1e30, 2, -Infinity, 2, 1, NaN, 3, -Infinity, -Infinity, -Infinity, Infinity, 1, 2);
    const { y } = expectSameBitsEverywhere('softmax', () => {
      const out = output(15);
      native.softmaxForward(x, out, 5, 3);
      return { y: out };
    });
    expect([...y]).toEqual([0.5, 0.5, 0, 0.5, 0, 0.5, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN]);
  });

  it('refuses wrong lengths, types and no columns', () => {
    const x = new Float32Array(6);
    expectError(() => native.softmaxForward(x, new Float32Array(5), 2, 3), 'ERR_SHAPE', /\[softmaxForward\] expected y of 6 values, received 5/);
    expectError(() => native.softmaxForward(x, new Float64Array(6), 2, 3), 'ERR_DTYPE', /y to be float32, received float64/);
    expectError(() => native.softmaxForward(x, x, 2, 0), 'ERR_SHAPE', /at least 1 column/);
    expectError(() => native.softmaxBackward(x, new Int32Array(6), x, 2, 3), 'ERR_DTYPE', /dy/);
  });
});

describe('softmax with cross-entropy', () => {
  for (const [rows, cols] of SHAPES) {
    it(`${rows}x${cols}: labels and soft targets, weighted or not`, () => {
      const z = randomFloats(rows * cols, 5, 15);
      const labels = randomInts(rows, 6, cols);
      const hot = oneHot(labels, cols);
      const soft = softTargets(rows, cols);
      const weight = randomFloats(rows, 7).map(Math.abs);
      const scale = 1 / 7;
      for (const [target, w] of [[labels, null], [labels, weight], [hot, weight], [soft, weight]] as const) {
        const got = expectSameBitsEverywhere('cross-entropy', () => {
          const probs = output(rows * cols);
          const loss = output(rows);
          const dz = output(rows * cols);
          native.softmaxCrossEntropy(z, target, w, probs, loss, dz, rows, cols, scale);
          const dzAlone = output(rows * cols);
          native.softmaxCrossEntropy(z, target, w, probs, null, dzAlone, rows, cols, scale);
          const overZ = guardedCopy(z);
          native.softmaxCrossEntropy(overZ, target, w, overZ, null, null, rows, cols, scale);
          const dzOverZ = guardedCopy(z);
          native.softmaxCrossEntropy(dzOverZ, target, w, probs, null, dzOverZ, rows, cols, scale);
          return { probs, loss, dz, dzAlone, overZ, dzOverZ };
        });
        expectBits(got.dzAlone, got.dz, 'dz without loss');
        expectBits(got.overZ, got.probs, 'probs over z');
        expectBits(got.dzOverZ, got.dz, 'dz over z');
        const y = output(rows * cols);
        native.softmaxForward(z, y, rows, cols);
        expectBits(got.probs, y, 'probs equal softmax');
        const probs = outputDouble(rows * cols);
        const loss = outputDouble(rows);
        const dz = outputDouble(rows * cols);
        const target64 = target instanceof Int32Array ? target : toDouble(target);
        native.softmaxCrossEntropy(toDouble(z), target64, w && toDouble(w), probs, loss, dz, rows, cols, scale);
        const size = target === soft ? cols : 1;
        expectClose(got.loss, loss, accum(cols), 'loss', 30 * size);
        expectClose(got.dz, dz, accum(cols), 'dz', size);
        if (target === hot) {
          const sparse = { probs: output(rows * cols), loss: output(rows), dz: output(rows * cols) };
          native.softmaxCrossEntropy(z, labels, w, sparse.probs, sparse.loss, sparse.dz, rows, cols, scale);
          expectBits(got.loss, sparse.loss, 'one-hot loss equals labels');
          expectBits(got.dz, sparse.dz, 'one-hot dz equals labels');
        }
      }
    });
  }

  it('is −log p by the formula, in double', () => {
    const z = Float64Array.of(1, 2, 4, 0, 0, 0);
    const probs = new Float64Array(6);
    const loss = new Float64Array(2);
    const dz = new Float64Array(6);
    native.softmaxCrossEntropy(z, Int32Array.of(1, 2), Float64Array.of(1, 3), probs, loss, dz, 2, 3, 0.5);
    const sum = Math.E + Math.exp(2) + Math.exp(4);
    expectClose(loss, [Math.log(sum) - 2, 3 * Math.log(3)], 1e-15);
    expectClose(dz, [0.5 * (Math.E / sum), 0.5 * (Math.exp(2) / sum - 1), 0.5 * (Math.exp(4) / sum), 0.5, 0.5, -1], 1e-15);
  });

  it('double dz is the gradient of the weighted loss', () => {
    const [rows, cols] = [4, 11];
    const z = toDouble(randomFloats(rows * cols, 8, 3));
    const weight = toDouble(randomFloats(rows, 9).map(Math.abs));
    const probs = new Float64Array(rows * cols);
    const values = new Float64Array(rows);
    for (const target of [randomInts(rows, 10, cols), toDouble(softTargets(rows, cols))]) {
      const dz = new Float64Array(rows * cols);
      const loss = (): number => {
        native.softmaxCrossEntropy(z, target, weight, probs, values, null, rows, cols, 1);
        return 0.25 * values.reduce((s, v) => s + v, 0);
      };
      native.softmaxCrossEntropy(z, target, weight, probs, null, dz, rows, cols, 0.25);
      expectGradient(loss, z, dz, 'cross-entropy');
    }
  });

  it('a confident wrong answer costs its logit difference; a masked logit with target 0 costs nothing', () => {
    const z = Float32Array.of(200, 0, -Infinity);
    const loss = new Float32Array(1);
    native.softmaxCrossEntropy(z, Int32Array.of(1), null, new Float32Array(3), loss, null, 1, 3, 1);
    expect(loss[0]).toBe(200);
    native.softmaxCrossEntropy(z, Float32Array.of(0, 1, 0), null, new Float32Array(3), loss, null, 1, 3, 1);
    expect(loss[0]).toBe(200);
    native.softmaxCrossEntropy(z, Int32Array.of(2), null, new Float32Array(3), loss, null, 1, 3, 1);
    expect(loss[0]).toBe(Infinity);
  });

  it('a label out of range is named before anything is computed', () => {
    const z = new Float32Array(6);
    const probs = output(6);
    for (const bad of [3, -1]) {
      expectError(
        () => native.softmaxCrossEntropy(z, Int32Array.of(0, bad), null, probs, null, null, 2, 3, 1),
        'ERR_DATA',
        new RegExp(`class numbers in \\[0,3\\), received ${bad} in row 1`),
      );
    }
    expect(probs.every(Number.isNaN)).toBe(true);
  });

  it('refuses wrong lengths and types', () => {
    const z = new Float32Array(6);
    const call = (target: Int32Array | Float32Array | Float64Array, weight: Float32Array | null, dz: Float32Array | null) => () =>
      native.softmaxCrossEntropy(z, target, weight, z, null, dz, 2, 3, 1);
    expectError(call(new Int32Array(6), null, null), 'ERR_SHAPE', /target of 2 values, received 6/);
    expectError(call(new Float32Array(2), null, null), 'ERR_SHAPE', /target of 6 values, received 2/);
    expectError(call(new Float64Array(6), null, null), 'ERR_DTYPE', /target to be float32, received float64/);
    expectError(call(new Int32Array(2), new Float32Array(3), null), 'ERR_SHAPE', /weight/);
    expectError(call(new Int32Array(2), null, new Float32Array(3)), 'ERR_SHAPE', /dz/);
  });
});
