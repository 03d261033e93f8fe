import type { Tensor } from '../tensor/tensor.js';
import { Metric, type MetricResult } from './metric.js';
import type { SampleWeight } from './sample-weight.js';

/** What a metric keeps of the batches: counts, sums, a matrix. */
export interface MetricState {
  /** Takes a batch in. Throws ERR_SHAPE, ERR_DATA for what does not fit; then nothing of it is kept. */
  add(op: string, yTrue: Tensor, yPred: Tensor, sampleWeight: SampleWeight | null): void;
  reset(): void;
}

export interface StateMetricPlan<R extends MetricResult> {
  readonly className: string;
  readonly name: string;
  /** Beside the name, as `getConfig` gives them; what is undefined is left out. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly state: MetricState;
  readonly result: () => R;
}

/** A metric that is read off what was kept of all batches: precision, AUC, IoU. */
export class StateMetric<R extends MetricResult> extends Metric<R> {
  private readonly plan: StateMetricPlan<R>;

  constructor(plan: StateMetricPlan<R>) {
    super(plan.name);
    this.plan = plan;
  }

  override get className(): string {
    return this.plan.className;
  }

  update(yTrue: Tensor, yPred: Tensor, sampleWeight: SampleWeight | null = null): void {
    this.plan.state.add(this.name, yTrue, yPred, sampleWeight);
  }

  result(): R {
    return this.plan.result();
  }

  reset(): void {
    this.plan.state.reset();
  }

  override getConfig(): Record<string, unknown> {
    const options = Object.entries(this.plan.options).filter(([, value]) => value !== undefined);
    return { ...super.getConfig(), ...Object.fromEntries(options) };
  }
}

/** a / b, and 0 where b is 0. */
export const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);
