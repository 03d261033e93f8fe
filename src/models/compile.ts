import { SarafError } from '../errors.js';
import type { Precision } from '../backend/backend.js';
import { checkPrecision } from '../backend/precision.js';
import { getLoss, type LossIdentifier } from '../losses/index.js';
import { getOptimizer, type OptimizerIdentifier } from '../optimizers/index.js';
import type { Loss } from '../losses/loss.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { planMetrics, type MetricPlan, type MetricsOption } from './metric-plan.js';

export interface CompileOptions {
  /** 'adam', 'sgd' or an optimizer. */
  optimizer: OptimizerIdentifier;
  /** One for all outputs, a list in the order of outputs, or by the name of the output's layer. */
  loss: LossIdentifier | readonly LossIdentifier[] | Readonly<Record<string, LossIdentifier>>;
  /** What is measured, without weights: for all outputs, a list per output, or by the name of the output's layer. */
  metrics?: MetricsOption;
  /** What is measured with the sample weights, and in training the class weights. */
  weightedMetrics?: MetricsOption;
  /** Factor of each output's loss, in order or by name. Default 1. */
  lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  /**
   * How products are made, in training and in prediction: float32 (the default), or bfloat16 for operands rounded to 8 bits of mantissa
   * with float32 sums and float32 weights (Keras' dtype policy mixed_bfloat16, but activations stay float32 in memory). Needs AMX-BF16
   * or AVX512-BF16. Results then differ between kinds of processors; on one machine they are the same for any number of threads.
   * Layers narrower than 16 (channels, features, units) stay float32.
   */
  precision?: Precision;
}

/** How one output is judged. */
export interface OutputPlan {
  readonly name: string;
  readonly loss: Loss;
  readonly lossWeight: number;
  readonly metrics: readonly MetricPlan[];
}

/** Optimizer, losses and metrics of a compiled model. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly outputs: readonly OutputPlan[];
  readonly precision: Precision;
}

/**
 * Resolves names into objects, once per output.
 *
 * Throws: ERR_ARG for an unknown name, an output without loss, or a name that is no output; ERR_DEVICE for a precision not to be had.
 */
export function resolveCompile(options: CompileOptions, outputNames: readonly string[]): Compiled {
  const precision = checkPrecision('compile', options.precision);
  const optimizer = getOptimizer(options.optimizer);
  const losses = perOutput<LossIdentifier>('loss', options.loss, outputNames, (v) => typeof v === 'string' || isObjectOf(v, 'compute'));
  const weights: readonly number[] | Readonly<Record<string, number>> = options.lossWeights ?? outputNames.map(() => 1);
  const lossWeights = perOutput<number>('lossWeights', weights, outputNames, (v) => typeof v === 'number');
  const metrics = planMetrics(options.metrics, options.weightedMetrics, outputNames);
  return {
    optimizer,
    precision,
    outputs: outputNames.map((name, i) => ({
      name,
      loss: getLoss(losses[i] as LossIdentifier),
      lossWeight: lossWeights[i] as number,
      metrics: metrics[i] as MetricPlan[],
    })),
  };
}

function isObjectOf(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && method in value;
}

function checkNames(what: string, names: readonly string[], outputNames: readonly string[]): void {
  const unknown = names.find((n) => !outputNames.includes(n));
  if (unknown !== undefined)
    throw new SarafError('ERR_ARG', 'compile', `expected ${what} for the outputs ${outputNames.join(', ')}, received one for ${unknown}`);
}

function perOutput<T>(what: string, given: unknown, outputNames: readonly string[], isOne: (v: unknown) => boolean): T[] {
  if (given === undefined || given === null) throw new SarafError('ERR_ARG', 'compile', `expected ${what}, received ${String(given)}`);
  if (isOne(given)) return outputNames.map(() => given as T);
  if (Array.isArray(given)) {
    if (given.length !== outputNames.length)
      throw new SarafError('ERR_ARG', 'compile', `expected ${what} for ${outputNames.length} outputs, received ${given.length}`);
    return given as T[];
  }
  if (typeof given !== 'object')
    throw new SarafError('ERR_ARG', 'compile', `expected ${what} by name, as a list or by output, received ${String(given)}`);
  const byName = given as Readonly<Record<string, T>>;
  checkNames(what, Object.keys(byName), outputNames);
  return outputNames.map((name) => {
    const value = byName[name] ?? (what === 'lossWeights' ? (1 as T) : undefined);
    if (value === undefined) throw new SarafError('ERR_ARG', 'compile', `expected ${what} for every output, ${name} has none`);
    return value;
  });
}
