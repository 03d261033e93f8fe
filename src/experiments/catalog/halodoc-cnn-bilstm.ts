import { labelShift } from '../../data/audit/label-shift.js';
import { layers } from '../../layers/index.js';
import { Sequential } from '../../models/sequential.js';
import { preparedBaselines } from '../baselines.js';
import { bestFinding, ranCells, scoreValues } from '../claims.js';
import { experiment, type FindingContext, type Prepared, type Variant } from '../experiment.js';
import type { Finding } from '../results.js';
import { loadHalodoc, prepareHalodoc, PRINTED_STARS, starCounts, type Halodoc, type HalodocConfig, type Period } from './halodoc.js';
import { ACTIVATIONS, OPTIMIZER, optimizerOf, type Activation, type OptimizerConfig } from './parameters.js';

interface CnnBilstmConfig extends HalodocConfig, OptimizerConfig {
  readonly filters: number;
  readonly kernel: number;
  readonly units: number;
  readonly dense: number;
  /** Of the convolution. Default valid. */
  readonly padding?: 'valid' | 'same';
  /** Of the convolution and of the first dense layer. Default ReLU. */
  readonly activation?: Activation;
  /** Default 2. */
  readonly poolSize?: number;
  /** Whether the LSTM returns sequences to Flatten. Default true. */
  readonly sequences?: boolean;
  /** Whether the vectors go on learning. Default true. */
  readonly trainable?: boolean;
}

function build(config: CnnBilstmConfig, prepared: Prepared): Sequential {
  const { activation = 'relu', padding = 'valid', poolSize = 2, sequences = true, trainable = true } = config;
  const vectors = config.input === 'vectors';
  const embedding = layers.embedding({
    inputDim: prepared.sizes['vocabulary'] ?? 1,
    outputDim: config.vectorSize,
    inputShape: [config.length],
    trainable,
  });
  const model = new Sequential([
    ...(vectors ? [] : [embedding]),
    layers.conv1d({
      filters: config.filters,
      kernelSize: config.kernel,
      padding,
      activation,
      ...(vectors ? { inputShape: [config.length, config.vectorSize] } : {}),
    }),
    layers.maxPooling1d({ poolSize }),
    layers.bidirectional({ layer: layers.lstm({ units: config.units, returnSequences: sequences }) }),
    layers.flatten(),
    layers.dense({ units: config.dense, activation }),
    layers.dense({ units: prepared.sizes['classes'] ?? 5, activation: 'softmax' }),
  ]);
  if (prepared.embeddings) embedding.setWeights([prepared.embeddings]);
  model.compile({ optimizer: optimizerOf(config), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** The document's grid; it prints a figure for the best one alone. */
function grid(period: Period, published: number): Variant<CnnBilstmConfig>[] {
  return [32, 64].flatMap((batchSize) =>
    (
      [
        ['1e-2', 1e-2],
        ['1e-3', 1e-3],
        ['1e-4', 1e-4],
      ] as const
    ).map(([name, learningRate]) => ({
      // prettier-ignore
      name: `${batchSize} / ${name}`,
      config: { period, batchSize, learningRate },
      published: batchSize === 64 && name === '1e-3' ? published : null,
    })),
  );
}

function bestOf(context: FindingContext, period: Period): Finding {
  const names = grid(period, 0).map((v) => v.name);
  const claimed = '64 / 1e-3';
  return bestFinding(
    `Batch 64 and learning rate 1e-3 are best (${period})`,
    'accuracy %',
    claimed,
    names.filter((name) => name !== claimed),
    scoreValues(ranCells(context, period, null), context),
  );
}

/** Whether the stars of two sets of reviews are drawn in the same proportions: Pearson's χ². */
function periodsDiffer(whose: string, during: readonly number[], after: readonly number[]): Finding {
  const stars = (counts: readonly number[]): number[] => counts.flatMap((n, k) => Array.from({ length: n }, () => k + 1));
  const { chiSquare, degreesOfFreedom, pValue, shares } = labelShift(stars(during), stars(after));
  const most = shares.reduce((a, b) => (Math.abs(b.test - b.train) > Math.abs(a.test - a.train) ? b : a));
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return {
    kind: 'computed',
    title: `The ratings of the two periods differ (${whose})`,
    text: `χ² = ${chiSquare.toFixed(1)} at ${degreesOfFreedom} degrees of freedom, p ${pValue < 1e-4 ? '< 0.0001' : `= ${pValue.toFixed(4)}`}. Reviews with ${most.label} ${most.label === '1' ? 'star' : 'stars'} differ the most: ${percent(most.train)} during, ${percent(most.test)} after.`,
    holds: pValue < 0.05,
  };
}

/** E5: stars of app reviews by a convolution and a bidirectional LSTM, seed 003. */
export const halodocCnnBilstm = experiment<CnnBilstmConfig, Halodoc>({
  id: 'halodoc-cnn-bilstm',
  title: 'Stars of app reviews by a convolution and a bidirectional LSTM (Halodoc)',
  document: 'Document 003: CNN-BiLSTM with Word2Vec on reviews of the Halodoc app',
  data: ['halodoc-reviews'],
  metric: 'accuracy %',
  score: 'accuracy',
  config: {
    epochs: 10,
    batchSize: 64,
    period: 'during',
    balance: 'over',
    order: 'resample-first',
    duplicates: 'keep',
    length: 100,
    vectorSize: 100,
    word2vec: 'cbow',
    filters: 128,
    kernel: 5,
    units: 64,
    dense: 64,
    learningRate: 0.001,
  },
  masks: [null],
  factors: [
    { name: 'during', title: 'Batch size / learning rate, reviews during COVID-19', variants: grid('during', 98.71) },
    { name: 'after', title: 'Batch size / learning rate, reviews afterwards', variants: grid('after', 98.16) },
    {
      name: 'balance',
      title: 'How classes are made equal (reviews during COVID-19, batch 64, learning rate 1e-3)',
      variants: [
        { name: 'as they are', config: { balance: 'none' }, published: null },
        { name: 'over-sampling', config: { balance: 'over' }, published: 98.71 },
        { name: 'under-sampling', config: { balance: 'under' }, published: null },
        { name: 'both, to the mean', config: { balance: 'hybrid' }, published: null },
      ],
    },
    {
      name: 'smote',
      title:
        'Synthetic rows between the vectors of reviews (during COVID-19, batch 64, learning rate 1e-3; the vectors do not go on learning)',
      onDemand: true,
      variants: [
        { name: 'as they are', config: { input: 'vectors', balance: 'none' }, published: null },
        { name: 'SMOTE', config: { input: 'vectors', balance: 'smote' }, published: null },
        { name: 'SMOTE and under-sampling, to the mean', config: { input: 'vectors', balance: 'smote-hybrid' }, published: null },
      ],
    },
  ],
  stated: [
    { name: 'steps', value: 'case folding, cleaning (punctuation, emoji, digits, spaces), stop words, random over-sampling, Word2Vec' },
    { name: 'model', value: 'Embedding (Word2Vec), Conv1D, MaxPooling1D, BiLSTM, Flatten, Dense, Dense(5, softmax)' },
    { name: 'split', value: '90 / 10 for model and test, 85 / 15 for training and validation' },
    { key: 'batchSize', name: 'best batch size' },
    { key: 'learningRate', name: 'best learning rate' },
  ],
  notStated: [
    { name: 'duplicates', value: 'dropped', note: 'only in the table of contents; the same review with the same stars' },
    { name: 'grid', value: 'batch 32, 64; learning rate 1e-2, 1e-3, 1e-4', note: 'only 64 and 1e-3 are stated' },
    OPTIMIZER,
    { name: 'loss', value: 'categorical cross-entropy' },
    { key: 'epochs', name: 'epochs' },
    { key: 'length', name: 'tokens per review, padded after the review' },
    { key: 'maxTokens', name: 'vocabulary, at most', value: 'all words', default: 0, note: '0: all' },
    { key: 'word2vec', name: 'kind of Word2Vec', choices: ['cbow', 'skipGram'], note: 'both are described' },
    { key: 'vectorSize', name: 'numbers per word' },
    { name: 'other settings of Word2Vec', value: 'window 5, words from 5 occurrences on, 5 epochs', note: 'the published program’s' },
    { key: 'filters', name: 'convolution filters' },
    { key: 'kernel', name: 'kernel size' },
    { key: 'units', name: 'units of the LSTM, each direction' },
    { key: 'dense', name: 'units of the first dense layer' },
    { key: 'padding', name: 'padding of the convolution', default: 'valid', choices: ['valid', 'same'] },
    {
      key: 'activation',
      name: 'activation of the convolution and of the first dense layer',
      value: 'ReLU',
      default: 'relu',
      choices: ACTIVATIONS,
    },
    { key: 'poolSize', name: 'pool size', default: 2 },
    { key: 'sequences', name: 'whether sequences are returned before Flatten', default: true },
    { key: 'trainable', name: 'whether the vectors go on learning', default: true },
    { name: 'how rows are split', value: 'by class, under both protocols' },
    {
      name: 'resampling "both"',
      value: 'every class to the mean of the counts of all',
      note: 'only suggested as further work: larger classes lose rows, smaller ones repeat theirs',
    },
    { name: 'seed, initial weights, shuffling', value: "seeds 1, 2, …; Keras' initial weights; shuffled every epoch" },
  ],
  repeats: [],
  constant: 'counted',
  preprocessing: [
    { step: 'case folding, punctuation, emoji, digits, spaces, stop words', fittedOn: 'nothing: a published list of words' },
    {
      step: 'classes made equal by repeating or leaving out reviews',
      fittedOn: { published: 'all reviews, before the split', 'leak-free': 'training reviews' },
    },
    {
      step: 'vocabulary',
      fittedOn: { published: 'all reviews after resampling, test part included', 'leak-free': 'training reviews after resampling' },
    },
    {
      step: 'Word2Vec',
      fittedOn: { published: 'all reviews after resampling, test part included', 'leak-free': 'training reviews after resampling' },
    },
    { step: 'numbers of words, padded after the review', fittedOn: 'nothing' },
  ],
  protocols: {
    published: {
      config: { order: 'resample-first', duplicates: 'keep' },
      steps: [
        'All reviews are over-sampled to the largest class, vocabulary and Word2Vec are fitted on them, then they are split: copies of one review are in training and test.',
        'The best setting is the one with the highest accuracy on the test part; the document does not say by which part it chose.',
      ],
    },
    'leak-free': {
      config: { order: 'split-first', duplicates: 'remove' },
      steps: [
        'The reviews are split by class before anything else; only training reviews are over-sampled, and vocabulary and Word2Vec are fitted on them alone.',
        'Test reviews that equal one of training or validation after cleaning do not count, nor validation reviews that equal one of training. The best setting is chosen on the validation part.',
      ],
    },
  },
  scales: {
    quick: {
      config: { epochs: 1, length: 40, vectorSize: 32, filters: 32, units: 16, dense: 32 },
      seeds: 1,
      reduced: true,
      note: '1 epoch, 40 tokens, 32 numbers a word, 32 filters, 16 units',
    },
    full: { config: {}, seeds: 3, reduced: false, note: 'all reviews and epochs' },
  },
  defaultFactors: [],
  findings: [
    {
      kind: 'document',
      title: 'The chapter of results is missing',
      text: 'The document prints two accuracies and the best setting; everything about them is missing, and the second set’s counts of stars sum to 5,003 of 5,000.',
    },
  ],
  load: loadHalodoc,
  preparedBy: ['period', 'balance', 'order', 'duplicates', 'length', 'maxTokens', 'vectorSize', 'word2vec', 'input'],
  prepare: prepareHalodoc,
  model: build,
  compute: (context) => [
    bestOf(context, 'during'),
    bestOf(context, 'after'),
    periodsDiffer('the document’s counts', PRINTED_STARS.during, PRINTED_STARS.after),
    periodsDiffer('the reviews used here', starCounts(context.loaded.raw.during.labels), starCounts(context.loaded.raw.after.labels)),
  ],
  curves: ['loss', 'accuracy'],
  baselines: preparedBaselines('accuracy'),
});
