import { lossFromConfig, getLoss, type LossName } from '../../losses/index.js';
import type { Loss } from '../../losses/loss.js';
import type { MetricIdentifier } from '../../metrics/identifier.js';
import { reasonOf } from '../../models/reading-file.js';
import { optimizerFromConfig } from '../../optimizers/index.js';
import type { Optimizer } from '../../optimizers/optimizer.js';
import type { Problems } from '../problems.js';
import { objectFromKeras } from './layer-from-keras.js';
import { metricsOf, nameOf, perOutput } from './metrics-from-keras.js';
import { camel, isKerasObject, isRecord, type Json } from './names.js';

/** How a file was compiled, in saraf's objects. */
export interface CompilePlan {
  readonly optimizer: Optimizer;
  /** One per output. */
  readonly losses: readonly Loss[];
  readonly lossWeights: readonly number[];
  readonly metrics: readonly (readonly MetricIdentifier[])[];
  readonly weightedMetrics: readonly (readonly MetricIdentifier[])[];
}

/** Options of Keras' optimizers that do not change a step, whatever their value. */
const WITHOUT_EFFECT = new Set(['name', 'jit_compile', 'is_legacy_optimizer']);
/** Values that say what saraf does anyway; options that only another one makes matter. */
const NEUTRAL: Readonly<Record<string, readonly unknown[]>> = {
  use_ema: [false],
  amsgrad: [false],
  centered: [false],
  decay: [0],
  gradient_accumulation_steps: [null],
  loss_scale_factor: [null],
};

/**
 * Optimizer, losses and metrics from Keras' `compile_config` or `training_config`; null if the model was not compiled, or the
 * file does not say with which optimizer.
 */
export function compileFromKeras(config: unknown, outputNames: readonly string[], problems: Problems): CompilePlan | null {
  if (!isRecord(config)) return null;
  const given = config['optimizer'] ?? config['optimizer_config'];
  if (given === undefined || given === null || config['loss'] === undefined || config['loss'] === null) return null;
  const optimizer = optimizerOf(given, problems);
  const losses = perOutput(config['loss'], outputNames).map((loss, i) => lossOf(loss, outputNames[i] as string, problems));
  const weights = config['loss_weights'];
  const lossWeights = outputNames.map((name, i) => {
    const w: unknown = Array.isArray(weights) ? weights[i] : isRecord(weights) ? weights[name] : undefined;
    return typeof w === 'number' ? w : 1;
  });
  const metrics = metricsOf(config['metrics'], outputNames, problems);
  const weightedMetrics = metricsOf(config['weighted_metrics'], outputNames, problems);
  if (!optimizer || losses.includes(null)) return null;
  return { optimizer, losses: losses as Loss[], lossWeights, metrics, weightedMetrics };
}

function optimizerOf(given: unknown, problems: Problems): Optimizer | null {
  const object: unknown = typeof given === 'string' ? { class_name: given, config: {} } : given;
  if (!isKerasObject(object)) {
    problems.add('optimizer', `expected a class and its options, received ${JSON.stringify(given).slice(0, 80)}`);
    return null;
  }
  const className = object.class_name.replace(/^.*>/, '');
  const options: Json = {};
  for (const [key, value] of Object.entries(object.config)) {
    if (value === null || WITHOUT_EFFECT.has(key) || NEUTRAL[key]?.includes(value)) continue;
    if (key.startsWith('ema_') && object.config['use_ema'] !== true) continue;
    options[key === 'lr' ? 'learningRate' : camel(key)] = isKerasObject(value) ? objectFromKeras(value) : value;
  }
  try {
    const optimizer = optimizerFromConfig(className, options);
    // An optimizer ignores what it does not know: what does not come back was not understood.
    const known = optimizer.getConfig();
    for (const [key, value] of Object.entries(options))
      if (!(key in known) && value !== false && value !== 0)
        problems.add(`optimizer ${className}`, `option ${key} = ${JSON.stringify(value)}`);
    return optimizer;
  } catch (error) {
    problems.add(`optimizer ${className}`, reasonOf(error));
    return null;
  }
}

function lossOf(given: unknown, output: string, problems: Problems): Loss | null {
  const value = nameOf(given);
  try {
    if (typeof value === 'string')
      return getLoss((/^[A-Z]/.test(value) ? value.charAt(0).toLowerCase() + value.slice(1) : value) as LossName);
    if (!isKerasObject(value)) throw new Error(`expected a loss, received ${JSON.stringify(given)?.slice(0, 80)}`);
    const { className, config } = objectFromKeras(value);
    // Keras 2 wrote "auto" where Keras 3 writes the reduction that it means.
    if (config['reduction'] === 'auto') delete config['reduction'];
    if (config['axis'] === -1) delete config['axis'];
    const loss = lossFromConfig(className, config);
    const known = loss.getConfig();
    for (const [key, option] of Object.entries(config)) {
      if (!(key in known) && option !== false && option !== 0)
        problems.add(`loss of ${output} (${className})`, `option ${key} = ${JSON.stringify(option)}`);
    }
    return loss;
  } catch (error) {
    problems.add(`loss of ${output}`, reasonOf(error));
    return null;
  }
}
