import { SarafError } from '../../errors.js';
import { refuseTestRows, samePart } from '../../tensor/part.js';
import { registerPreprocessing, type Preprocessing, type Texts } from '../../tensor/preprocessing.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { TextVectorization, TokenNumber } from '../text-vectorization.js';
import type { Tokenizer } from '../tokenizer.js';
import { LEARNER_NAMES, makeLearner, type Learner, type LearningStep } from './learners.js';
import { readyStep, type Change, type ReadyStep, type TextStep } from './steps.js';

export interface TextPipelineOptions {
  /** In the order in which they run; `vectorize` or `tokenize` only as the last. */
  steps: readonly (TextStep | LearningStep | 'vectorize')[];
  /** A text of which the steps leave nothing: 'keep' it (default) as a row of padding, or stop with an 'error' that names its row. */
  empty?: 'keep' | 'error';
}

/** What a step did to the training texts. */
export interface StepStatistics {
  readonly step: string;
  /** Words written out, left out or stemmed; for a step that looks at whole texts, texts that it changed. */
  readonly changed: number;
  /** Words after it. */
  readonly words: number;
  /** Texts without a word after it. */
  readonly emptyTexts: number;
}

/** What a step did to one text. */
export interface ExplainedStep {
  readonly step: string;
  /** The text after it; after the last step the numbers of its words. */
  readonly text: string;
  /** Word by word, where the step looks at words. */
  readonly changes: readonly Change[];
  /** After the last step: which word has which number. */
  readonly tokens?: readonly TokenNumber[];
}

const OP = 'textPipeline';
const FORMAT = 'saraf-text-pipeline';
const VERSION = 1;

/**
 * From texts to tensors in declared steps: cleaning, slang, stop words, stems, and numbers by a vocabulary.
 *
 * It learns once, from training texts: a second `fit`, and texts of a test part, are refused. As JSON, in a file or inside a saved model,
 * it is the same pipeline to the bit: `model.preprocessing = pipeline` saves it with a model, which then takes texts.
 *
 * Shapes: N texts → what the last step gives: (N,length) token numbers, or (N,vocabulary) weights.
 * Throws: ERR_ARG for steps or options that do not exist; ERR_STATE before `fit` and for a second one; ERR_DATA for a text that is none.
 * Example: new TextPipeline({ steps: ['casefold', 'clean', 'stopwords', 'stem', { step: 'vectorize', outputSequenceLength: 40 }] })
 */
export class TextPipeline implements Preprocessing {
  readonly className = 'TextPipeline';
  readonly empty: 'keep' | 'error';
  private readonly steps: readonly ReadyStep[];
  private readonly learner: Learner | null;
  private learnt: { readonly texts: number; readonly statistics: readonly StepStatistics[] } | null = null;

  constructor(options: TextPipelineOptions) {
    const unknown = Object.keys(options).find((key) => key !== 'steps' && key !== 'empty');
    if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options steps, empty, received "${unknown}"`);
    const { steps, empty = 'keep' } = options;
    if (empty !== 'keep' && empty !== 'error')
      throw new SarafError('ERR_ARG', OP, `expected empty to be "keep" or "error", received ${JSON.stringify(empty)}`);
    if (!Array.isArray(steps) || steps.length === 0)
      throw new SarafError('ERR_ARG', OP, 'expected steps, at least one of them, as in { steps: ["casefold", "clean"] }');
    this.empty = empty;
    const last = asLearning(steps.at(-1) as TextStep | LearningStep | 'vectorize');
    const before = (last ? steps.slice(0, -1) : steps) as (TextStep | LearningStep)[];
    const early = before.find((step) => asLearning(step));
    if (early) throw new SarafError('ERR_ARG', OP, `expected ${asLearning(early)?.step} to be the last step, received steps after it`);
    this.steps = before.map((step) => readyStep(step as TextStep, LEARNER_NAMES));
    this.learner = last && makeLearner(last);
  }

  /** Whether it has seen its training texts. */
  get fitted(): boolean {
    return this.learnt !== null;
  }

  /** How many texts it learnt from; null before `fit`. */
  get learntTexts(): number | null {
    return this.learnt?.texts ?? null;
  }

  /** What each step did to the training texts. Throws ERR_STATE before `fit`. */
  get statistics(): readonly StepStatistics[] {
    if (!this.learnt) throw notFitted('statistics');
    return this.learnt.statistics;
  }

  /** The last step's object, for its vocabulary; null if the pipeline ends in texts. */
  get vectorizer(): TextVectorization | Tokenizer | null {
    return this.learner?.inner ?? null;
  }

  /** How many different numbers the last step gives: the `inputDim` of an embedding, or the columns. */
  vocabularySize(): number {
    return this.numbers('vocabularySize').size();
  }

  /** Learns the vocabulary from training texts and counts what each step does to them. */
  fit(texts: readonly string[]): this {
    if (this.learnt)
      throw new SarafError(
        'ERR_STATE',
        OP,
        `expected one fit, this pipeline has learnt from ${this.learnt.texts} texts; make a new one to learn from others`,
      );
    refuseTestRows(OP, 'fit', texts);
    if (texts.length === 0) throw new SarafError('ERR_DATA', OP, 'expected at least one text to learn from, received none');
    const counts = this.steps.map(() => ({ changed: 0, words: 0, emptyTexts: 0 }));
    const done = texts.map((text, row) =>
      this.run(text, row, (s, changed, words) => {
        const count = counts[s] as (typeof counts)[number];
        count.changed += changed;
        count.words += words;
        if (words === 0) count.emptyTexts++;
      }),
    );
    if (this.learner && !this.learner.given) this.learner.learn(done);
    this.learnt = { texts: texts.length, statistics: counts.map((count, s) => ({ step: (this.steps[s] as ReadyStep).name, ...count })) };
    return this;
  }

  /** One text after all steps but `vectorize` or `tokenize`. Needs no `fit`. */
  process(text: string): string {
    return this.run(text, 0, null);
  }

  /** As `process`, many texts. */
  processAll(texts: readonly string[]): string[] {
    return samePart(
      texts.map((text, row) => this.run(text, row, null)),
      texts,
    );
  }

  /** The tensor of some texts; a single text is a batch of one. */
  transform(texts: Texts): Tensor {
    const learner = this.numbers('transform');
    const batch = typeof texts === 'string' ? [texts] : texts;
    return samePart(learner.call(this.processAll(batch)), batch);
  }

  /** What each step does to a text, one after the other. Needs no `fit`, but without one the last step is left out. */
  explain(text: string): ExplainedStep[] {
    const explained: ExplainedStep[] = [];
    let now = text;
    for (const step of this.steps) {
      const before = now;
      const words = wordsOf(before);
      now = 'text' in step ? step.text(before) : step.words(words).words.join(' ');
      explained.push({ step: step.name, text: now, changes: 'text' in step ? [] : step.changes(words) });
    }
    if (this.learner && (this.learnt || this.learner.given)) {
      const tokens = this.learner.tokens(now);
      explained.push({ step: this.learner.name, text: tokens.map((t) => t.number).join(' '), changes: [], tokens });
    }
    return explained;
  }

  /** Everything that makes this pipeline again, for `JSON.stringify`. */
  toJSON(): Record<string, unknown> {
    const { learner, learnt } = this;
    const steps: Record<string, unknown>[] = this.steps.map((step) => ({ step: step.name, ...step.config }));
    if (learner) steps.push({ step: learner.name, ...learner.config() });
    return { format: FORMAT, formatVersion: VERSION, empty: this.empty, steps, learnt };
  }

  /** The pipeline that `toJSON` wrote, as an object or as text. Throws ERR_FORMAT for anything else, saying why. */
  static fromJSON(json: unknown): TextPipeline {
    const stored = typeof json === 'string' ? parsed(json) : json;
    const file = (typeof stored === 'object' && stored !== null ? stored : {}) as Record<string, unknown>;
    if (file['format'] !== FORMAT || !Array.isArray(file['steps']))
      throw new SarafError('ERR_FORMAT', OP, `expected a pipeline of format ${FORMAT}, received ${JSON.stringify(file['format'])}`);
    if (file['formatVersion'] !== VERSION)
      throw new SarafError(
        'ERR_FORMAT',
        OP,
        `expected format version ${VERSION}, received ${JSON.stringify(file['formatVersion'])}; update saraf`,
      );
    try {
      const learnt = checkedLearnt(file['learnt']);
      const pipeline = new TextPipeline({
        steps: file['steps'] as (TextStep | LearningStep)[],
        empty: file['empty'] as 'keep' | 'error',
      });
      pipeline.learnt = learnt;
      return pipeline;
    } catch (cause) {
      if (cause instanceof SarafError && cause.code === 'ERR_FORMAT') throw cause;
      const reason = cause instanceof Error ? cause.message.replace(/^\[[^\]]*\] /, '') : String(cause);
      throw new SarafError('ERR_FORMAT', OP, `expected a pipeline that can be made again: ${reason}`, { cause });
    }
  }

  private run(text: string, row: number, count: ((step: number, changed: number, words: number) => void) | null): string {
    if (typeof text !== 'string')
      throw new SarafError(
        'ERR_DATA',
        OP,
        `expected text in row ${row}, received ${text === null ? 'null' : typeof text}; fill in or drop missing texts first`,
      );
    // Steps that look at words hand on the list of them.
    let whole: string | null = text;
    let words: readonly string[] = [];
    this.steps.forEach((step, s) => {
      let changed: number;
      if ('text' in step) {
        const before = whole ?? words.join(' ');
        whole = step.text(before);
        changed = whole === before ? 0 : 1;
      } else {
        const result = step.words(whole === null ? words : wordsOf(whole));
        whole = null;
        words = result.words;
        changed = result.changed;
      }
      count?.(s, changed, whole === null ? words.length : countWords(whole));
    });
    const done = whole ?? words.join(' ');
    if (this.empty === 'error' && done.trim() === '')
      throw new SarafError(
        'ERR_DATA',
        OP,
        `expected words in row ${row}, the steps leave none of ${JSON.stringify(text.slice(0, 60))}; drop the row or set empty: "keep"`,
      );
    return done;
  }

  private numbers(what: string): Learner {
    if (!this.learner)
      throw new SarafError(
        'ERR_STATE',
        OP,
        `expected a pipeline that ends in ${LEARNER_NAMES.join(' or ')} for ${what}; add one, or use processAll`,
      );
    if (!this.learnt && !this.learner.given) throw notFitted(what);
    return this.learner;
  }
}

registerPreprocessing('TextPipeline', (json) => TextPipeline.fromJSON(json));

function notFitted(what: string): SarafError {
  return new SarafError('ERR_STATE', OP, `expected a pipeline that has learnt before ${what}; call fit(trainingTexts) first`);
}

const WORD = /\S+/g;
const wordsOf = (text: string): string[] => (text === '' ? [] : text.split(/\s+/).filter((word) => word !== ''));

/** How many words `wordsOf` would give. */
function countWords(text: string): number {
  let count = 0;
  WORD.lastIndex = 0;
  while (WORD.test(text)) count++;
  return count;
}

function asLearning(step: TextStep | LearningStep | 'vectorize'): LearningStep | null {
  if (step === 'vectorize') return { step };
  return typeof step === 'object' && LEARNER_NAMES.includes(step.step) ? (step as LearningStep) : null;
}

function checkedLearnt(learnt: unknown): TextPipeline['learnt'] {
  if (learnt === null) return null;
  const { texts, statistics } = (learnt ?? {}) as { texts?: unknown; statistics?: unknown };
  const counted = (s: unknown): boolean => typeof s === 'object' && s !== null && 'step' in s && 'changed' in s && 'words' in s;
  if (!Number.isSafeInteger(texts) || !Array.isArray(statistics) || !statistics.every(counted))
    throw new SarafError('ERR_FORMAT', OP, 'expected what the pipeline learnt to be a number of texts and statistics of its steps');
  return { texts: texts as number, statistics: statistics as StepStatistics[] };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', OP, 'expected the JSON of a pipeline, received text that is no JSON', { cause });
  }
}
