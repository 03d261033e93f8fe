import { describe, expect, test } from 'vitest';
import * as constraints from '../../src/constraints/index.js';
import { getConstraint, registerConstraint, type Constraint, type ConstraintOption } from '../../src/constraints/index.js';
import { layers } from '../../src/layers/index.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';
import { expectClose, exact, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { randomTensor } from '../helpers/random-tensor.js';

describe('constraints', () => {
  test('names and refusals', () => {
    expect(getConstraint('dense', 'max_norm' as ConstraintOption).className).toBe('MaxNorm');
    expectError(() => getConstraint('dense', 'big' as ConstraintOption), 'ERR_ARG', 'unitNorm', 'big');
    expectError(() => constraints.maxNorm({ maxValue: 0 }), 'ERR_ARG', 'maxValue > 0');
    expectError(() => constraints.minMaxNorm({ minValue: 2, maxValue: 1 }), 'ERR_ARG', 'minValue <= maxValue');
    expectError(() => constraints.minMaxNorm({ rate: 2 }), 'ERR_ARG', 'rate');
    expectError(() => constraints.unitNorm({ axis: 2 }).apply(tensor([[1]])), 'ERR_ARG', 'rank 2');
  });

  test.each([0, 1, 2, [0, 1], [1, 0], [1, 2], [0, 2], [0, 1, 2]])('lengths along axis %j', (axis) => {
    const shape = [2, 3, 4];
    const axes = typeof axis === 'number' ? [axis] : axis;
    const before = randomTensor(shape, 5);
    const w = before.clone();
    constraints.maxNorm({ maxValue: 0.5, axis }).apply(w);
    const place = (i: number): string => [Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4].filter((_, a) => !axes.includes(a)).join();
    const squares = new Map<string, number>();
    for (const [i, v] of before.data().entries()) squares.set(place(i), (squares.get(place(i)) ?? 0) + v * v);
    const expected = before.data().map((v, i) => {
      const norm = Math.sqrt(squares.get(place(i)) as number);
      return (v * Math.min(norm, 0.5)) / (1e-7 + norm);
    });
    expectClose(w, expected, within(1e-6));
  });

  test('a zero vector stays, another keeps its direction; a negative axis counts from the end', () => {
    const w = tensor([
      [3, 4],
      [0, 0],
    ]);
    constraints.unitNorm({ axis: -1 }).apply(w);
    expectClose(w, [0.6, 0.8, 0, 0], within(1e-6));
  });

  test('one of your own is made known by its class name', () => {
    class Halved implements Constraint {
      readonly className = 'Halved';
      apply = (): void => {};
      getConfig = (): Record<string, unknown> => ({});
    }
    const config = { className: 'Halved', config: {} };
    expectError(() => layers.dense({ units: 2, kernelConstraint: config }), 'ERR_ARG', 'registerConstraint');
    registerConstraint('Halved', () => new Halved());
    expect(layers.dense({ units: 2, kernelConstraint: config }).getConfig()['kernelConstraint']).toEqual(config);
  });

  test('holds after each update of a model', () => {
    const model = new Sequential([layers.dense({ units: 2, inputShape: [3], kernelConstraint: 'unitNorm', biasConstraint: 'nonNeg' })]);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    for (let i = 0; i < 3; i++) model.trainOnBatch(tensor([[1, 2, 3]]), tensor([[-5, -5]]));
    const [kernel, bias] = model.trainableWeights.map((w) => Array.from(w.value.data())) as [number[], number[]];
    for (const unit of [0, 1])
      expect(Math.hypot(kernel[unit] as number, kernel[2 + unit] as number, kernel[4 + unit] as number)).toBeCloseTo(1, 5);
    expectClose(bias, [0, 0], exact());
  });
});
