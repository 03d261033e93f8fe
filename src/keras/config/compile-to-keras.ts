import { snakeCase } from '../../layers/layer.js';
import type { Compiled } from '../../models/compile.js';
import type { Optimizer } from '../../optimizers/optimizer.js';
import { isRecord, snake, type Json } from './names.js';
import { kerasObject, optionsToKeras } from './model-to-keras.js';

/** Metrics that Keras computes from the same arguments; the others are left out of its files. */
const METRICS: Readonly<Record<string, string>> = {
  accuracy: 'accuracy',
  acc: 'acc',
  sparseCategoricalAccuracy: 'sparse_categorical_accuracy',
  categoricalAccuracy: 'categorical_accuracy',
  binaryAccuracy: 'binary_accuracy',
  meanSquaredError: 'mean_squared_error',
  meanAbsoluteError: 'mean_absolute_error',
  mse: 'mse',
  mae: 'mae',
};

/** Keras puts an underscore before the number: beta_1. */
const optimizerOption = (key: string): string => snake(key).replace(/^(beta)(\d)$/, '$1_$2');

/** An optimizer's class and options. */
export function optimizerToKeras(optimizer: Optimizer): { class_name: string; config: Json } {
  const config: Json = { name: snakeCase(optimizer.className) };
  for (const [key, value] of Object.entries(optimizer.getConfig())) {
    // Keras says this by a call, and its files do not say it.
    if (key === 'excludeFromWeightDecay') continue;
    config[optimizerOption(key)] =
      isRecord(value) && typeof value['className'] === 'string'
        ? kerasObject('keras.optimizers.schedules', value['className'], optionsToKeras(value['config'] as Json))
        : value;
  }
  return { class_name: optimizer.className, config };
}

/** Whether the learning rate is a schedule: then Keras keeps no variable of it. */
export const hasSchedule = (optimizer: Optimizer): boolean => isRecord(optimizer.getConfig()['learningRate']);

/** How a model was compiled, as `compile_config` of a `.keras` file. */
export function compileToKeras({ optimizer, outputs, metricNames, weightedMetricNames }: Compiled): Json {
  const { class_name: className, config } = optimizerToKeras(optimizer);
  const losses = outputs.map(({ loss }) => kerasObject('keras.losses', loss.className, optionsToKeras(loss.getConfig())));
  const several = outputs.length > 1;
  const metrics = (perOutput: readonly (readonly string[])[]): unknown => {
    const lists = perOutput.map((names) => names.flatMap((name) => METRICS[name] ?? []));
    return lists.every((m) => m.length === 0) ? null : several ? lists : lists[0];
  };
  return {
    optimizer: kerasObject('keras.optimizers', className, config),
    loss: several ? losses : losses[0],
    loss_weights: several ? outputs.map((o) => o.lossWeight) : null,
    metrics: metrics(metricNames),
    weighted_metrics: metrics(weightedMetricNames),
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}
