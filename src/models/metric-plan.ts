import { SarafError } from '../errors.js';
import { getMetric, metricFromConfig, type AnyMetric, type MetricIdentifier } from '../metrics/identifier.js';
import { Metric } from '../metrics/metric.js';

/** Metrics of a model: for every output, a list per output in order, or by the name of the output's layer. */
export type MetricsOption =
  | readonly MetricIdentifier[]
  | readonly (readonly MetricIdentifier[])[]
  | Readonly<Record<string, MetricIdentifier | readonly MetricIdentifier[]>>;

/** A metric as files have it: by name, or by class and options. */
export type SavedMetric = string | { readonly className: string; readonly config: Record<string, unknown> };

/** A metric of one output. */
export interface MetricPlan {
  readonly metric: AnyMetric;
  /** Its name in the logs, which no other metric of the output has. */
  readonly label: string;
  /** Whether sample weights and class weights count; masks always do. */
  readonly weighted: boolean;
  /** null: a function or a class of your own, which files leave out. */
  readonly saved: SavedMetric | null;
}

/** The metrics of each output. Throws ERR_ARG for an unknown name, for no such output, and for one object in two places. */
export function planMetrics(
  metrics: MetricsOption | undefined,
  weightedMetrics: MetricsOption | undefined,
  outputNames: readonly string[],
): MetricPlan[][] {
  const plain = listsOf('metrics', metrics, outputNames);
  const weighted = listsOf('weightedMetrics', weightedMetrics, outputNames);
  const used = new Set<AnyMetric>();
  return outputNames.map((_, i) => {
    const labels = new Map<string, number>();
    const plan = (identifier: MetricIdentifier, isWeighted: boolean): MetricPlan => {
      const metric = getMetric(identifier);
      if (used.has(metric))
        throw new SarafError(
          'ERR_ARG',
          'compile',
          `expected a metric object of its own for each place, received ${metric.name} twice; it keeps the counts of one output, give each output a new one by name`,
        );
      used.add(metric);
      return { metric, label: labelOf(metric.name, isWeighted, labels), weighted: isWeighted, saved: savedForm(identifier) };
    };
    return [...(plain[i] ?? []).map((m) => plan(m, false)), ...(weighted[i] ?? []).map((m) => plan(m, true))];
  });
}

/** Keras' way with names that are taken: accuracy, accuracy_1; a metric with weights is weighted_accuracy first. */
function labelOf(name: string, weighted: boolean, labels: Map<string, number>): string {
  const base = weighted && labels.has(name) ? `weighted_${name}` : name;
  const uses = labels.get(base) ?? 0;
  labels.set(base, uses + 1);
  return uses === 0 ? base : `${base}_${uses}`;
}

function listsOf(what: string, given: MetricsOption | undefined, outputNames: readonly string[]): (readonly MetricIdentifier[])[] {
  if (given === undefined || given === null) return [];
  const asList = (one: MetricIdentifier | readonly MetricIdentifier[] | undefined): readonly MetricIdentifier[] =>
    one === undefined ? [] : Array.isArray(one) ? (one as readonly MetricIdentifier[]) : [one as MetricIdentifier];
  if (Array.isArray(given)) {
    const perOutput = given.length > 0 && given.every(Array.isArray);
    if (!perOutput) return outputNames.map(() => given as readonly MetricIdentifier[]);
    if (given.length !== outputNames.length)
      throw new SarafError('ERR_ARG', 'compile', `expected ${what} for ${outputNames.length} outputs, received ${given.length} lists`);
    return [...(given as readonly (readonly MetricIdentifier[])[])];
  }
  if (typeof given !== 'object' || given instanceof Metric)
    throw new SarafError('ERR_ARG', 'compile', `expected ${what} as a list or by output, received ${String(given)}`);
  const byName = given as Readonly<Record<string, MetricIdentifier | readonly MetricIdentifier[]>>;
  const unknown = Object.keys(byName).find((name) => !outputNames.includes(name));
  if (unknown !== undefined)
    throw new SarafError('ERR_ARG', 'compile', `expected ${what} for the outputs ${outputNames.join(', ')}, received one for ${unknown}`);
  return outputNames.map((name) => asList(byName[name]));
}

function savedForm(identifier: MetricIdentifier): SavedMetric | null {
  if (typeof identifier === 'string') return identifier;
  if (typeof identifier === 'function' || identifier.className === null) return null;
  return { className: identifier.className, config: identifier.getConfig() };
}

/** What files have of the metrics of an output. */
export const savedMetrics = (plans: readonly MetricPlan[], weighted: boolean): SavedMetric[] =>
  plans.flatMap((p) => (p.weighted === weighted && p.saved !== null ? [p.saved] : []));

/** A metric as `compile` takes it, from its form in a file. Throws ERR_FORMAT if it is none. */
export function metricFromSaved(saved: SavedMetric): MetricIdentifier {
  if (typeof saved === 'string') return saved as MetricIdentifier;
  if (typeof saved?.className !== 'string' || typeof saved.config !== 'object')
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected a metric by name or by class and options, received ${JSON.stringify(saved)}`);
  return metricFromConfig(saved.className, saved.config);
}
