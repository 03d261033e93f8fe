import { accuracy, confusionMatrix, averageScores, f1Score, precision, recall, rocCurve } from '../../metrics/index.js';
import { D002, D003, D004, example, SEVERAL, vector, type WorkedExample } from './worked-example.js';

const topic = 'Scores';
const NONE = { average: 'none' } as const;

/** Labels and predictions with the given confusion matrix. */
function rowsOf(matrix: readonly (readonly number[])[]): { truth: number[]; predicted: number[] } {
  const [truth, predicted]: [number[], number[]] = [[], []];
  for (const [t, row] of matrix.entries())
    for (const [p, count] of row.entries())
      for (let n = 0; n < count; n++) {
        truth.push(t);
        predicted.push(p);
      }
  return { truth, predicted };
}

/** One class of document 002 against the rest, by its printed counts. */
function oneClass(): WorkedExample {
  const [tp, fp, fn, tn] = [4419, 425, 245, 5447];
  const { truth, predicted } = rowsOf([
    [tn, fp],
    [fn, tp],
  ]);
  const ofClass = (values: number[]): number => 100 * (values[1] ?? NaN);
  return example({
    topic,
    name: 'Accuracy, precision, recall and F1 of class H0 from its counts, in %',
    formula: '(TP + TN)/all, TP/(TP + FP), TP/(TP + FN), 2·P·R/(P + R)',
    latex: String.raw`\tfrac{TP + TN}{n},\ \tfrac{TP}{TP + FP},\ \tfrac{TP}{TP + FN},\ \tfrac{2PR}{P + R}`,
    document: D002,
    given: `TP ${tp}, FP ${fp}, FN ${fn}, TN ${tn}`,
    by: 'print',
    expected: [94.49, 91.02, 94.49, 92.72],
    computed: [
      100 * accuracy(truth, predicted),
      ofClass(precision(truth, predicted, NONE)),
      ofClass(recall(truth, predicted, NONE)),
      ofClass(f1Score(truth, predicted, NONE)),
    ],
    labels: ['accuracy', 'precision', 'recall', 'F1'],
    decimals: 2,
    note: 'The printed counts give none of the printed figures. The accuracy here is that of one class against the rest; the printed one is the recall.',
  });
}

/** Precision, recall and F1 of H0 … H33 as document 002 prints them, in %. */
const CLASSES: readonly (readonly [number, number, number])[] = [
  [92, 94, 93],
  [82, 86, 84],
  [76, 90, 83],
  [80, 61, 70],
  [80, 81, 81],
  [80, 76, 78],
  [76, 79, 77],
  [75, 77, 76],
  [89, 100, 94],
  [95, 58, 72],
  [85, 83, 84],
  [84, 85, 85],
  [67, 80, 73],
  [100, 60, 75],
  [83, 50, 63],
  [78, 70, 74],
  [88, 50, 64],
  [66, 67, 67],
  [33, 100, 50],
  [75, 43, 55],
  [86, 60, 71],
  [94, 71, 78],
  [94, 71, 81],
  [52, 52, 52],
  [89, 73, 80],
  [75, 75, 75],
  [100, 100, 100],
  [89, 62, 73],
  [90, 67, 77],
  [92, 85, 88],
  [100, 50, 67],
  [67, 67, 67],
  [82, 69, 75],
  [81, 78, 80],
];

function printedClasses(): WorkedExample[] {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return [
    example({
      topic,
      name: 'F1 of H0 to H33 from precision and recall, in %',
      formula: 'F1 = 2·P·R/(P + R)',
      latex: String.raw`F_1 = \tfrac{2PR}{P + R}`,
      document: D002,
      given: `P, R = ${CLASSES.map(([p, r]) => `${p}, ${r}`).join('; ')}`,
      by: 'print',
      expected: CLASSES.map(([, , f1]) => f1),
      computed: CLASSES.map(([p, r]) => (2 * p * r) / (p + r)),
      labels: CLASSES.map((_, k) => `H${k}`),
      decimals: 0,
      rounded: 0.5,
      note: 'P and R are whole percents, which moves F1 by about half a point. H21 should be 81: it has the same P and R as H22.',
    }),
    example({
      topic,
      name: 'Averages over H0 to H33, in %',
      formula: 'mean over the classes',
      latex: String.raw`\tfrac{1}{34} \textstyle\sum_k`,
      document: D002,
      given: 'the printed precision, recall and F1 of each class',
      by: 'print',
      expected: [86, 85, 85],
      computed: [0, 1, 2].map((at) => mean(CLASSES.map((row) => row[at] ?? NaN))),
      labels: ['precision', 'recall', 'F1'],
      decimals: 0,
      note: 'What is printed as averages cannot be macro ones; the means weighted by support come near (F1 87.6).',
    }),
  ];
}

/** Document 004's three classes: its supports, right answers and predicted counts; the 8 rows without a prediction are a fourth. */
function threeClasses(): WorkedExample[] {
  const matrix = [
    [335, 31, 0, 0],
    [9, 531, 8, 0],
    [11, 3, 64, 8],
    [0, 0, 0, 0],
  ];
  const { truth, predicted } = rowsOf(matrix);
  const counted = confusionMatrix(truth, predicted, { classes: matrix.length });
  const scores = [precision, recall, f1Score].map((score) => score(truth, predicted, { ...NONE, classes: matrix.length }));
  const names = ['Internasional', 'Nasional', 'Regional'];
  const common = {
    topic,
    document: D004,
    given: 'support 366, 548, 86; predicted 355, 565, 72; right 335, 531, 64',
    by: 'print',
    decimals: 4,
  } as const;
  return [
    example({
      ...common,
      name: 'Precision, recall and F1 of three classes',
      formula: 'TP/(TP + FP), TP/(TP + FN), 2·P·R/(P + R)',
      latex: String.raw`\tfrac{TP}{TP + FP},\ \tfrac{TP}{TP + FN},\ \tfrac{2PR}{P + R}`,
      expected: [0.9437, 0.9153, 0.9293, 0.9398, 0.969, 0.9542, 0.8889, 0.7442, 0.8101],
      computed: names.flatMap((_, k) => scores.map((values) => values[k] ?? NaN)),
      labels: names.flatMap((name) => ['P', 'R', 'F1'].map((score) => `${name} ${score}`)),
      note: 'The predictions sum to 992 of 1,000 rows, which no argmax gives: 8 rows have no class here.',
    }),
    example({
      ...common,
      name: 'F1 over the three classes, weighted by support',
      formula: 'Σ support·F1/Σ support',
      latex: String.raw`\textstyle\sum_k n_k F_{1,k} / \sum_k n_k`,
      expected: [0.9327],
      computed: [averageScores(counted, 'weighted').f1],
    }),
    example({
      ...common,
      name: 'F1 over the three classes, each counting the same',
      formula: 'Σ F1/3',
      latex: String.raw`\tfrac{1}{3} \textstyle\sum_k F_{1,k}`,
      by: 'formula',
      expected: [(0.9293 + 0.9542 + 0.8101) / 3],
      computed: [averageScores(counted, 'macro', 'labels').f1],
      note: 'The document’s 93.27 is the weighted mean; of the printed F1 themselves the plain mean is this.',
    }),
  ];
}

function accuracyFormula(): WorkedExample {
  const right = 9;
  const truth = Array.from({ length: 10 }, () => 1);
  const predicted = truth.map((label, row) => (row < right ? label : 0));
  const a = right / truth.length;
  return example({
    topic,
    name: 'Accuracy by formula 2.17',
    formula: 'a/(2 − a) where it should be a',
    latex: String.raw`a / (2 - a)`,
    document: D003,
    given: `a = ${right} of ${truth.length} right`,
    by: 'formula',
    expected: [a / (2 - a)],
    computed: [accuracy(truth, predicted)],
    decimals: 4,
    note: 'The formula counts right answers once and wrong ones twice in the denominator, and so understates every accuracy.',
  });
}

function roc(): WorkedExample[] {
  const positive = [1, 1, 0, 1, 0, 0, 1, 0];
  const scores = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.1];
  const of = (kind: number): number[] => scores.filter((_, row) => positive[row] === kind);
  const [yes, no] = [of(1), of(0)];
  const share = (values: readonly number[], threshold: number): number => values.filter((s) => s >= threshold).length / values.length;
  const curve = rocCurve(positive, scores);
  const wins = yes.reduce((total, s) => total + no.filter((other) => s > other).length, 0);
  const common = {
    topic,
    document: SEVERAL,
    given: `classes ${vector(positive)}, scores ${vector(scores)}`,
    by: 'formula',
    decimals: 6,
  } as const;
  return [
    example({
      ...common,
      name: 'ROC: true and false positive rate at each threshold',
      formula: 'TP/(TP + FN), FP/(FP + TN)',
      latex: String.raw`\tfrac{TP}{TP + FN},\ \tfrac{FP}{FP + TN}`,
      expected: scores.flatMap((threshold) => [share(yes, threshold), share(no, threshold)]),
      computed: scores.flatMap((_, at) => [curve.truePositiveRate[at + 1] ?? NaN, curve.falsePositiveRate[at + 1] ?? NaN]),
      labels: scores.flatMap((threshold) => [`TPR, ${threshold}`, `FPR, ${threshold}`]),
    }),
    example({
      ...common,
      name: 'AUC: area under that curve',
      formula: 'pairs of a positive and a negative row in the right order, of all such pairs',
      latex: String.raw`P(s_+ > s_-)`,
      expected: [wins / (yes.length * no.length)],
      computed: [curve.auc],
      note: 'By trapezia, which is the chance that a positive row scores above a negative one.',
    }),
  ];
}

/** Accuracy, precision, recall, F1 and their averages as the documents print them; ROC and AUC. */
export const scoreExamples = (): WorkedExample[] => [oneClass(), ...printedClasses(), ...threeClasses(), accuracyFormula(), ...roc()];
