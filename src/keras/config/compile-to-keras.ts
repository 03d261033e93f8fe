import { snakeCase } from '../../layers/layer.js';
import { getMetric, metricName, type MetricName } from '../../metrics/identifier.js';
import type { Compiled } from '../../models/compile.js';
import { savedMetrics, type SavedMetric } from '../../models/metric-plan.js';
import type { Optimizer } from '../../optimizers/optimizer.js';
import { kerasMetricName } from './metrics-from-keras.js';
import { isRecord, snake, type Json } from './names.js';
import { kerasObject, optionsToKeras } from './model-to-keras.js';

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

/** Names that Keras has beside those of its classes. */
const ALIASES = new Set(['accuracy', 'acc', 'mse', 'mae', 'mape', 'msle', 'bce']);

/** A metric as Keras has it, by name or by class; null: Keras has none such. */
function metricToKeras(saved: SavedMetric): string | Json | null {
  if (typeof saved === 'string') {
    if (ALIASES.has(saved)) return saved;
    const { className } = getMetric(saved as MetricName);
    return className === null ? null : snakeCase(className);
  }
  const { className, config } = saved;
  const name = config['name'] === metricName(className) ? kerasMetricName(className) : config['name'];
  const options = Object.entries(config).map(([key, value]) => [key, value === 'none' && key !== 'name' ? null : value] as const);
  return kerasObject('keras.metrics', className, optionsToKeras({ ...Object.fromEntries(options), name }));
}

/** The metrics of all outputs; null where there is none. */
function metricsToKeras(outputs: Compiled['outputs'], weighted: boolean): unknown {
  const lists = outputs.map((o) => savedMetrics(o.metrics, weighted).flatMap((saved) => metricToKeras(saved) ?? []));
  if (lists.every((list) => list.length === 0)) return null;
  return outputs.length > 1 ? lists : lists[0];
}

/** How a model was compiled, as `compile_config` of a `.keras` file. */
export function compileToKeras({ optimizer, outputs }: Compiled): Json {
  const { class_name: className, config } = optimizerToKeras(optimizer);
  const losses = outputs.map(({ loss }) => kerasObject('keras.losses', loss.className, optionsToKeras(loss.getConfig())));
  const several = outputs.length > 1;
  return {
    optimizer: kerasObject('keras.optimizers', className, config),
    loss: several ? losses : losses[0],
    loss_weights: several ? outputs.map((o) => o.lossWeight) : null,
    metrics: metricsToKeras(outputs, false),
    weighted_metrics: metricsToKeras(outputs, true),
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}
