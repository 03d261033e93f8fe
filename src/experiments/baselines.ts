import { setSeed } from '../initializers/seed.js';
import { layers } from '../layers/index.js';
import { toClasses } from '../metrics/labels.js';
import { Sequential } from '../models/sequential.js';
import { adam } from '../optimizers/index.js';
import { l2 } from '../regularizers/index.js';
import { tensor, type Tensor } from '../tensor/tensor.js';
import { TextVectorization } from '../text/text-vectorization.js';
import type { Baseline, Loaded, Prepared } from './experiment.js';
import { evaluateClasses } from './evaluate.js';
import { randomForest } from './random-forest.js';
import { log } from '../tensor/portable-math.js';
import { TfIdfRows } from './tf-idf-rows.js';

/** Texts with class numbers. */
export interface LabelledTexts {
  readonly texts: readonly string[];
  readonly labels: Int32Array;
  readonly keep?: Uint8Array | undefined;
}

const zeroCounts = (n: number): number[] => Array.from({ length: n }, () => 0);

function majority(labels: Int32Array, classes: number): number {
  const counts = zeroCounts(classes);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts.indexOf(Math.max(...counts));
}

/**
 * Class numbers by multinomial naive Bayes over word counts, with one added to every count.
 *
 * Source: Manning, Raghavan, Schütze 2008, chapter 13.
 */
export function naiveBayes(train: LabelledTexts, texts: readonly string[], classes: number): Int32Array {
  const words = (text: string): string[] => text.split(/\s+/).filter((w) => w !== '');
  const counts = Array.from({ length: classes }, () => new Map<string, number>());
  const totals = zeroCounts(classes);
  const rows = zeroCounts(classes);
  const vocabulary = new Set<string>();
  train.texts.forEach((text, i) => {
    const label = train.labels[i] ?? 0;
    rows[label] = (rows[label] ?? 0) + 1;
    for (const word of words(text)) {
      vocabulary.add(word);
      counts[label]?.set(word, (counts[label].get(word) ?? 0) + 1);
      totals[label] = (totals[label] ?? 0) + 1;
    }
  });
  return Int32Array.from(texts, (text) => {
    const known = words(text).filter((w) => vocabulary.has(w));
    const scores = counts.map((own, k) => {
      const prior = log(((rows[k] ?? 0) + 1e-9) / train.labels.length);
      return known.reduce((sum, w) => sum + log(((own.get(w) ?? 0) + 1) / ((totals[k] ?? 0) + vocabulary.size)), prior);
    });
    return scores.indexOf(Math.max(...scores));
  });
}

/** Both parts, to be weighed by a vocabulary of the training part. */
interface Weighed {
  readonly vectorize: TextVectorization;
  readonly train: readonly string[];
  readonly test: readonly string[];
}

function weigh(train: readonly string[], test: readonly string[]): Weighed {
  const vectorize = new TextVectorization({ outputMode: 'tf_idf', maxTokens: 10_000 });
  vectorize.adapt(train);
  return { vectorize, train, test };
}

/** Classes of the test part by a model that is fitted on the training part. */
async function fitted(model: Sequential, { vectorize, train, test }: Weighed, y: Tensor): Promise<Int32Array> {
  await model.fit(new TfIdfRows(vectorize, train, y), LEARNT);
  return toClasses('baselines', await model.predict(new TfIdfRows(vectorize, test)));
}

const LEARNT = { epochs: 40, batchSize: 64, verbose: 0 } as const;

/** Logistic regression: one dense layer with softmax, trained by Adam on the whole training part. */
async function logisticRegression(weighed: Weighed, labels: Int32Array, classes: number): Promise<Int32Array> {
  setSeed(0);
  const inputShape = [weighed.vectorize.vocabularySize()];
  const model = new Sequential([layers.dense({ units: classes, activation: 'softmax', inputShape })]);
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
  return fitted(model, weighed, tensor(labels, [labels.length]));
}

/**
 * Linear support vector machine, one class against the others: one dense layer, squared hinge loss, trained by Adam.
 *
 * Source: Fan et al. 2008 (LIBLINEAR), L2-regularised L2-loss with C = 1; their ½‖w‖² + C Σ, divided by C and the number of terms.
 */
async function linearSvm(weighed: Weighed, labels: Int32Array, classes: number): Promise<Int32Array> {
  setSeed(0);
  const signs = Float32Array.from({ length: labels.length * classes }, (_, i) =>
    labels[Math.floor(i / classes)] === i % classes ? 1 : -1,
  );
  const kernelRegularizer = l2({ l2: 1 / (2 * labels.length * classes) });
  const inputShape = [weighed.vectorize.vocabularySize()];
  const model = new Sequential([layers.dense({ units: classes, kernelRegularizer, inputShape })]);
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'squaredHinge' });
  return fitted(model, weighed, tensor(signs, [labels.length, classes]));
}

/**
 * Majority class, naive Bayes, TF-IDF with logistic regression and with a linear SVM, and a random forest: a score in percent on the test part.
 *
 * `collected`: labels of the rows that the training part was resampled from; among those that are made equal there is no majority.
 */
export async function textBaselines(
  train: LabelledTexts,
  test: LabelledTexts,
  classNames: readonly string[],
  by: 'macroF1' | 'weightedF1' | 'accuracy' = 'macroF1',
  collected?: Int32Array,
): Promise<Baseline[]> {
  const score = (predictions: ArrayLike<number>): number => evaluateClasses(test.labels, predictions, classNames, test.keep)[by];
  const most = majority(collected ?? train.labels, classNames.length);
  const weighed = weigh(train.texts, test.texts);
  return [
    {
      name: 'majority class',
      value: score(new Int32Array(test.texts.length).fill(most)),
      note: `always "${classNames[most] ?? ''}", the most frequent class of ${collected ? 'the rows as collected, before they were resampled' : 'the training part'}`,
    },
    {
      name: 'naive Bayes',
      value: score(naiveBayes(train, test.texts, classNames.length)),
      note: 'multinomial over words, one added to every count',
    },
    {
      name: 'TF-IDF + logistic regression',
      value: score(await logisticRegression(weighed, train.labels, classNames.length)),
      note: 'vocabulary of the training part; Adam, 40 epochs',
    },
    {
      name: 'TF-IDF + linear SVM',
      value: score(await linearSvm(weighed, train.labels, classNames.length)),
      note: 'the same vocabulary; one class against the others, squared hinge, C = 1; Adam, 40 epochs',
    },
    {
      name: 'random forest',
      value: score(randomForest(train, test.texts, classNames.length)),
      note: '50 trees over the presence of the 5,000 most frequent words, at most 40 questions deep',
    },
  ];
}

/** `textBaselines` on the texts that a protocol trains and tests on, which its audit has. */
export const preparedBaselines =
  (by: 'macroF1' | 'weightedF1' | 'accuracy') =>
  ({ classNames }: Loaded, { audited, train, test, unsampled }: Prepared): Promise<Baseline[]> =>
    textBaselines(
      { texts: audited.train.texts ?? [], labels: train.labels },
      { texts: audited.test.texts ?? [], labels: test.labels, keep: test.keep },
      classNames,
      by,
      unsampled?.labels,
    );
