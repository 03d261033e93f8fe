import { SarafError } from '../errors.js';
import { getSeed } from '../initializers/seed.js';
import { InputLayer } from '../layers/input-layer.js';
import { NO_WORK, type ForwardWork } from '../layers/cost.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type SymbolicTensor, type Weight } from '../layers/layer.js';
import { finalActivationOf, type FinalActivation } from '../layers/final-activation.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { inputOf, type Preprocessing, type Texts } from '../tensor/preprocessing.js';
import { Tensor, type Shape } from '../tensor/tensor.js';
import { isBatchSource, tensorBatch, type Batch, type BatchSource, type Data, type Rows } from './batch-source.js';
import { isBatchStream, type BatchStream } from './batch-stream.js';
import { resolveCompile, type Compiled, type CompileOptions } from './compile.js';
import { Executor } from './executor.js';
import { evaluateRound, oneRound, openData, predictRound, type RoundOptions } from './evaluate.js';
import { fitModel, type FitOptions } from './fit.js';
import { modelFormat, saveInFormat, type LoadWeightsOptions } from './formats.js';
import { functionalConfig } from './graph-config.js';
import { propagateShapes, traceGraph, type Graph } from './graph.js';
import type { History } from './history.js';
import type { InputSpec } from './input-stage.js';
import { restoreModel } from './restore.js';
import { saveModel } from './save.js';
import { summaryTable } from './summary.js';
import type { TensorNames, Tensors } from './tensors.js';
import { traced } from './profile/active.js';
import { loadWeights, saveWeights } from './weights-file.js';
import { notCompiled, refuseBusy, Trainer, type ClassWeight, type Logs } from './trainer.js';

export interface ModelOptions extends LayerOptions {
  inputs: SymbolicTensor | readonly SymbolicTensor[];
  outputs: SymbolicTensor | readonly SymbolicTensor[];
}

export type PredictOptions = RoundOptions;

export interface EvaluateOptions extends RoundOptions {
  /** (N), or one per value; for all outputs, or by output as a list or by name. */
  sampleWeight?: Tensors;
}

export interface BatchOptions {
  /** (N), or one per value; for all outputs, or by output as a list or by name. */
  sampleWeight?: Tensors;
  classWeight?: ClassWeight;
}

/** What a run needs to go on where it stopped. */
export interface TrainingState {
  /** Epochs finished in the life of this model. */
  epoch: number;
  /** Steps taken in the life of this model. */
  step: number;
  /** Seed of the row order. */
  seed: number;
}

/**
 * A network of layers: any graph from inputs to outputs; also a layer itself, to nest in another model.
 *
 * Shapes: first axis of every input is the batch.
 * Throws: ERR_ARG if the outputs do not follow from the inputs; ERR_SHAPE where layers do not fit.
 * Source: Keras functional API.
 * Example: const x = input({ shape: [4] }); new Model({ inputs: x, outputs: layers.dense({ units: 3 }).apply(x) })
 */
export class Model extends Layer {
  readonly className: string = 'Functional';
  /** Set to true by a callback, `fit` stops after the current batch. */
  stopTraining = false;
  /** Set by a callback in `onTrainBegin`: the epoch that `fit` begins with instead of `initialEpoch`. */
  resumeEpoch: number | null = null;
  /** Of the last `fit`. */
  history: History | null = null;
  readonly training: TrainingState = { epoch: 0, step: 0, seed: 0 };
  /**
   * What makes the input from texts, a fitted `TextPipeline` for one: with it x may be texts, and it is saved with the model.
   *
   * Example: model.preprocessing = pipeline; await model.fit(texts, y); await model.predict('pelayanan memuaskan')
   */
  preprocessing: Preprocessing | null = null;
  /** As given to `compile`, for `save`. */
  compileOptions: CompileOptions | null = null;
  protected graphOrNull: Graph | null = null;
  private compiled: Compiled | null = null;
  private trainer: Trainer | null = null;
  private running = false;
  private readonly executors = new WeakMap<LayerContext, { executor: Executor; trainable: ReadonlySet<Weight> }>();

  constructor(options: ModelOptions);
  /** For subclasses that make their graph later. */
  constructor(options: LayerOptions & { className: string });
  constructor(options: ModelOptions | (LayerOptions & { className: string })) {
    super('className' in options ? options.className : 'Functional', options);
    if (!('inputs' in options)) return;
    const list = (t: SymbolicTensor | readonly SymbolicTensor[]): readonly SymbolicTensor[] =>
      Array.isArray(t) ? (t as readonly SymbolicTensor[]) : [t as SymbolicTensor];
    this.setGraph(list(options.inputs), list(options.outputs));
  }

  /** The graph. Throws ERR_STATE if the model does not know its input shape yet. */
  get graph(): Graph {
    if (!this.graphOrNull)
      throw new SarafError('ERR_STATE', this.name, 'expected a built model; give the first layer inputShape or fit it on data');
    return this.graphOrNull;
  }

  /** Layers in the order of the graph, input layers left out. */
  get layers(): readonly Layer[] {
    return this.graph.layers;
  }

  /** Throws ERR_ARG with the names there are. */
  getLayer(name: string): Layer {
    const layer = this.layers.find((l) => l.name === name);
    if (!layer)
      throw new SarafError('ERR_ARG', this.name, `expected a layer, one of ${this.layers.map((l) => l.name).join(', ')}, received ${name}`);
    return layer;
  }

  override get weights(): readonly Weight[] {
    return [...new Set(this.layers.flatMap((l) => l.weights))];
  }

  override get trainableWeights(): readonly Weight[] {
    return this.trainable ? [...new Set(this.layers.flatMap((l) => l.trainableWeights))] : [];
  }

  get optimizer(): Optimizer {
    if (!this.compiled) throw notCompiled(this.name);
    return this.compiled.optimizer;
  }

  /** Optimizer, losses and metrics, or null before `compile`. */
  get compilation(): Compiled | null {
    return this.compiled;
  }

  /** Names of the layers whose outputs the model gives. */
  get outputNames(): readonly string[] {
    return this.graph.outputs.map((at) => (this.graph.tensors[at] as SymbolicTensor).layer.name);
  }

  /** Names of inputs and outputs; null while the model waits for its input shape. */
  get tensorNames(): TensorNames | null {
    const { graphOrNull: graph } = this;
    if (!graph) return null;
    return { inputs: graph.inputs.map((at) => (graph.tensors[at] as SymbolicTensor).layer.name), outputs: this.outputNames };
  }

  // ---- training --------------------------------------------------------------------------------------------------

  /**
   * Says how to train: optimizer, loss and metrics, by name or as objects. Starts the optimizer anew, but for its learning rate.
   *
   * With `precision: 'bfloat16'` products round their operands to bfloat16 and sum in float32; weights, losses and everything else
   * stay float32. Faster on processors with AMX; see `CompileOptions.precision`.
   *
   * Throws: ERR_ARG for an unknown name, or an output without a loss; ERR_DEVICE where bfloat16 cannot be had, with the reason.
   * Example: model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy', 'macroF1'] })
   */
  compile(options: CompileOptions): void {
    if (this.running) throw new SarafError('ERR_STATE', 'compile', 'expected a model that is not training; await fit first');
    const compiled = resolveCompile(options, this.graphOrNull ? this.outputNames : ['output']);
    const { owner } = compiled.optimizer;
    if (owner instanceof Model && owner !== this && owner.running)
      throw new SarafError('ERR_STATE', 'compile', `expected an optimizer of its own, received that of ${owner.name}, which is training`);
    this.compiled = compiled;
    compiled.optimizer.reset();
    compiled.optimizer.owner = this;
    this.compileOptions = options;
    this.trainer = null;
    this.training.seed = getSeed();
  }

  /**
   * Trains for a number of epochs; the event loop gets its turn every 50 ms.
   *
   * Data are tensors (one per input and output, as a list or by name), texts if the model has `preprocessing`, a BatchSource that makes batches as they are needed, or a stream
   * of batches: a generator function, an iterable or a generator of `[x, y]` or `[x, y, sampleWeight]`, synchronous or not. The end of a
   * stream ends the epoch, and the first epoch says how many batches an epoch has; `stepsPerEpoch` says it beforehand. When training
   * stops before a stream is at its end, its `return()` is called.
   *
   * Shapes: x (N,…) per input, y (N) or (N,…) per output.
   * Throws: ERR_STATE if not compiled or already training; ERR_DATA for NaN in data or loss, with the place, for an error inside a stream
   *         and for one that gives out in a later epoch; ERR_SHAPE, ERR_DTYPE for data that does not fit; AbortError with the history when
   *         `signal` aborts.
   * Example: await model.fit(x, y, { epochs: 10, batchSize: 32, validationData: [xv, yv] })
   * Example: await model.fit(function* () { for (const part of parts) yield [part.x, part.y]; }, { epochs: 3 })
   */
  async fit(x: Tensors | Texts, y: Tensors, options?: FitOptions): Promise<History>;
  async fit(data: BatchSource | BatchStream, options?: FitOptions): Promise<History>;
  async fit(x: Data | Texts, second?: Tensors | FitOptions, third: FitOptions = {}): Promise<History> {
    const { y, options } = splitArguments<FitOptions>(x, second, third);
    if (this.running) throw new SarafError('ERR_STATE', 'fit', 'expected one fit at a time, received a second one; await the first');
    this.refuseLentOptimizer('fit');
    this.running = true;
    try {
      return await fitModel(this, inputOf(this, 'fit', x), y, options);
    } finally {
      this.training.step = this.trainer?.step ?? this.training.step;
      this.running = false;
    }
  }

  /**
   * Loss and metrics on data, without dropout. Data as for `fit`.
   *
   * Example: const { loss, accuracy } = await model.evaluate(x, y)
   */
  async evaluate(x: Tensors | Texts, y: Tensors, options?: EvaluateOptions): Promise<Logs>;
  async evaluate(data: BatchSource | BatchStream, options?: EvaluateOptions): Promise<Logs>;
  async evaluate(x: Data | Texts, second?: Tensors | EvaluateOptions, third: EvaluateOptions = {}): Promise<Logs> {
    const { y, options } = splitArguments<EvaluateOptions>(x, second, third);
    refuseBusy('evaluate', this.trainer);
    const { feed, trainer } = await openData(
      this,
      'evaluate',
      inputOf(this, 'evaluate', x),
      { y, sampleWeight: options.sampleWeight },
      options,
    );
    return oneRound('evaluate', feed, options.signal, (round) => evaluateRound(trainer, round, ''));
  }

  /**
   * Outputs for data, in batches: tensors, texts if the model has `preprocessing`, a BatchSource, or a stream of `[x]`, `[x, y]` or x.
   *
   * Shapes: (N,…) as the output layer gives it.
   * Throws: ERR_STATE if the model has several outputs (use `predictAll`).
   * Example: const probabilities = await model.predict(x)
   */
  async predict(x: Data | Texts, options: PredictOptions = {}): Promise<Tensor> {
    const outputs = await this.predictAll(x, options);
    if (outputs.length !== 1)
      throw new SarafError(
        'ERR_STATE',
        'predict',
        `expected a model with one output, this one has ${outputs.length} (${this.outputNames.join(', ')}); use predictAll`,
      );
    return outputs[0] as Tensor;
  }

  /** All outputs for data, in the order of the model's outputs. */
  async predictAll(x: Data | Texts, options: PredictOptions = {}): Promise<Tensor[]> {
    const { feed, trainer, rows } = await openData(this, 'predict', inputOf(this, 'predict', x), null, options);
    return oneRound('predict', feed, options.signal, (round) => predictRound(trainer, round, rows));
  }

  /** Outputs for one batch, at once. */
  predictOnBatch(x: Tensors | Texts): Tensor[] {
    const { batch, trainer } = this.oneBatch('predictOnBatch', x, null, false);
    const outputs = traced('step', 'predict', () => trainer.predict('predictOnBatch', batch.x, { batch: 0, indices: null }));
    return outputs.map((t) => t.clone());
  }

  /** One update on one batch; returns loss and metrics of this batch alone. */
  trainOnBatch(x: Tensors | Texts, y: Tensors, options: BatchOptions = {}): Logs {
    this.refuseLentOptimizer('trainOnBatch');
    const { batch, trainer } = this.oneBatch('trainOnBatch', x, { y, sampleWeight: options.sampleWeight });
    refuseBusy('trainOnBatch', trainer);
    trainer.resetLogs();
    trainer.setClassWeight(options.classWeight);
    try {
      traced('step', 'train', () => trainer.train('trainOnBatch', batch, { batch: 0, indices: null }));
    } finally {
      trainer.setClassWeight(undefined);
      this.training.step = trainer.step;
    }
    return trainer.logs();
  }

  /** Loss and metrics of one batch, without dropout or update, at once. */
  testOnBatch(x: Tensors | Texts, y: Tensors, options: { sampleWeight?: Tensors } = {}): Logs {
    const { batch, trainer } = this.oneBatch('testOnBatch', x, { y, sampleWeight: options.sampleWeight });
    refuseBusy('testOnBatch', trainer);
    trainer.resetLogs();
    traced('step', 'evaluate', () => trainer.evaluate('testOnBatch', batch, { batch: 0, indices: null }));
    return trainer.logs();
  }

  /** The trainer for data of this kind; builds the model if it was waiting for its input shape. For the training loop. */
  trainerFor(op: string, sample: () => readonly Tensor[], needsCompiled = true): Trainer {
    if (needsCompiled && !this.compileOptions) throw notCompiled(op);
    if (!this.graphOrNull) this.buildFromData(sample());
    if (this.compileOptions && this.compiled && this.compiled.outputs.some((o, i) => o.name !== this.outputNames[i])) {
      // Compiled before the graph was known: now its outputs have names.
      this.compiled = resolveCompile({ ...this.compileOptions, optimizer: this.compiled.optimizer }, this.outputNames);
    }
    if (!this.trainer) {
      this.trainer = new Trainer(this.graph, this.inputSpecs(), this.trainableWeights, this.compiled);
      this.trainer.step = this.training.step;
    }
    return this.trainer;
  }

  private refuseLentOptimizer(op: string): void {
    if (this.compiled && this.compiled.optimizer.owner !== this)
      throw new SarafError(
        'ERR_STATE',
        op,
        'expected an optimizer of its own, another model was compiled with this one since and has its state; compile each with one of its own',
      );
  }

  private oneBatch(op: string, x: Tensors | Texts, rest: Rows | null, needsCompiled = true): { batch: Batch; trainer: Trainer } {
    const batch = tensorBatch(op, inputOf(this, op, x), rest, this.tensorNames);
    return { batch, trainer: this.trainerFor(op, () => batch.x, needsCompiled) };
  }

  /** Memory that training or prediction has taken so far for values and gradients, in bytes. */
  get workspaceBytes(): number {
    return this.trainer?.bytes ?? 0;
  }

  /** Number of parameters, those of shared layers once. */
  countParams(): number {
    return this.weights.reduce((sum, w) => sum + w.value.size, 0);
  }

  /** Prints and returns the table of layers, output shapes and parameters. `print: null` only returns it. */
  summary(options: { print?: ((text: string) => void) | null } = {}): string {
    const text = summaryTable({
      name: this.name,
      graph: this.graph,
      shapes: propagateShapes(
        this.graph,
        this.graph.inputs.map((at) => (this.graph.tensors[at] as SymbolicTensor).shape),
      ),
      weights: this.weights,
      trainableWeights: this.trainableWeights,
      connections: this.className !== 'Sequential',
    });
    const print = options.print === undefined ? (t: string): void => console.log(t) : options.print;
    print?.(text);
    return text;
  }

  /**
   * Writes architecture, weights, optimizer and training state into a folder, all or nothing; or, by the name of the path, a
   * file that Keras opens: `.keras`, `.h5`, TensorFlow.js' `model.json`; or one that ONNX Runtime runs: `.onnx`, without training.
   *
   * Throws: ERR_STATE if a part cannot be written down (a function as learning rate); ERR_ARG listing all that the format does not have.
   * Example: await model.save('models/sentiment'); const same = await loadModel('models/sentiment')
   */
  async save(path: string): Promise<void> {
    this.training.step = this.trainer?.step ?? this.training.step;
    const format = modelFormat(path);
    if (format) await saveInFormat(format, this, path);
    else saveModel(this, path);
  }

  /**
   * Writes the weights alone: `.weights.h5` as Keras does, else a safetensors file.
   *
   * Example: await model.saveWeights('best.weights.h5')
   */
  async saveWeights(path: string): Promise<void> {
    await saveWeights(this, path);
  }

  /**
   * Reads weights into this model, which must have the same layers: `.weights.h5`, `.h5`, `.keras`, `model.json` of TensorFlow.js,
   * else safetensors. With `optimizer: true` also what the optimizer of a compiled model knew when a file of Keras was written.
   *
   * Throws: ERR_FORMAT naming every weight that is missing or of another shape; then no weight is changed.
   * Example: await model.loadWeights('best.weights.h5', { optimizer: true })
   */
  async loadWeights(path: string, options: LoadWeightsOptions = {}): Promise<void> {
    await loadWeights(this, path, options);
  }

  /**
   * Reads weights, optimizer and training state of a folder that `save` wrote into this model, which must have the same layers and be
   * compiled with the same optimizer: training goes on there, to the same bits.
   *
   * Throws: ERR_STATE if not built and compiled; ERR_FORMAT if the folder is damaged or is of another model.
   */
  async restore(directory: string): Promise<void> {
    await restoreModel(this, directory);
    if (this.trainer) this.trainer.step = this.training.step;
  }

  // ---- as a layer ------------------------------------------------------------------------------------------------

  override get finalActivation(): FinalActivation | null {
    const { graphOrNull: graph } = this;
    const last = graph?.steps.find((s) => s.outputs.includes(graph.outputs[0] as number));
    const consumed = graph?.steps.some((s) => s.inputs.includes(graph.outputs[0] as number)) ?? true;
    return graph && graph.outputs.length === 1 && last && !consumed ? finalActivationOf(last.layer) : null;
  }

  protected override get innerLayers(): readonly Layer[] {
    return this.graphOrNull ? this.layers : [];
  }

  /** The masks of the layers that give the outputs. */
  override computeMask(_inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return this.executors.get(ctx)?.executor.outputMasks() ?? this.graph.outputs.map(() => null);
  }

  override retract(ctx: LayerContext): void {
    this.executors.get(ctx)?.executor.retract();
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const { graph } = this;
    if (inputShapes.length !== graph.inputs.length)
      throw new SarafError('ERR_ARG', this.name, `expected ${graph.inputs.length} inputs, received ${inputShapes.length}`);
    const shapes = propagateShapes(graph, inputShapes);
    return graph.outputs.map((at) => shapes[at] as SymbolicShape);
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    let own = this.executors.get(ctx);
    if (!own) {
      const host = { buffer: ctx.buffer.bind(ctx), gradient: ctx.gradient.bind(ctx), addLoss: ctx.addLoss.bind(ctx) };
      own = { executor: new Executor(this.graph, host), trainable: new Set(this.trainableWeights) };
      this.executors.set(ctx, own);
    }
    const pass = {
      training: ctx.training,
      step: ctx.step,
      call: ctx.call ?? 0,
      dtype: ctx.dtype,
      precision: ctx.precision ?? 'float32',
      wantsLogits: [ctx.wantsLogits ?? false],
    };
    return own.executor.forward(inputs, ctx.masks, pass);
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const own = this.executors.get(ctx);
    if (!own) throw new SarafError('ERR_STATE', this.name, 'expected forward to run before backward in the same context');
    return own.executor.backward(
      outputGradients,
      (w) => own.trainable.has(w),
      this.graph.inputs.map((_, i) => ctx.wantsInputGradient(i)),
    );
  }

  override cost(inputShapes: readonly Shape[], _outputShapes: readonly Shape[], valid = 1): ForwardWork {
    const { graph } = this;
    const shapes = propagateShapes(graph, inputShapes) as Shape[];
    const at = (places: readonly number[]): Shape[] => places.map((i) => shapes[i] as Shape);
    return graph.steps
      .map(({ layer, inputs, outputs }) => layer.cost(at(inputs), at(outputs), valid))
      .reduce((a, b) => ({ flops: a.flops + b.flops, bytes: a.bytes + b.bytes, products: a.products + b.products }), NO_WORK);
  }

  override getConfig(): Record<string, unknown> {
    return { name: this.name, trainable: this.trainable, ...functionalConfig(this.graph) };
  }

  /** What the inputs must look like; a subclass that took its shape from data leaves shapes to the layers. */
  protected inputSpecs(): InputSpec[] {
    return this.graph.inputs.map((at) => {
      const t = this.graph.tensors[at] as SymbolicTensor;
      return { name: t.layer.name, shape: t.shape, dtype: t.layer instanceof InputLayer ? t.layer.dtype : t.dtype };
    });
  }

  /** Builds the graph from the first inputs. Only Sequential can. */
  protected buildFromData(_x: readonly Tensor[]): void {
    throw new SarafError('ERR_STATE', this.name, 'expected a model with inputs and outputs');
  }

  /** Traces the graph and builds every layer that is not built yet, in the order of the graph. */
  protected setGraph(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): void {
    const graph = traceGraph(this.name, inputs, outputs);
    for (const { layer, inputs: at } of graph.steps) {
      if (!layer.built) {
        layer.build(
          at.map((i) => (graph.tensors[i] as SymbolicTensor).shape),
          'float32',
        );
      }
    }
    this.graphOrNull = graph;
    this.trainer = null;
    this.built = true;
  }

  /** Forgets the graph, as adding a layer must. */
  protected dropGraph(): void {
    this.graphOrNull = null;
    this.trainer = null;
    this.built = false;
  }
}

/** `fit(x, y, options)` and `fit(source, options)` in one. */
function splitArguments<O extends object>(x: Data | Texts, second: Tensors | O | undefined, third: O): { y: Tensors | null; options: O } {
  const alone = isBatchSource(x) || isBatchStream(x);
  if (alone && second !== undefined && second !== null && !(second instanceof Tensor) && !Array.isArray(second))
    return { y: null, options: second as O };
  return { y: (second as Tensors | undefined) ?? null, options: third };
}
