import { setSeed } from '../initializers/seed.js';
import { layers } from '../layers/index.js';
import { toClasses } from '../metrics/labels.js';
import { Sequential } from '../models/sequential.js';
import { adam } from '../optimizers/index.js';
import { tensor } from '../tensor/tensor.js';
import { TextVectorization } from '../text/text-vectorization.js';
import type { Baseline, Loaded, Prepared } from './experiment.js';
import { evaluateClasses } from './evaluate.js';

/** Texts with class numbers. */
export interface LabelledTexts {
  readonly texts: readonly string[];
  readonly labels: Int32Array;
  readonly keep?: Uint8Array | undefined;
}

const zeroCounts = (n: number): number[] => Array.from({ length: n }, () => 0);

function majority(train: LabelledTexts, classes: number): number {
  const counts = zeroCounts(classes);
  for (const label of train.labels) counts[label] = (counts[label] ?? 0) + 1;
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
      const prior = Math.log(((rows[k] ?? 0) + 1e-9) / train.labels.length);
      return known.reduce((sum, w) => sum + Math.log(((own.get(w) ?? 0) + 1) / ((totals[k] ?? 0) + vocabulary.size)), prior);
    });
    return scores.indexOf(Math.max(...scores));
  });
}

/** Logistic regression on TF-IDF weights: one dense layer with softmax, trained by Adam on the whole training part. */
async function logisticRegression(train: LabelledTexts, texts: readonly string[], classes: number): Promise<Int32Array> {
  const vectorize = new TextVectorization({ outputMode: 'tf_idf', maxTokens: 10_000 });
  vectorize.adapt(train.texts);
  setSeed(0);
  const model = new Sequential([layers.dense({ units: classes, activation: 'softmax', inputShape: [vectorize.vocabularySize()] })]);
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
  await model.fit(vectorize.call([...train.texts]), tensor(train.labels, [train.labels.length]), { epochs: 40, batchSize: 64, verbose: 0 });
  return toClasses('baselines', await model.predict(vectorize.call([...texts])));
}

/** Majority class, naive Bayes, and TF-IDF with logistic regression: a score in percent on the test part. */
export async function textBaselines(
  train: LabelledTexts,
  test: LabelledTexts,
  classNames: readonly string[],
  by: 'macroF1' | 'weightedF1' | 'accuracy' = 'macroF1',
): Promise<Baseline[]> {
  const score = (predictions: ArrayLike<number>): number => evaluateClasses(test.labels, predictions, classNames, test.keep)[by];
  const most = majority(train, classNames.length);
  return [
    {
      name: 'majority class',
      value: score(new Int32Array(test.texts.length).fill(most)),
      note: `always "${classNames[most] ?? ''}", the most frequent class of the training part`,
    },
    {
      name: 'naive Bayes',
      value: score(naiveBayes(train, test.texts, classNames.length)),
      note: 'multinomial over words, one added to every count',
    },
    {
      name: 'TF-IDF + logistic regression',
      value: score(await logisticRegression(train, test.texts, classNames.length)),
      note: 'vocabulary of the training part; Adam, 40 epochs',
    },
  ];
}

/** `textBaselines` on the texts that a protocol trains and tests on, which its audit has. */
export const preparedBaselines =
  (by: 'macroF1' | 'weightedF1' | 'accuracy') =>
  ({ classNames }: Loaded, { audited, train, test }: Prepared): Promise<Baseline[]> =>
    textBaselines(
      { texts: audited.train.texts ?? [], labels: train.labels },
      { texts: audited.test.texts ?? [], labels: test.labels, keep: test.keep },
      classNames,
      by,
    );
