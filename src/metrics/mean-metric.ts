import type { Shape, Tensor } from '../tensor/tensor.js';
import { Mean } from './mean.js';
import { weightAt, weightsFor, type SampleWeight } from './sample-weight.js';

/** What a metric averages over a batch. */
export interface MetricValues {
  readonly values: ArrayLike<number>;
  readonly shape: Shape;
  /** 1 per value that a class to ignore leaves out; Keras heeds it only where there are weights. */
  readonly ignored?: Uint8Array | null;
}

/** Memory for so many values, the same at each call. */
export type Scratch = (size: number) => Float64Array;

/** The values of one batch, one per row or one per prediction. */
export type ValuesOf = (op: string, yTrue: Tensor, yPred: Tensor, scratch: Scratch) => MetricValues;

/** What makes a metric the mean of a function of targets and predictions. */
export interface MeanMetricPlan {
  /** null: files know it by its name alone. */
  readonly className: string | null;
  readonly name: string;
  /** Beside the name, as `getConfig` gives them. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly of: ValuesOf;
  /** The same values from the logits of an activation, without the clipping that probabilities need. */
  readonly ofLogits?: { readonly activation: 'softmax' | 'sigmoid'; readonly of: ValuesOf };
  /** Applied to the mean. */
  readonly finish?: (mean: number) => number;
}

/** The weighted mean of a function of targets and predictions: errors, accuracies, losses. */
export class MeanMetric extends Mean {
  private readonly plan: MeanMetricPlan;
  private memory = new Float64Array(0);
  private readonly scratch: Scratch = (size) => {
    if (this.memory.length < size) this.memory = new Float64Array(size);
    return this.memory;
  };

  constructor(plan: MeanMetricPlan) {
    super({ name: plan.name });
    this.plan = plan;
  }

  override get className(): string | null {
    return this.plan.className;
  }

  override update(yTrue: Tensor, yPred: Tensor, sampleWeight: SampleWeight | null = null): void {
    this.take(this.plan.of, yTrue, yPred, sampleWeight);
  }

  /** Whether `updateFromLogits` knows the logits of this activation. */
  takesLogitsOf(activation: string | null): boolean {
    return activation !== null && this.plan.ofLogits?.activation === activation;
  }

  /** As `update`, from logits: inside a model Keras computes its cross-entropies from them. */
  updateFromLogits(yTrue: Tensor, logits: Tensor, sampleWeight: SampleWeight | null): void {
    this.take(this.plan.ofLogits?.of ?? this.plan.of, yTrue, logits, sampleWeight);
  }

  private take(of: ValuesOf, yTrue: Tensor, yPred: Tensor, sampleWeight: SampleWeight | null): void {
    const { values, shape, ignored } = of(this.name, yTrue, yPred, this.scratch);
    this.add(values, shape, ignored && sampleWeight ? withoutIgnored(this.name, sampleWeight, shape, ignored) : sampleWeight);
  }

  override result(): number {
    const mean = super.result();
    return this.plan.finish ? this.plan.finish(mean) : mean;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.plan.options };
  }
}

function withoutIgnored(op: string, sampleWeight: SampleWeight, shape: Shape, ignored: Uint8Array): Float64Array {
  const weights = weightsFor(op, sampleWeight, shape);
  return Float64Array.from(ignored, (flag, i) => (flag === 1 ? 0 : weightAt(weights, i)));
}
