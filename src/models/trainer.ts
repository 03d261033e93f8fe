import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { zeros, Tensor, type Shape } from '../tensor/tensor.js';
import type { DType } from '../backend/backend.js';
import { FLOAT, type Work } from '../layers/cost.js';
import type { Weight } from '../layers/layer.js';
import type { BufferSource } from '../losses/loss.js';
import { combineWeights, type Weighting } from '../losses/weighting.js';
import { MeanMetric } from '../metrics/mean-metric.js';
import type { MetricResult } from '../metrics/metric.js';
import type { Update } from '../optimizers/optimizer.js';
import type { Batch } from './batch-source.js';
import type { Compiled, OutputPlan } from './compile.js';
import { Executor, type ExecutorHost, type Pass } from './executor.js';
import type { Graph } from './graph.js';
import { checkFinite, InputStage, type BatchPlace, type InputSpec } from './input-stage.js';
import { invalidLossError } from './invalid-loss.js';
import { traced, tracer } from './profile/active.js';
import { Workspace } from './workspace.js';

/** Weight of each class by its number; classes left out count 1. */
export type ClassWeight = Readonly<Record<number, number>>;

/** What one step of training or evaluation found. */
export interface StepResult {
  readonly rows: number;
  /** Weighted sum of the losses of all outputs. */
  readonly loss: number;
}

/** The numbers of an epoch so far. */
export type Logs = Record<string, number>;

interface OutputState {
  readonly plan: OutputPlan;
  readonly buffer: (name: string, shape: Shape, dtype?: DType) => Tensor;
  /** Whether the loss takes over the derivative of the last activation. */
  readonly fused: boolean;
  lossSum: number;
  /** What the loss of the current batch was made of, for the metrics. */
  judged: Judged | null;
}

interface Judged {
  readonly yTrue: Tensor;
  readonly yPred: Tensor;
  readonly logits: Tensor | null;
  readonly weighting: Weighting;
}

/**
 * One step of a model: forward, loss, backward, update.
 *
 * All memory is the trainer's own and is used again, so that a steady step allocates nothing. Running means of losses are
 * kept in double, weighted by the rows of each batch.
 */
export class Trainer implements ExecutorHost {
  /** What is under way, an epoch or an evaluation: its running means must not be touched. */
  busy: 'fit' | 'evaluate' | null = null;
  /** Steps taken; keys the random draws of layers. */
  step = 0;
  private readonly memory = new Workspace();
  private readonly executor: Executor;
  private readonly stage: InputStage;
  private readonly noMasks: readonly null[];
  private readonly noInputs: readonly boolean[];
  private readonly noLogits: readonly boolean[];
  private readonly trainable: ReadonlySet<Weight>;
  private readonly regularized: readonly Weight[];
  private readonly constrained: readonly Weight[];
  private readonly gradients = new Map<Weight, Update>();
  private readonly touched = new Set<Weight>();
  private readonly compiled: Compiled | null;
  private readonly outputs: readonly OutputState[];
  private readonly fused: readonly boolean[];
  /** What layers added to the loss of the current batch. */
  private penalties = 0;
  private lossSum = 0;
  private rowsSeen = 0;
  private classWeight: Float64Array | null = null;

  constructor(graph: Graph, specs: readonly InputSpec[], trainable: readonly Weight[], compiled: Compiled | null) {
    this.executor = new Executor(graph, this);
    this.stage = new InputStage(specs, this.memory);
    this.noMasks = graph.inputs.map(() => null);
    this.noInputs = graph.inputs.map(() => false);
    this.noLogits = graph.outputs.map(() => false);
    this.trainable = new Set(trainable);
    this.regularized = trainable.filter((w) => w.regularizer !== null);
    this.constrained = trainable.filter((w) => w.constraint !== null);
    this.compiled = compiled;
    this.outputs = (compiled?.outputs ?? []).map((plan, i) => ({
      plan,
      buffer: (name, shape, dtype = 'float32') => this.memory.buffer(`output${i}/${name}`, shape, dtype),
      fused: !plan.loss.fromLogits && plan.loss.fuses !== null && this.executor.offersLogits(i) === plan.loss.fuses,
      lossSum: 0,
      judged: null,
    }));
    this.fused = this.outputs.map((o) => o.fused);
  }

  /** Memory held for values and gradients, in bytes; weights and optimizer state are not counted. */
  get bytes(): number {
    let sum = this.memory.bytes;
    for (const { gradient } of this.gradients.values()) sum += gradient.size * 4;
    return sum;
  }

  buffer(name: string, shape: Shape, dtype: DType): Tensor {
    return this.memory.buffer(name, shape, dtype);
  }

  gradient(weight: Weight): Tensor | null {
    if (!this.trainable.has(weight)) return null;
    this.touched.add(weight);
    let update = this.gradients.get(weight);
    if (!update) {
      update = { value: weight.value, name: weight.name, gradient: zeros(weight.value.shape, weight.value.dtype) };
      this.gradients.set(weight, update);
    }
    return update.gradient;
  }

  addLoss(value: number): void {
    this.penalties += value;
  }

  setClassWeight(weights: ClassWeight | undefined): void {
    if (!weights) {
      this.classWeight = null;
      return;
    }
    if (this.outputs.length > 1)
      throw new SarafError(
        'ERR_ARG',
        'fit',
        `expected classWeight for a model with one output, this one has ${this.outputs.length}; give sampleWeight per output`,
      );
    const classes = Object.keys(weights).map(Number);
    const values = new Float64Array(Math.max(...classes, 0) + 1).fill(1);
    for (const c of classes) {
      const w = weights[c] as number;
      if (!(Number.isInteger(c) && c >= 0 && Number.isFinite(w) && w >= 0))
        throw new SarafError('ERR_ARG', 'fit', `expected classWeight to map class numbers to weights >= 0, received ${c}: ${w}`);
      values[c] = w;
    }
    this.classWeight = values;
  }

  /** Outputs of one batch, in memory that the next call uses again. */
  predict(op: string, x: readonly Tensor[], place: BatchPlace): Tensor[] {
    const inputs = traced('data', 'inputs', () => this.stage.prepare(op, x, place));
    return this.executor.forward(inputs, this.noMasks, this.pass(false, this.noLogits));
  }

  /**
   * Forward, loss, backward and update on one batch.
   *
   * Throws: ERR_DATA if an input, a target or the loss is not finite; the weights are then those before this step.
   */
  train(op: string, batch: Batch, place: BatchPlace): StepResult {
    const { compiled } = this;
    if (!compiled) throw notCompiled(op);
    const result = this.judge(op, batch, place, true);
    this.touched.clear();
    const gradients = this.outputs.map((o, i) => o.buffer('gradient', (this.results[i] as Tensor).shape));
    this.executor.backward(gradients, (w) => this.trainable.has(w), this.noInputs);
    for (const weight of this.regularized)
      if (this.touched.has(weight)) weight.regularizer?.addGradient(weight.value, (this.gradients.get(weight) as Update).gradient);
    const updates: Update[] = [];
    for (const weight of this.trainable) if (this.touched.has(weight)) updates.push(this.gradients.get(weight) as Update);
    const trace = tracer();
    trace?.begin('update', compiled.optimizer.className);
    compiled.optimizer.apply(updates);
    for (const weight of this.constrained) if (this.touched.has(weight)) weight.constraint?.apply(weight.value);
    trace?.end(null, updateWork(updates, compiled.optimizer.stateNames.length));
    this.step++;
    return result;
  }

  /** Forward and loss on one batch, without dropout. */
  evaluate(op: string, batch: Batch, place: BatchPlace): StepResult {
    if (!this.compiled) throw notCompiled(op);
    return this.judge(op, batch, place, false);
  }

  /** Starts the running means anew. */
  resetLogs(): void {
    this.lossSum = 0;
    this.rowsSeen = 0;
    for (const o of this.outputs) {
      o.lossSum = 0;
      for (const { metric } of o.plan.metrics) metric.reset();
    }
  }

  /** Loss and metrics since `resetLogs`, with `prefix` before each name; several outputs put their name before theirs. */
  logs(prefix = ''): Logs {
    const rows = Math.max(1, this.rowsSeen);
    const logs: Logs = { [`${prefix}loss`]: this.lossSum / rows };
    const several = this.outputs.length > 1;
    for (const { plan, lossSum } of this.outputs) {
      if (several) logs[`${prefix}${plan.name}_loss`] = lossSum / rows;
      for (const { metric, label } of plan.metrics) addResult(logs, `${prefix}${several ? `${plan.name}_` : ''}${label}`, metric.result());
    }
    return logs;
  }

  /** The outputs of the last forward pass of `judge`. */
  private results: readonly Tensor[] = [];

  private judge(op: string, batch: Batch, place: BatchPlace, training: boolean): StepResult {
    const targets = traced('data', 'targets', () => this.targets(op, batch, place));
    const x = traced('data', 'inputs', () => this.stage.prepare(op, batch.x, place));
    const rows = x[0]?.shape[0] ?? 0;
    this.penalties = 0;
    this.results = this.executor.forward(x, this.noMasks, this.pass(training, this.fused));
    let total: number;
    try {
      total = this.lossOf(op, batch, place, targets, rows, training);
    } catch (error) {
      if (training) this.executor.retract();
      throw error;
    }
    this.lossSum += total * rows;
    this.rowsSeen += rows;
    return { rows, loss: total };
  }

  /** Loss and metrics of the outputs that the forward pass left. Throws ERR_DATA unless the loss is finite. */
  private lossOf(op: string, batch: Batch, place: BatchPlace, targets: readonly Tensor[], rows: number, training: boolean): number {
    const masks = this.executor.outputMasks();
    let total = this.penalties;
    const weights = this.sampleWeights(op, batch);
    this.outputs.forEach((o, i) => {
      const value = this.loss(o, targets[i] as Tensor, this.results[i] as Tensor, masks[i] ?? null, weights[i] ?? null, training);
      o.lossSum += value * rows;
      total += value * o.plan.lossWeight;
    });
    for (const weight of this.regularized) total += weight.regularizer?.loss(weight.value) ?? 0;
    // Before the metrics, which refuse what is no number without saying why it is none.
    if (!Number.isFinite(total)) throw invalidLossError(op, total, place, this.step);
    for (const o of this.outputs) this.measure(o);
    return total;
  }

  private loss(o: OutputState, yTrue: Tensor, result: Tensor, mask: Tensor | null, sampleWeight: Tensor | null, training: boolean): number {
    const { plan, buffer } = o;
    const { loss } = plan;
    const fromLogits = o.fused || loss.fromLogits;
    const gradient = training ? buffer('gradient', result.shape) : null;
    const probabilities = fromLogits ? buffer('probabilities', result.shape) : null;
    // As in Keras, class weights shape training and not what is measured on other data.
    const classWeight = training ? this.classWeight : null;
    const trace = tracer();
    trace?.begin('loss', loss.className);
    const classOf = classWeight ? classReader(yTrue, result, loss.sparse) : null;
    const weighting = { sampleWeight, classWeight, mask, classOf };
    const value = loss.compute({ yTrue, yPred: result, fromLogits, weighting, gradient, probabilities, buffer });
    if (gradient && plan.lossWeight !== 1) backend().affine(gradient.storage, gradient.storage, plan.lossWeight, 0);
    trace?.end();
    o.judged = { yTrue, yPred: o.fused ? (probabilities as Tensor) : result, logits: o.fused ? result : null, weighting };
    return value;
  }

  /** Metrics count what the mask leaves; those that weigh rows, with their weights. */
  private measure({ plan, buffer, judged }: OutputState): void {
    if (plan.metrics.length === 0 || !judged) return;
    const { yTrue, yPred, logits, weighting } = judged;
    const { mask } = weighting;
    const trace = tracer();
    const counts = mask ? mask.data() : null;
    const weights = plan.metrics.some((m) => m.weighted) ? rowWeights(weighting, yPred, buffer) : null;
    for (const { metric, weighted } of plan.metrics) {
      trace?.begin('loss', metric.name);
      const weight = weighted ? weights : counts;
      if (logits && metric instanceof MeanMetric && metric.takesLogitsOf(plan.loss.fuses)) metric.updateFromLogits(yTrue, logits, weight);
      else metric.update(yTrue, yPred, weight);
      trace?.end();
    }
  }

  private targets(op: string, batch: Batch, place: BatchPlace): readonly Tensor[] {
    const { y } = batch;
    const list = y === undefined ? [] : y instanceof Tensor ? [y] : y;
    if (list.length !== this.outputs.length) {
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected y for ${this.outputs.length} output${this.outputs.length === 1 ? '' : 's'}, received ${list.length}`,
      );
    }
    for (const t of list) checkFinite(op, 'y', t, place);
    return list;
  }

  /** Per output; one for all as often as there are outputs. */
  private sampleWeights(op: string, batch: Batch): readonly (Tensor | null)[] {
    const { sampleWeight } = batch;
    const list = sampleWeight === undefined ? [null] : sampleWeight instanceof Tensor ? [sampleWeight] : sampleWeight;
    if (list.length === 1) return this.outputs.map(() => list[0] as Tensor | null);
    if (list.length !== this.outputs.length)
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected sample weights for all outputs or for each of ${this.outputs.length}, received ${list.length}`,
      );
    return list;
  }

  private pass(training: boolean, wantsLogits: readonly boolean[]): Pass {
    return { training, step: this.step, call: 0, dtype: 'float32', precision: this.compiled?.precision ?? 'float32', wantsLogits };
  }
}

/** A weight and its gradient are read, the weight written, each slot read and written; about five operations per slot. */
function updateWork(updates: readonly Update[], slots: number): Work {
  const values = updates.reduce((sum, { value }) => sum + value.size, 0);
  return { flops: values * (2 + 5 * slots), bytes: FLOAT * values * (3 + 2 * slots) };
}

/** One number under the metric's name; several under the name and their place: f1Score_0, f1Score_1. */
function addResult(logs: Logs, name: string, result: MetricResult): void {
  if (typeof result === 'number') logs[name] = result;
  else result.forEach((value, i) => (logs[`${name}_${i}`] = value));
}

export function notCompiled(op: string): SarafError {
  return new SarafError('ERR_STATE', op, "expected a compiled model; call model.compile({ optimizer: 'adam', loss: … }) first");
}

/** What each row counts; null: all the same. In memory of its own, for the loss may have others. */
function rowWeights(weighting: Weighting, yPred: Tensor, buffer: BufferSource): Float32Array | null {
  const cols = yPred.rank < 2 ? 1 : (yPred.shape[yPred.rank - 1] as number);
  const rows = cols === 0 ? 0 : yPred.size / cols;
  return combineWeights('weightedMetrics', weighting, yPred, rows, null, (name, shape, dtype) => buffer(`metrics/${name}`, shape, dtype))
    .weight;
}

/** Reads the class of row r off the targets, whatever their form. */
function classReader(yTrue: Tensor, yPred: Tensor, sparse: boolean): (row: number) => number {
  const values = yTrue.data();
  const cols = yPred.rank < 2 ? 1 : (yPred.shape[yPred.rank - 1] as number);
  if (sparse || cols === 1) return (row) => Math.round(values[row] as number);
  return (row) => {
    let best = 0;
    for (let c = 1; c < cols; c++) if ((values[row * cols + c] as number) > (values[row * cols + best] as number)) best = c;
    return best;
  };
}

/** What is under way on these running means would be spoilt. */
export function refuseBusy(op: string, trainer: Trainer | null): void {
  if (!trainer?.busy) return;
  const cure = trainer.busy === 'fit' ? 'await fit, or call it in onEpochEnd of a callback' : 'await evaluate first';
  throw new SarafError('ERR_STATE', op, `expected no ${trainer.busy === 'fit' ? 'epoch' : 'evaluation'} under way; ${cure}`);
}
