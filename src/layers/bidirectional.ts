import { SarafError } from '../errors.js';
import { BINARY, type FloatType } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { inputCount, knownOptions, oneOf } from './checks.js';
import { FLOAT, valuesIn, type ForwardWork } from './cost.js';
import { Interleave } from './join.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import { Recurrent } from './recurrent.js';
import { runBoth } from './recurrent-calls.js';
import { copyLayer, layerConfig, layerFromConfig, type LayerConfig } from './registry.js';
import { InnerContext } from './standalone-context.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

/** How the two directions are joined; null gives both as separate outputs. */
export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave' | null;

export interface BidirectionalOptions extends LayerOptions {
  /** The layer to run in both directions (a copy of it is used), or its configuration. */
  layer: Layer | LayerConfig;
  /** A layer of its own for the backward direction, with `goBackwards`. Default: a copy of `layer`. */
  backwardLayer?: Layer | LayerConfig;
  /** Default concat. */
  mergeMode?: MergeMode;
}

interface Saved {
  forward: InnerContext;
  backward: InnerContext;
  /** Both directions' outputs, aligned in time. */
  parts: readonly [Tensor, Tensor];
  inputs: number;
}

function recurrent(name: string, given: Layer | LayerConfig): Recurrent {
  const layer = given instanceof Layer ? given : layerFromConfig(given);
  if (!(layer instanceof Recurrent)) {
    throw new SarafError('ERR_ARG', 'bidirectional', `expected ${name} to be a simpleRnn, lstm or gru layer, received ${layer.className}`);
  }
  return layer;
}

/**
 * Runs a recurrent layer over the sequence in both directions and joins the outputs.
 *
 * Shapes: x (N,T,D) → (N,2U) with concat, (N,U) with sum, mul, ave; with `returnSequences` (N,T,…). With `returnState` the
 *         forward states follow, then the backward ones. Initial states: further inputs in that order.
 * Masks:  masked steps give zeros with `returnSequences`, as Keras sets it.
 * Throws: ERR_ARG if the layer is not recurrent, or the two directions do not fit together.
 * Source: Schuster and Paliwal 1997; Keras Bidirectional.
 * Example: layers.bidirectional({ layer: layers.lstm({ units: 64, returnSequences: true }) })
 */
export class Bidirectional extends Layer {
  readonly className = 'Bidirectional';
  readonly mergeMode: MergeMode;
  readonly forwardLayer: Recurrent;
  readonly backwardLayer: Recurrent;
  private readonly interleaves = new PerShape<Interleave>();

  constructor(options: BidirectionalOptions) {
    const layer = recurrent('layer', options.layer);
    super('Bidirectional', { ...options, ...(options.inputShape || !layer.inputShape ? {} : { inputShape: layer.inputShape }) });
    knownOptions('bidirectional', options, ['layer', 'backwardLayer', 'mergeMode']);
    if (layer.goBackwards) {
      throw new SarafError(
        'ERR_ARG',
        'bidirectional',
        'expected layer without goBackwards, received goBackwards: true; the backward direction is added here',
      );
    }
    this.mergeMode = oneOf<MergeMode>('bidirectional', 'mergeMode', options.mergeMode === undefined ? 'concat' : options.mergeMode, [
      'concat',
      'sum',
      'mul',
      'ave',
      null,
    ]);
    const seed = this.seed ?? layer.seed;
    const seeded = (offset: number): object => (seed === undefined ? {} : { seed: (seed + offset) >>> 0 });
    this.forwardLayer = copyLayer(layer, { name: `forward_${layer.name}`, ...seeded(0) }) as Recurrent;
    // Another seed, or both directions would start with the same weights.
    this.backwardLayer = options.backwardLayer
      ? (copyLayer(recurrent('backwardLayer', options.backwardLayer)) as Recurrent)
      : (copyLayer(layer, { name: `backward_${layer.name}`, goBackwards: true, ...seeded(0x9e3779b9), randomKey: undefined }) as Recurrent);
    const [f, b] = [this.forwardLayer, this.backwardLayer];
    if (!b.goBackwards || f.returnSequences !== b.returnSequences || f.returnState !== b.returnState) {
      throw new SarafError(
        'ERR_ARG',
        'bidirectional',
        'expected backwardLayer with goBackwards: true and the same returnSequences and returnState as layer',
      );
    }
    if (this.mergeMode !== 'concat' && this.mergeMode !== null && f.units !== b.units) {
      throw new SarafError(
        'ERR_ARG',
        'bidirectional',
        `expected equal units for mergeMode ${this.mergeMode}, received ${f.units} and ${b.units}`,
      );
    }
    for (const inner of [f, b]) inner.zeroOutputForMask = f.returnSequences;
    b.alignedOutput = true;
    b.addInputGradient = f.dropout === 0 && b.dropout === 0;
  }

  /** Lets both directions of a stateful layer begin with zeros again. */
  resetStates(): void {
    this.forwardLayer.resetStates();
    this.backwardLayer.resetStates();
  }

  override get supportsMasking(): boolean {
    return true;
  }

  protected override get innerLayers(): readonly Layer[] {
    return [this.forwardLayer, this.backwardLayer];
  }

  override get weights(): readonly Weight[] {
    return [...this.forwardLayer.weights, ...this.backwardLayer.weights];
  }

  override get trainableWeights(): readonly Weight[] {
    return this.trainable ? [...this.forwardLayer.trainableWeights, ...this.backwardLayer.trainableWeights] : [];
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.forwardLayer.weightPrefix = `${this.weightPrefix}forward/`;
    this.backwardLayer.weightPrefix = `${this.weightPrefix}backward/`;
    const [forward, backward] = this.directions(inputShapes);
    this.forwardLayer.build(forward, dtype);
    this.backwardLayer.build(backward, dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const [forward, backward] = this.directions(inputShapes);
    const [f, ...fStates] = this.forwardLayer.computeOutputShape(forward) as [SymbolicShape, ...SymbolicShape[]];
    const [b, ...bStates] = this.backwardLayer.computeOutputShape(backward) as [SymbolicShape, ...SymbolicShape[]];
    if (this.mergeMode === null) return [f, b, ...fStates, ...bStates];
    const units = this.mergeMode === 'concat' ? this.forwardLayer.units + this.backwardLayer.units : this.forwardLayer.units;
    return [[...f.slice(0, -1), units], ...fStates, ...bStates];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const shapes = this.computeOutputShape(inputs.map((t) => t.shape));
    const [forwardInputs, backwardInputs] = this.directions(inputs);
    const widths = this.widths();
    const outer = ((shapes[0] as number[]).slice(0, -1) as number[]).reduce((product, n) => product * n, 1);
    const joint = this.joint('joint', outer, ctx);
    const [forward, backward] = [0, 1].map((direction) => {
      const states = this.forwardLayer.stateCount;
      const first = direction === 0 ? 0 : states;
      return new InnerContext(ctx, {
        prefix: direction === 0 ? 'forward/' : 'backward/',
        masks: [ctx.masks[0] ?? null],
        provided: new Map([['output', joint[direction as 0 | 1]]]),
        shared: this.backwardLayer.addInputGradient ? ['dx'] : [],
        inputs: inputs.map((_, i) => (i === 0 ? 0 : first + i)),
      });
    }) as [InnerContext, InnerContext];
    const passes = [
      this.forwardLayer.prepareForward(forwardInputs, forward),
      this.backwardLayer.prepareForward(backwardInputs, backward),
    ] as const;
    runBoth(passes[0].kernelCall, passes[1].kernelCall);
    const [f, ...fStates] = this.forwardLayer.penalize(passes[0].finish(), forward) as [Tensor, ...Tensor[]];
    const [b, ...bStates] = this.backwardLayer.penalize(passes[1].finish(), backward) as [Tensor, ...Tensor[]];
    this.remember(ctx, { forward, backward, parts: [f, b], inputs: inputs.length } satisfies Saved);
    const states = [...fStates, ...bStates];
    if (this.mergeMode === null) return [f, b, ...states];
    const y = ctx.buffer('y', shapes[0] as number[]);
    switch (this.mergeMode) {
      case 'concat':
        this.interleave(outer, widths).joinParts(ctx.buffer('joint', [outer * (widths[0] + widths[1])]).storage, y.storage);
        break;
      case 'mul':
        backend().binary(f.storage, b.storage, y.storage, BINARY.multiply);
        break;
      case 'sum':
      case 'ave':
        backend().binary(f.storage, b.storage, y.storage, BINARY.add);
        if (this.mergeMode === 'ave') backend().affine(y.storage, y.storage, 0.5, 0);
        break;
    }
    return [y, ...states];
  }

  override retract(ctx: LayerContext): void {
    const { forward, backward } = this.recall<Saved>(ctx);
    this.forwardLayer.retract(forward);
    this.backwardLayer.retract(backward);
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const saved = this.recall<Saved>(ctx);
    const outputs = this.mergeMode === null ? 2 : 1;
    const states = this.forwardLayer.returnState ? this.forwardLayer.stateCount : 0;
    const [df, db] = this.split(outputGradients, saved, ctx);
    const dfStates = outputGradients.slice(outputs, outputs + states);
    const dbStates = outputGradients.slice(outputs + states);
    const passes = [
      this.forwardLayer.prepareBackward(this.forwardLayer.withPenalty([df, ...dfStates], saved.forward), saved.forward),
      this.backwardLayer.prepareBackward(this.backwardLayer.withPenalty([db, ...dbStates], saved.backward), saved.backward),
    ] as const;
    runBoth(passes[0].kernelCall, passes[1].kernelCall);
    const [dxForward, ...dForward] = passes[0].finish() as [Tensor | null, ...(Tensor | null)[]];
    const [dxBackward, ...dBackward] = passes[1].finish() as [Tensor | null, ...(Tensor | null)[]];
    if (!dxForward || !dxBackward) return [null, ...dForward, ...dBackward];
    if (this.backwardLayer.addInputGradient) return [dxBackward, ...dForward, ...dBackward];
    const dx = ctx.buffer('dx', dxForward.shape);
    backend().binary(dxForward.storage, dxBackward.storage, dx.storage, BINARY.add);
    return [dx, ...dForward, ...dBackward];
  }

  override computeMask(_inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const mask = this.forwardLayer.returnSequences ? (ctx.masks[0] ?? null) : null;
    const states = this.forwardLayer.returnState ? this.forwardLayer.stateCount + this.backwardLayer.stateCount : 0;
    return [...(this.mergeMode === null ? [mask, mask] : [mask]), ...Array.from({ length: states }, () => null)];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[], valid = 1): ForwardWork {
    const [f, b] = [this.forwardLayer, this.backwardLayer].map((layer) => layer.cost(inputShapes, [], valid)) as [ForwardWork, ForwardWork];
    const joined = 2 * FLOAT * valuesIn(outputShapes);
    return { flops: f.flops + b.flops, bytes: f.bytes + b.bytes + joined, products: f.products + b.products };
  }

  override getConfig(): Record<string, unknown> {
    const { name, ...config } = layerConfig(this.forwardLayer).config;
    return {
      ...super.getConfig(),
      layer: { className: this.forwardLayer.className, config: { ...config, name: String(name).replace(/^forward_/, '') } },
      backwardLayer: layerConfig(this.backwardLayer),
      mergeMode: this.mergeMode,
    };
  }

  /** The inputs of each direction: x, and its own initial states. */
  private directions<T extends SymbolicShape | Tensor>(inputs: readonly T[]): [T[], T[]] {
    const own = this.forwardLayer.stateCount;
    if (inputs.length !== 1) inputCount(this.name, inputs.length, 1 + own + this.backwardLayer.stateCount);
    const [x, ...states] = inputs as readonly [T, ...T[]];
    return [
      [x, ...states.slice(0, own)],
      [x, ...states.slice(own)],
    ];
  }

  private widths(): [number, number] {
    return [this.forwardLayer.units, this.backwardLayer.units];
  }

  private interleave(outer: number, widths: [number, number]): Interleave {
    return this.interleaves.get([outer], () => new Interleave(outer, widths));
  }

  /** Memory for both directions, one after the other. */
  private joint(name: string, outer: number, ctx: LayerContext): [Tensor, Tensor] {
    const [first, second] = this.widths();
    const all = ctx.buffer(name, [outer * (first + second)]);
    return [all.rows(0, outer * first), all.rows(outer * first, outer * (first + second))];
  }

  /** Gradients of both directions' outputs, from those of the joined output. */
  private split(outputGradients: readonly Tensor[], { parts }: Saved, ctx: LayerContext): [Tensor, Tensor] {
    const dy = outputGradients[0] as Tensor;
    const [f, b] = parts;
    switch (this.mergeMode) {
      case null:
        return [dy, outputGradients[1] as Tensor];
      case 'sum':
        return [dy, dy];
      case 'ave': {
        const half = ctx.buffer('dhalf', dy.shape);
        backend().affine(dy.storage, half.storage, 0.5, 0);
        return [half, half];
      }
      case 'mul': {
        const [df, db] = [ctx.buffer('df', f.shape), ctx.buffer('db', b.shape)];
        backend().binary(dy.storage, b.storage, df.storage, BINARY.multiply);
        backend().binary(dy.storage, f.storage, db.storage, BINARY.multiply);
        return [df, db];
      }
      case 'concat': {
        const outer = f.size / (f.shape.at(-1) as number);
        const [df, db] = this.joint('djoint', outer, ctx);
        this.interleave(outer, this.widths()).splitParts(dy.storage, ctx.buffer('djoint', [dy.size]).storage);
        return [df.reshape(f.shape), db.reshape(b.shape)];
      }
    }
  }
}
