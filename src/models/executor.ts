import { backend } from '../backend/current.js';
import { BINARY, type DType, type FloatType, type Precision } from '../backend/backend.js';
import { SarafError } from '../errors.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import { finalActivationOf } from '../layers/final-activation.js';
import type { LayerContext, Weight } from '../layers/layer.js';
import { absorbFollowers } from './absorb.js';
import type { Graph, GraphStep } from './graph.js';
import { tracer } from './profile/active.js';
import { validShare } from './profile/spans.js';

/** What surrounds a graph: a trainer, or the context of the layer that a nested model is. */
export interface ExecutorHost {
  buffer(name: string, shape: Shape, dtype: DType): Tensor;
  gradient(weight: Weight): Tensor | null;
  addLoss(value: number): void;
}

/** How one pass is to run. */
export interface Pass {
  readonly training: boolean;
  readonly step: number;
  readonly dtype: FloatType;
  readonly precision: Precision;
  /** Which call of the surrounding layer this is, when the graph is a nested model. */
  readonly call: number;
  /** Per output: leave its layer's last activation out. */
  readonly wantsLogits: readonly boolean[];
}

/** The context of one call; it stays the same object from step to step. */
class StepContext implements LayerContext {
  training = false;
  dtype: FloatType = 'float32';
  precision: Precision = 'float32';
  step = 0;
  wantsLogits = false;
  masks: (Tensor | null)[] = [];
  call = 0;
  readonly wanted: boolean[];
  readonly absorbing: boolean;
  private readonly executor: Executor;
  private readonly index: number;

  constructor(executor: Executor, index: number, graphStep: GraphStep, absorbing: boolean) {
    this.executor = executor;
    this.index = index;
    this.absorbing = absorbing;
    this.wanted = graphStep.inputs.map(() => false);
  }

  buffer(name: string, shape: Shape, dtype: DType = this.dtype): Tensor {
    return this.executor.host.buffer(`${this.index}/${name}`, shape, dtype);
  }

  gradient(weight: Weight): Tensor | null {
    return this.executor.gradientFor(weight, this.index);
  }

  wantsInputGradient(i: number): boolean {
    return this.wanted[i] ?? false;
  }

  addLoss(value: number): void {
    this.executor.host.addLoss(value);
  }
}

/** Who wrote the gradient of a weight that several calls share. */
interface SharedGradient {
  readonly buffer: string;
  writer: number;
}

/**
 * Runs a graph forward and backward.
 *
 * Gradients of a tensor with several uses, and of a weight with several calls, are summed in descending order of calls:
 * kernels write with `=`, so the second and later ones go to memory of their own and are added.
 */
export class Executor {
  readonly host: ExecutorHost;
  private readonly graph: Graph;
  private readonly contexts: readonly StepContext[];
  private readonly values: (Tensor | null)[];
  private readonly masks: (Tensor | null)[];
  private readonly gradients: (Tensor | null)[];
  private readonly shared = new Map<Weight, SharedGradient>();
  private readonly toAdd = new Set<Weight>();
  /** Per step: how often its layer is called in this graph. */
  private readonly callsOf: readonly number[];
  /** Output number of a tensor that is an output and nothing else, else -1. */
  private readonly onlyOutput: readonly number[];

  constructor(whole: Graph, host: ExecutorHost) {
    const { graph, absorbing } = absorbFollowers(whole);
    this.graph = graph;
    this.host = host;
    this.contexts = graph.steps.map((step, i) => new StepContext(this, i, step, absorbing[i] as boolean));
    this.values = graph.tensors.map(() => null);
    this.masks = graph.tensors.map(() => null);
    this.gradients = graph.tensors.map(() => null);
    this.callsOf = graph.steps.map((step) => graph.steps.filter((other) => other.layer === step.layer).length);
    const seen = new Map<Weight, number>();
    for (const { layer } of graph.steps) for (const w of layer.weights) seen.set(w, (seen.get(w) ?? 0) + 1);
    for (const [w, uses] of seen) if (uses > 1) this.shared.set(w, { buffer: `shared/${this.shared.size}`, writer: -1 });
    const consumed = new Set(graph.steps.flatMap((s) => s.inputs));
    this.onlyOutput = graph.tensors.map((_, at) =>
      consumed.has(at) || graph.outputs.filter((o) => o === at).length !== 1 ? -1 : graph.outputs.indexOf(at),
    );
  }

  /** Whether the logits of output i can be had: it ends in an activation and nothing else uses it. */
  offersLogits(output: number): 'softmax' | 'sigmoid' | null {
    const at = this.graph.outputs[output] as number;
    const producer = this.graph.steps.find((s) => s.outputs.includes(at));
    return producer && producer.outputs.length === 1 && this.onlyOutput[at] === output ? finalActivationOf(producer.layer) : null;
  }

  /** Outputs of one batch. They live in the host's buffers until the next pass. */
  forward(inputs: readonly Tensor[], masks: readonly (Tensor | null)[], pass: Pass): Tensor[] {
    const { graph, values } = this;
    graph.inputs.forEach((at, i) => {
      values[at] = inputs[i] as Tensor;
      this.masks[at] = masks[i] ?? null;
    });
    const trace = tracer();
    for (let s = 0; s < graph.steps.length; s++) {
      const step = graph.steps[s] as GraphStep;
      const ctx = this.contexts[s] as StepContext;
      ctx.training = pass.training;
      ctx.dtype = pass.dtype;
      ctx.precision = pass.precision;
      ctx.step = pass.step;
      ctx.call = pass.call * (this.callsOf[s] as number) + step.call;
      const output = this.onlyOutput[step.outputs[0] as number] as number;
      ctx.wantsLogits = output >= 0 && (pass.wantsLogits[output] ?? false);
      ctx.masks = step.inputs.map((at) => this.masks[at] as Tensor | null);
      const x = step.inputs.map((at) => values[at] as Tensor);
      trace?.begin('forward', step.layer.name);
      const y = step.layer.run(x, ctx);
      if (y.length !== step.outputs.length) {
        throw new SarafError('ERR_STATE', step.layer.name, `expected ${step.outputs.length} outputs of forward, received ${y.length}`);
      }
      const out = step.layer.computeMask(x, ctx);
      trace?.end({ layer: step.layer, inputs: x.map((t) => t.shape), outputs: y.map((t) => t.shape), valid: validShare(ctx.masks[0]) });
      for (let i = 0; i < step.outputs.length; i++) {
        const at = step.outputs[i] as number;
        values[at] = y[i] as Tensor;
        this.masks[at] = out[i] ?? null;
      }
    }
    return graph.outputs.map((at) => values[at] as Tensor);
  }

  /** Takes back what the last forward pass, in training, changed beside its outputs. */
  retract(): void {
    // From the last call on: a layer that was called twice has what it was before the first.
    for (let s = this.graph.steps.length - 1; s >= 0; s--)
      (this.graph.steps[s] as GraphStep).layer.retract(this.contexts[s] as StepContext);
  }

  /** Masks of the outputs of the last forward pass. */
  outputMasks(): (Tensor | null)[] {
    return this.graph.outputs.map((at) => this.masks[at] as Tensor | null);
  }

  /**
   * Gradients of the inputs (null where not wanted); weight gradients go to `host.gradient`.
   *
   * A part of the graph without trainable weights before it is not run.
   */
  backward(
    outputGradients: readonly (Tensor | null)[],
    isTrainable: (w: Weight) => boolean,
    wantsInput: readonly boolean[],
  ): (Tensor | null)[] {
    const { graph, gradients } = this;
    gradients.fill(null);
    for (const state of this.shared.values()) state.writer = -1;
    const active = this.markWanted(isTrainable, wantsInput);
    graph.outputs.forEach((at, i) => this.addGradient(at, outputGradients[i] ?? null));
    const trace = tracer();
    for (let s = graph.steps.length - 1; s >= 0; s--) {
      const step = graph.steps[s] as GraphStep;
      if (!active[s] || step.outputs.every((at) => gradients[at] === null)) continue;
      const ctx = this.contexts[s] as StepContext;
      trace?.begin('backward', step.layer.name);
      const dx = step.layer.runBackward(
        step.outputs.map((at) => gradients[at] ?? this.zeroGradient(at)),
        ctx,
      );
      this.addShared();
      trace?.end({
        layer: step.layer,
        inputs: step.inputs.map((at) => (this.values[at] as Tensor).shape),
        outputs: step.outputs.map((at) => (this.values[at] as Tensor).shape),
        valid: validShare(ctx.masks[0]),
        made: { input: ctx.wanted.includes(true), weights: step.layer.weights.some(isTrainable) },
      });
      for (let i = 0; i < step.inputs.length; i++) if (ctx.wanted[i]) this.addGradient(step.inputs[i] as number, dx[i] ?? null);
    }
    return graph.inputs.map((at, i) => (wantsInput[i] ? (gradients[at] as Tensor | null) : null));
  }

  /** Where the call number `index` writes the gradient of a weight. */
  gradientFor(weight: Weight, index: number): Tensor | null {
    const main = this.host.gradient(weight);
    const state = main && this.shared.get(weight);
    if (!main || !state || state.writer === index) return main;
    if (state.writer === -1) {
      state.writer = index;
      return main;
    }
    this.toAdd.add(weight);
    return this.host.buffer(state.buffer, weight.value.shape, weight.value.dtype);
  }

  /** Sets for each call which input gradients it must give; returns which calls must run backward at all. */
  private markWanted(isTrainable: (w: Weight) => boolean, wantsInput: readonly boolean[]): boolean[] {
    const { graph } = this;
    const needed = graph.tensors.map(() => false);
    graph.inputs.forEach((at, i) => {
      needed[at] = wantsInput[i] ?? false;
    });
    return graph.steps.map((step, s) => {
      const ctx = this.contexts[s] as StepContext;
      step.inputs.forEach((at, i) => {
        ctx.wanted[i] = needed[at] as boolean;
      });
      const active = ctx.wanted.includes(true) || step.layer.weights.some(isTrainable);
      for (const at of step.outputs) needed[at] = active;
      return active;
    });
  }

  private addGradient(at: number, gradient: Tensor | null): void {
    if (!gradient) return;
    const before = this.gradients[at] as Tensor | null;
    if (!before) {
      this.gradients[at] = gradient;
      return;
    }
    // The sum has memory of its own: what a layer handed over may be a view of another gradient.
    const sum = this.host.buffer(`sum/${at}`, gradient.shape, gradient.dtype);
    backend().binary(before.storage, gradient.storage, sum.storage, BINARY.add);
    this.gradients[at] = sum;
  }

  private addShared(): void {
    for (const weight of this.toAdd) {
      const main = this.host.gradient(weight) as Tensor;
      const { buffer } = this.shared.get(weight) as SharedGradient;
      backend().binary(main.storage, this.host.buffer(buffer, weight.value.shape, weight.value.dtype).storage, main.storage, BINARY.add);
    }
    this.toAdd.clear();
  }

  private zeroGradient(at: number): Tensor {
    const value = this.values[at] as Tensor;
    const zero = this.host.buffer(`zero/${at}`, value.shape, value.dtype);
    backend().fill(zero.storage, 0);
    return zero;
  }
}
