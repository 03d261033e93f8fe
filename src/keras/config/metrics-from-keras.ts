import { snakeCase } from '../../layers/layer.js';
import { metricFromConfig, metricName, type MetricIdentifier } from '../../metrics/identifier.js';
import { reasonOf } from '../../models/reading-file.js';
import type { Problems } from '../problems.js';
import { camel, camelValue, isKerasObject, isRecord, type Json, type KerasObject } from './names.js';

/** One value per output, from one for all, a list, or by name. */
export function perOutput(value: unknown, outputNames: readonly string[]): unknown[] {
  if (Array.isArray(value)) return outputNames.map((_, i) => value[i] as unknown);
  if (isRecord(value) && !('class_name' in value)) return outputNames.map((name) => value[name]);
  return outputNames.map(() => value);
}

/** Keras' function `mse` written as an object. */
export const nameOf = (value: unknown): unknown => (isRecord(value) && value['class_name'] === 'function' ? value['config'] : value);

/** The metrics of each output, from a list for all, lists, or by name. */
export function metricsOf(given: unknown, outputNames: readonly string[], problems: Problems): MetricIdentifier[][] {
  if (given === undefined || given === null) return outputNames.map(() => []);
  const nested = Array.isArray(given) && (given.some(Array.isArray) || outputNames.length > 1);
  const lists: unknown[] = nested || isRecord(given) ? perOutput(given, outputNames) : outputNames.map(() => given);
  return lists.map((list, i) =>
    (Array.isArray(list) ? (list as unknown[]) : list === undefined || list === null ? [] : [list]).flatMap((one) => {
      const metric = metricFromKeras(nameOf(one), outputNames[i] as string, problems);
      return metric ? [metric] : [];
    }),
  );
}

/** The metric that means the same; null, and a problem, if there is none. */
export function metricFromKeras(value: unknown, output: string, problems: Problems): MetricIdentifier | null {
  if (value === null || value === undefined) return null;
  try {
    if (typeof value === 'string') {
      const name = metricName(value);
      if (name === null) throw new Error('there is no such metric');
      return name;
    }
    if (!isKerasObject(value)) throw new Error('expected a metric by name or by class');
    const object = unwrapped(value);
    return metricFromConfig(object.class_name, metricOptions(object));
  } catch (error) {
    const label = isKerasObject(value) ? value.class_name : typeof value === 'string' ? value : JSON.stringify(value)?.slice(0, 80);
    problems.add(`metric of ${output} (${label})`, reasonOf(error));
    return null;
  }
}

/** Keras 2 writes an accuracy by name as the mean of a function, with the function's arguments beside it. */
function unwrapped(object: KerasObject): KerasObject {
  if (object.class_name !== 'MeanMetricWrapper') return object;
  const { fn, ...config } = object.config;
  const name = nameOf(fn);
  if (typeof name !== 'string') throw new Error(`expected the name of a function, received ${JSON.stringify(fn)?.slice(0, 80)}`);
  return { class_name: name, config };
}

/** Options in camelCase; the name that Keras gives a metric by itself is left to saraf. */
function metricOptions({ class_name: className, config }: KerasObject): Json {
  const options: Json = {};
  for (const [key, value] of Object.entries(config)) {
    // The only option whose null is not what it is by default.
    if (value === null && key === 'class_aggregation') options['classAggregation'] = 'none';
    if (value === null || key === 'dtype' || (key === 'axis' && value === -1)) continue;
    if (key === 'name' && value === kerasMetricName(className)) continue;
    options[camel(key)] = key === 'name' ? value : camelValue(value);
  }
  return options;
}

/** What Keras calls a metric that was given no name. */
export const kerasMetricName = (className: string): string => (className === 'LogCoshError' ? 'logcosh' : snakeCase(className));
