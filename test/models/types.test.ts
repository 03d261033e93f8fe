import { expectTypeOf, test } from 'vitest';
import {
  callbacks,
  layers,
  losses,
  metrics,
  Model,
  optimizers,
  Sequential,
  type BatchSource,
  type History,
  type Tensor,
} from '../../src/index.js';

test('the public API is typed as a user would guess', () => {
  const model = new Sequential([layers.dense({ units: 3, activation: 'softmax' })]);
  expectTypeOf(model).toExtend<Model>();
  expectTypeOf<Parameters<Model['compile']>[0]['optimizer']>()
    .extract<string>()
    .toEqualTypeOf<'adadelta' | 'adagrad' | 'adam' | 'adamax' | 'adamw' | 'ftrl' | 'lion' | 'nadam' | 'rmsprop' | 'sgd'>();
  expectTypeOf<Awaited<ReturnType<Model['predict']>>>().toEqualTypeOf<Tensor>();
  expectTypeOf<Awaited<ReturnType<Model['predictAll']>>>().toEqualTypeOf<Tensor[]>();
  expectTypeOf<Awaited<ReturnType<Model['evaluate']>>>().toEqualTypeOf<Record<string, number>>();
  expectTypeOf<Awaited<ReturnType<Model['fit']>>>().toEqualTypeOf<History>();
  expectTypeOf<History['history']>().toEqualTypeOf<Record<string, number[]>>();
  expectTypeOf(metrics.f1Score([0], [0])).toEqualTypeOf<number>();
  expectTypeOf(metrics.f1Score([0], [0], { average: 'none' })).toEqualTypeOf<number[]>();
  expectTypeOf(optimizers.adam({ learningRate: 0.1 }).learningRate).toEqualTypeOf<number>();
  expectTypeOf(losses.meanSquaredError).parameter(0).toExtend<object | undefined>();
  expectTypeOf(callbacks.earlyStopping).returns.toHaveProperty('bestEpoch');
  const bad = (): void => {
    // @ts-expect-error an unknown loss
    model.compile({ optimizer: 'adam', loss: 'nonsense' });
    // @ts-expect-error a source brings its own targets
    void model.fit({} as BatchSource, {} as Tensor, {});
    // @ts-expect-error a misspelt option
    void model.fit({} as Tensor, {} as Tensor, { epoch: 3 });
    // @ts-expect-error rows need an average that gives one number each
    metrics.f1Score([0], [0], { average: 'mean' });
  };
  expectTypeOf(bad).returns.toEqualTypeOf<void>();
});
