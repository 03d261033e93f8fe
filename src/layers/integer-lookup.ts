import { SarafError } from '../errors.js';
import { fullShape, knownOptions, onlyShape, oneOf, positiveInteger, showShape } from './checks.js';
import { encodeCategories, encodedShape, type CategoryMode } from './encode-categories.js';
import { changeHost } from './host.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type SymbolicTensor } from './layer.js';
import { wholeNumbers } from './whole-numbers.js';
import type { DType } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

export interface IntegerLookupOptions extends LayerOptions {
  /** The numbers that are known, each once; mask and unknown ones may lead it or be left out. Default: what `adapt` learns. */
  vocabulary?: readonly number[] | null;
  /** The most numbers that `adapt` keeps, mask and unknown ones included. Default: all. */
  maxTokens?: number | null;
  /** Places for unknown numbers, which share them by their remainder; with 0 an unknown number is an error. Default 1. */
  numOovIndices?: number;
  /** A number that stands for nothing: it becomes 0, or a row without a 1. Default none. */
  maskToken?: number | null;
  /** What an unknown number is called in a vocabulary. Default -1. */
  oovToken?: number;
  /** `int`: the place of a number in the vocabulary. Else that place encoded as CategoryEncoding does. Default int. */
  outputMode?: 'int' | CategoryMode;
  /** Make rows `maxTokens` long in the other modes, however many numbers there are. Default false. */
  padToMaxTokens?: boolean;
}

const OPTIONS = ['vocabulary', 'maxTokens', 'numOovIndices', 'maskToken', 'oovToken', 'outputMode', 'padToMaxTokens'];

function wholeNumber(op: string, name: string, value: unknown): number {
  if (!Number.isInteger(value)) throw new SarafError('ERR_ARG', op, `expected ${name} to be an integer, received ${String(value)}`);
  return value as number;
}

/**
 * Whole numbers as their places in a vocabulary: first the mask (with `int` only), then the places of unknown ones, then the known.
 *
 * Shapes: x int32 (…) → int32 (…), or with oneHot (…,places), (…,1) → (…,places); (N,S) → (N,places) with multiHot and count.
 * Throws: ERR_ARG if a number is twice in the vocabulary; ERR_STATE without a vocabulary; ERR_DATA for an unknown number where there
 *         is no place for it; ERR_DTYPE if numbers are not whole.
 * Source: Keras IntegerLookup.
 * Example: const cities = layers.integerLookup({ outputMode: 'oneHot' }); cities.adapt(postcodes)
 */
export class IntegerLookup extends Layer {
  readonly className = 'IntegerLookup';
  readonly maxTokens: number | null;
  readonly numOovIndices: number;
  readonly maskToken: number | null;
  readonly oovToken: number;
  readonly outputMode: 'int' | CategoryMode;
  readonly padToMaxTokens: boolean;
  private places: ReadonlyMap<number, number> | null = null;

  constructor(options: IntegerLookupOptions = {}) {
    super('IntegerLookup', options);
    const op = 'integerLookup';
    knownOptions(op, options, OPTIONS);
    this.numOovIndices = wholeNumber(op, 'numOovIndices', options.numOovIndices ?? 1);
    if (this.numOovIndices < 0) throw new SarafError('ERR_ARG', op, `expected numOovIndices of at least 0, received ${this.numOovIndices}`);
    this.maskToken = options.maskToken == null ? null : wholeNumber(op, 'maskToken', options.maskToken);
    this.oovToken = wholeNumber(op, 'oovToken', options.oovToken ?? -1);
    this.outputMode = oneOf(op, 'outputMode', options.outputMode ?? 'int', ['int', 'oneHot', 'multiHot', 'count'] as const);
    this.maxTokens = options.maxTokens == null ? null : positiveInteger(op, 'maxTokens', options.maxTokens);
    this.padToMaxTokens = options.padToMaxTokens ?? false;
    if (this.padToMaxTokens && (this.maxTokens === null || this.outputMode === 'int'))
      throw new SarafError('ERR_ARG', op, 'expected padToMaxTokens only with maxTokens and an outputMode other than int; leave it out');
    if (options.vocabulary) this.setVocabulary(options.vocabulary);
  }

  /** Places before the known numbers. */
  private get special(): readonly number[] {
    const unknown = Array.from({ length: this.numOovIndices }, () => this.oovToken);
    return this.maskToken !== null && this.outputMode === 'int' ? [this.maskToken, ...unknown] : unknown;
  }

  /** Learns the numbers that occur, frequent ones first, of equally frequent ones the larger; replaces what there was. */
  adapt(data: Tensor): void {
    if (data.size === 0) throw new SarafError('ERR_SHAPE', this.name, `expected data, received the shape ${showShape(data.shape)}`);
    const counts = new Map<number, number>();
    for (const n of data.data()) counts.set(wholeNumber(this.name, 'data', n), (counts.get(n) ?? 0) + 1);
    if (this.maskToken !== null) counts.delete(this.maskToken);
    counts.delete(this.oovToken);
    const sorted = [...counts].sort(([a, n], [b, m]) => m - n || b - a).map(([n]) => n);
    this.setVocabulary(this.maxTokens === null ? sorted : sorted.slice(0, Math.max(0, this.maxTokens - this.special.length)));
  }

  /** Takes a vocabulary instead of learning one. Throws ERR_ARG if a number is there twice or there are more than `maxTokens`. */
  setVocabulary(vocabulary: readonly number[]): void {
    const { special } = this;
    const led = special.length > 0 && special.every((n, i) => vocabulary[i] === n);
    const known = led ? vocabulary.slice(special.length) : vocabulary;
    for (const n of known) wholeNumber(this.name, 'the vocabulary', n);
    const twice = known.find((n, i) => known.indexOf(n) !== i);
    if (twice !== undefined)
      throw new SarafError('ERR_ARG', this.name, `expected each number of the vocabulary once, received ${twice} twice`);
    if (this.maxTokens !== null && known.length + special.length > this.maxTokens) {
      throw new SarafError(
        'ERR_ARG',
        this.name,
        `expected at most ${this.maxTokens} numbers (maxTokens, mask and unknown ones included), received ${known.length + special.length}`,
      );
    }
    this.places = new Map(known.map((n, i) => [n, i + special.length]));
  }

  /** The number of each place, mask and unknown ones too; null before `adapt`. */
  getVocabulary(): number[] | null {
    return this.places && [...this.special, ...this.places.keys()];
  }

  /** How many places there are: the `inputDim` of an embedding. Throws ERR_STATE without a vocabulary. */
  vocabularySize(): number {
    return this.special.length + this.learnt().size;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (this.outputMode === 'int') return [shape];
    return [encodedShape(this.name, shape, this.outputMode, this.padToMaxTokens ? (this.maxTokens as number) : this.vocabularySize())];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    const [shape] = this.computeOutputShape(inputs.map((t) => t.shape)) as [SymbolicShape];
    const numbers = wholeNumbers(this.name, 'numbers', x, ctx, 'round them, or put a discretization layer before this one').data();
    const known = this.learnt();
    const places = ctx.buffer('places', x.shape, 'int32');
    changeHost(places, (into) => {
      for (let i = 0; i < into.length; i++) into[i] = this.placeOf(numbers[i] as number, i, known);
    });
    if (this.outputMode === 'int') return [places];
    return [encodeCategories(this.name, places.data(), this.outputMode, fullShape(this.name, shape), null, ctx, true)];
  }

  /** Whole numbers have no gradient. */
  override backward(): null[] {
    return [null];
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      vocabulary: this.places && [...this.places.keys()],
      maxTokens: this.maxTokens,
      numOovIndices: this.numOovIndices,
      maskToken: this.maskToken,
      oovToken: this.oovToken,
      outputMode: this.outputMode,
      padToMaxTokens: this.padToMaxTokens,
    };
  }

  protected override outputDType(_inputs: readonly SymbolicTensor[]): DType {
    return this.outputMode === 'int' ? 'int32' : 'float32';
  }

  /** -1 for a mask that has no place. */
  private placeOf(n: number, position: number, known: ReadonlyMap<number, number>): number {
    const masks = this.maskToken !== null && this.outputMode === 'int' ? 1 : 0;
    if (n === this.maskToken) return masks === 1 ? 0 : -1;
    const place = known.get(n);
    if (place !== undefined) return place;
    const unknown = this.numOovIndices;
    if (unknown === 0)
      throw new SarafError(
        'ERR_DATA',
        this.name,
        `expected numbers of the vocabulary, received ${n} at position ${position}; give numOovIndices of 1 or adapt to more data`,
      );
    return masks + (((n % unknown) + unknown) % unknown);
  }

  private learnt(): ReadonlyMap<number, number> {
    if (!this.places) throw new SarafError('ERR_STATE', this.name, 'expected a vocabulary; call adapt(data) or give vocabulary');
    return this.places;
  }
}
