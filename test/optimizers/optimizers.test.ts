import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as optimizers from '../../src/optimizers/index.js';
import { getOptimizer, optimizerFromConfig, type OptimizerName } from '../../src/optimizers/index.js';
import { Optimizer } from '../../src/optimizers/optimizer.js';
import { scheduleFromConfig } from '../../src/optimizers/schedule.js';
import { tensor, zeros } from '../../src/tensor/tensor.js';
import { expectClose, exact, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { fixtureFolder, fixtureTensor, readFixture, type FixtureArray } from '../helpers/keras-fixtures.js';

type Named = FixtureArray & { name?: string };

interface OptimizerFixture {
  optimizer: { class_name: string; config: Record<string, unknown> };
  excluded_from_weight_decay: string[] | null;
  finalized?: FixtureArray[] | null;
  variables: Named[];
  gradients: FixtureArray[][];
  learning_rates: number[];
  after_each_step: FixtureArray[][];
  slots: Named[];
}

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
/** Names and settings of Keras that say nothing about the arithmetic here. */
const ELSEWHERE = new Set(['name', 'lossScaleFactor', 'jitCompile']);

/** Keras' configuration in our names. */
function ours(config: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const name = camel(key);
    if (ELSEWHERE.has(name) || value === null) continue;
    const schedule = value as { class_name?: string; config?: Record<string, unknown> };
    if (name === 'learningRate' && schedule.class_name) {
      const inner = Object.fromEntries(
        Object.entries(schedule.config ?? {})
          .filter(([, v]) => v !== null)
          .map(([k, v]) => [camel(k), v]),
      );
      out[name] = { className: schedule.class_name, config: inner };
    } else out[name] = value;
  }
  return out;
}

describe.skipIf(fixtureFolder === null)('optimizers as Keras computes them (set SARAF_FIXTURES to the folder of fixtures)', () => {
  const names = fixtureFolder === null ? [] : readdirSync(join(fixtureFolder, 'optimizers'));
  test('there are fixtures', () => expect(names.length).toBeGreaterThan(40));
  test.each(names)('%s', (name) => {
    const f = readFixture<OptimizerFixture>('optimizers', name);
    const excludeFromWeightDecay = f.excluded_from_weight_decay ?? [];
    const optimizer = optimizerFromConfig(f.optimizer.class_name, { ...ours(f.optimizer.config), excludeFromWeightDecay });
    const weights = f.variables.map(fixtureTensor);
    f.gradients.forEach((gradients, step) => {
      expect(Math.abs(optimizer.learningRate - (f.learning_rates[step] as number))).toBeLessThan(1e-7);
      optimizer.apply(
        weights.map((value, i) => ({ value, name: f.variables[i]?.name ?? '', gradient: fixtureTensor(gradients[i] as FixtureArray) })),
      );
      weights.forEach((w, i) =>
        // Keras takes 1 − βᵗ in float32, we in double.
        expectClose(w, fixtureTensor(f.after_each_step[step]?.[i] as FixtureArray), within(4e-6), `weight ${i} after step ${step + 1}`),
      );
    });
    // Every state of ours is one of Keras', under its name.
    weights.forEach((w, i) => {
      optimizer.stateNames.forEach((slot, k) => {
        const variable = (f.variables[i]?.name ?? '').split('/').at(-1) ?? '';
        const theirs = f.slots.find((s) => s.name?.endsWith(`/${variable}_${slot}`));
        expect(theirs, `${variable}_${slot}`).toBeDefined();
        expectClose(optimizer.slotsOf(w)[k] as typeof w, fixtureTensor(theirs as FixtureArray), within(5e-6), `${slot} of ${variable}`);
      });
    });
    optimizer.finalize(weights);
    (f.finalized ?? []).forEach((final, i) => expectClose(weights[i] as never, fixtureTensor(final), within(2e-6), 'finalized'));
  });
});

interface ScheduleFixture {
  schedule: { class_name: string; config: Record<string, unknown> };
  steps: number[];
  values: FixtureArray;
}

describe.skipIf(fixtureFolder === null)('schedules as Keras computes them (set SARAF_FIXTURES to the folder of fixtures)', () => {
  const names = fixtureFolder === null ? [] : readdirSync(join(fixtureFolder, 'schedules'));
  test('there are fixtures', () => expect(names.length).toBeGreaterThan(10));
  test.each(names)('%s', (name) => {
    const f = readFixture<ScheduleFixture>('schedules', name);
    const config = Object.fromEntries(
      Object.entries(f.schedule.config)
        .filter(([, v]) => v !== null)
        .map(([k, v]) => [camel(k), v]),
    );
    const schedule = scheduleFromConfig(f.schedule.class_name, config);
    expectClose(
      f.steps.map((step) => schedule.at(step)),
      fixtureTensor(f.values),
      within(2e-7),
    );
  });
});

const one = (): ReturnType<typeof tensor> => tensor([1]);

describe('optimizers', () => {
  test('by hand: one step of each', () => {
    const w = one();
    optimizers.sgd({ learningRate: 0.1 }).apply([{ value: w, gradient: tensor([2]) }]);
    expectClose(w, [0.8], within(1e-7));
    const v = one();
    optimizers.adam({ learningRate: 0.1 }).apply([{ value: v, gradient: tensor([2]) }]);
    // The first step of Adam is the learning rate, whatever the gradient.
    expectClose(v, [0.9], within(1e-6));
  });

  test('momentum and its Nesterov form', () => {
    const plain = one();
    const nesterov = one();
    const a = optimizers.sgd({ learningRate: 0.1, momentum: 0.5 });
    const b = optimizers.sgd({ learningRate: 0.1, momentum: 0.5, nesterov: true });
    for (let i = 0; i < 2; i++) {
      a.apply([{ value: plain, gradient: one() }]);
      b.apply([{ value: nesterov, gradient: one() }]);
    }
    expectClose(plain, [1 - 0.1 - 0.15], within(1e-6));
    expectClose(nesterov, [1 - 0.15 - 0.175], within(1e-6));
  });

  test('clipping limits the norm, of one gradient or of all, or each value', () => {
    const step = (options: object): number[] => {
      const weights = [zeros([2]), zeros([1])];
      optimizers.sgd({ learningRate: 1, ...options }).apply([
        { value: weights[0] as never, gradient: tensor([3, 4]) },
        { value: weights[1] as never, gradient: tensor([12]) },
      ]);
      return weights.flatMap((w) => Array.from(w.data()));
    };
    expectClose(step({ clipnorm: 1 }), [-0.6, -0.8, -1], within(1e-6));
    expectClose(step({ globalClipnorm: 1 }), [-3 / 13, -4 / 13, -12 / 13], within(1e-6));
    expectClose(step({ clipvalue: 3.5 }), [-3, -3.5, -3.5], within(1e-6));
    expectClose(step({ globalClipnorm: 100 }), [-3, -4, -12], exact());
  });

  test('a schedule or a function gives the rate of each step; a number replaces it', () => {
    const optimizer = optimizers.sgd({ learningRate: optimizers.schedules.piecewiseConstantDecay({ boundaries: [0], values: [1, 0.5] }) });
    expect(optimizer.learningRate).toBe(1);
    optimizer.apply([{ value: one(), gradient: one() }]);
    expect(optimizer.learningRate).toBe(0.5);
    optimizer.learningRate = 0.25;
    expect(optimizer.learningRate).toBe(0.25);
    optimizer.learningRate = (step) => step / 4;
    expect(optimizer.learningRate).toBe(0.25);
  });

  test('a configuration makes the same optimizer again', () => {
    for (const optimizer of [
      optimizers.adam({ learningRate: 0.01, beta1: 0.8, epsilon: 1e-9, clipnorm: 1 }),
      optimizers.adamw({ weightDecay: 0.1, excludeFromWeightDecay: ['bias'], amsgrad: true }),
      optimizers.adamax({ beta1: 0.8 }),
      optimizers.nadam({ beta2: 0.9 }),
      optimizers.rmsprop({ rho: 0.8, momentum: 0.5, centered: true, useEma: true, emaMomentum: 0.9, emaOverwriteFrequency: 7 }),
      optimizers.adagrad({ initialAccumulatorValue: 0.5, gradientAccumulationSteps: 3 }),
      optimizers.adadelta({ rho: 0.9 }),
      optimizers.lion({ beta2: 0.9 }),
      optimizers.ftrl({ l1RegularizationStrength: 0.1, beta: 1, learningRatePower: -0.4 }),
      optimizers.sgd({
        learningRate: optimizers.schedules.cosineDecay({ initialLearningRate: 1, decaySteps: 9 }),
        momentum: 0.9,
        nesterov: true,
      }),
    ]) {
      const again = optimizerFromConfig(optimizer.className, JSON.parse(JSON.stringify(optimizer.getConfig())) as Record<string, unknown>);
      expect(again.getConfig()).toEqual(optimizer.getConfig());
      expect(again.learningRate).toBe(optimizer.learningRate);
    }
  });

  test('what cannot be is refused', () => {
    expectError(() => getOptimizer('adamz' as OptimizerName), 'ERR_ARG', 'nadam', 'adamz');
    expectError(() => optimizers.adam({ learningRate: -1 }), 'ERR_ARG', '>= 0', '-1');
    expectError(() => optimizers.adam({ learningRate: Number.NaN }), 'ERR_ARG', 'NaN');
    for (const rate of ['0.01', [0.1, 0.2], {}, true]) {
      expectError(() => optimizers.sgd({ learningRate: rate as never }), 'ERR_ARG', 'a schedule or a function');
      expectError(() => (optimizers.sgd().learningRate = rate as never), 'ERR_ARG', 'a schedule or a function');
    }
    for (const value of [undefined, Number.NaN, -1, Promise.resolve(0.1)])
      expectError(() => optimizers.sgd({ learningRate: () => value as never }).learningRate, 'ERR_ARG', '>= 0 at step 0');
    expectError(() => optimizers.adam({ beta1: 1 }), 'ERR_ARG', 'beta1', '[0, 1)');
    expectError(() => optimizers.sgd({ momentum: 2 }), 'ERR_ARG', 'momentum');
    expectError(() => optimizers.rmsprop({ rho: 1 }), 'ERR_ARG', 'rho');
    expectError(() => optimizers.adagrad({ initialAccumulatorValue: -1 }), 'ERR_ARG', 'initialAccumulatorValue');
    expectError(() => optimizers.adagrad({ epsilon: 0 }), 'ERR_ARG', 'epsilon > 0');
    expectError(() => optimizers.lion({ beta1: 0 }), 'ERR_ARG', 'beta1');
    expectError(() => optimizers.ftrl({ learningRatePower: 1 }), 'ERR_ARG', 'learningRatePower');
    expectError(() => optimizers.ftrl({ l1RegularizationStrength: -1 }), 'ERR_ARG', 'l1RegularizationStrength');
    expectError(() => optimizers.sgd({ emaMomentum: 2 }), 'ERR_ARG', 'emaMomentum');
    expectError(() => optimizers.sgd({ emaOverwriteFrequency: 0.5 }), 'ERR_ARG', 'emaOverwriteFrequency');
    expectError(() => optimizers.sgd({ gradientAccumulationSteps: 0 }), 'ERR_ARG', 'gradientAccumulationSteps');
    const restarts = { initialLearningRate: 1, firstDecaySteps: 2, tMul: 0.5 };
    expectError(() => optimizers.schedules.cosineDecayRestarts(restarts), 'ERR_ARG', 'tMul');
    expectError(() => optimizers.adam({ clipnorm: 1, clipvalue: 1 }), 'ERR_ARG', 'clipnorm and clipvalue');
    expectError(() => optimizers.adam({ learningRate: () => 1 }).getConfig(), 'ERR_STATE', 'schedules');
    expectError(() => optimizerFromConfig('Tiger', {}), 'ERR_FORMAT', 'Tiger');
    expectError(() => scheduleFromConfig('Steps', {}), 'ERR_FORMAT', 'Steps');
    expectError(() => optimizers.schedules.piecewiseConstantDecay({ boundaries: [1], values: [1] }), 'ERR_ARG', 'one value more');
  });

  test('an optimizer of your own', () => {
    class SignDescent extends Optimizer {
      readonly className = 'SignDescent';
      readonly slotNames: readonly string[] = [];
      constructor() {
        super({}, 0.5);
      }
      protected update(
        value: ReturnType<typeof tensor>,
        gradient: ReturnType<typeof tensor>,
        _slots: readonly unknown[],
        rate: number,
      ): void {
        const [w, g] = [value.data(), gradient.data()];
        for (let i = 0; i < w.length; i++) w[i] = (w[i] as number) - rate * Math.sign(g[i] as number);
      }
    }
    const w = one();
    new SignDescent().apply([{ value: w, gradient: tensor([7]) }]);
    expectClose(w, [0.5], exact());
  });
});
