import { layers } from '../../layers/index.js';
import { Sequential } from '../../models/sequential.js';
import { bestFinding, orderFinding, ranCells, scoreValues, type Ordered } from '../claims.js';
import { experiment, type FindingContext, type MaskSetting, type Prepared } from '../experiment.js';
import type { Finding } from '../results.js';
import { loadNusaxTexts, nusaxBaselines, prepareNusax, type NusaxConfig } from './nusax.js';
import { OPTIMIZER, optimizerOf, type OptimizerConfig } from './parameters.js';

interface NusaxRnnConfig extends NusaxConfig, OptimizerConfig {
  readonly embedding: number;
  /** Units of each SimpleRNN of the stack. */
  readonly units: readonly number[];
  readonly bidirectional: boolean;
  readonly dropout: number;
}

function build(config: NusaxRnnConfig, prepared: Prepared, mask: MaskSetting): Sequential {
  const model = new Sequential([
    layers.embedding({
      inputDim: prepared.sizes['vocabulary'] ?? config.maxTokens,
      outputDim: config.embedding,
      maskZero: mask === 'on',
      inputShape: [config.length],
    }),
    ...config.units.map((units, i) => {
      const rnn = layers.simpleRnn({ units, returnSequences: i < config.units.length - 1 });
      return config.bidirectional ? layers.bidirectional({ layer: rnn }) : rnn;
    }),
    layers.dropout({ rate: config.dropout }),
    layers.dense({ units: prepared.sizes['classes'] ?? 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: optimizerOf(config), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

function compute(context: FindingContext): Finding[] {
  const scores = (factor: string): Ordered[] => scoreValues(ranCells(context, factor, 'on'), context);
  const what = 'macro F1, mask on';
  return [
    orderFinding('Two directions beat one', what, ['uni', 'bi'], scores('direction'), 2),
    orderFinding('Two shrinking layers do worst, one does best', what, ['Bi-64, Bi-32', 'Bi-64, Bi-32, Bi-16', 'Bi-64'], scores('shrinking'), 2), // prettier-ignore
    orderFinding('More equal layers do worse', what, ['Bi-64 x3', 'Bi-64 x2', 'Bi-64 x1'], scores('equal'), 2),
    orderFinding('32 units do worse than 64 (chart)', what, ['32', '64'], scores('units'), 2),
    orderFinding('32 units do worse than 128 (chart)', what, ['32', '128'], scores('units'), 2),
    bestFinding('32 units do best (conclusion)', what, '32', ['64', '128'], scores('units')),
  ];
}

/** E2: sentiment of Indonesian texts with simple recurrent networks, seed 000. */
export const nusaxRnn = experiment<NusaxRnnConfig, Awaited<ReturnType<typeof loadNusaxTexts>>['raw']>({
  id: 'nusax-rnn',
  title: 'Sentiment of Indonesian texts with a simple RNN (NusaX)',
  document: 'Document 000, second half: SimpleRNN on NusaX-Sentiment, Indonesian',
  data: ['nusax-senti'],
  metric: 'macro F1 %',
  config: {
    epochs: 20,
    batchSize: 32,
    maxTokens: 10_000,
    length: 100,
    embedding: 128,
    units: [64],
    bidirectional: true,
    dropout: 0.5,
    learningRate: 0.001,
    duplicates: 'keep',
  },
  masks: ['on', 'off'],
  factors: [
    {
      name: 'shrinking',
      title: 'Number of layers, each half as wide as the one before',
      variants: [
        { name: 'Bi-64', config: { units: [64] }, published: 62.6 },
        { name: 'Bi-64, Bi-32', config: { units: [64, 32] }, published: 56.5 },
        { name: 'Bi-64, Bi-32, Bi-16', config: { units: [64, 32, 16] }, published: 60.1 },
      ],
    },
    {
      name: 'equal',
      title: 'Number of layers of equal width',
      variants: [
        { name: 'Bi-64 x1', config: { units: [64] }, published: 58.9 },
        { name: 'Bi-64 x2', config: { units: [64, 64] }, published: 57.1 },
        { name: 'Bi-64 x3', config: { units: [64, 64, 64] }, published: 49.2 },
      ],
    },
    {
      name: 'units',
      title: 'Units of the layer (the document has a chart only)',
      variants: [
        { name: '32', config: { units: [32] }, published: null },
        { name: '64', config: { units: [64] }, published: null },
        { name: '128', config: { units: [128] }, published: null },
      ],
    },
    {
      name: 'direction',
      title: 'Direction of the RNN (the document has a chart only)',
      variants: [
        { name: 'uni', config: { bidirectional: false }, published: null },
        { name: 'bi', config: { bidirectional: true }, published: null },
      ],
    },
  ],
  stated: [
    { name: 'model', value: 'embedding, SimpleRNN stack, dropout, Dense(3, softmax)' },
    { name: 'sequences', value: 'returned by all layers but the last' },
    { name: 'split', value: '500 / 100 / 400 rows, as published with the data' },
    { name: 'padding in the from-scratch model', value: 'embeddings of token 0 are zero, its steps are masked' },
  ],
  notStated: [
    {
      name: 'text cleaning',
      value: "that of the document's LSTM",
      note: 'URLs, @mentions, all but letters, digits and spaces; lower case',
    },
    { key: 'maxTokens', name: 'vocabulary, at most' },
    { key: 'length', name: 'sequence length, padded after the text' },
    { key: 'embedding', name: 'embedding size' },
    { key: 'batchSize', name: 'batch size' },
    { key: 'epochs', name: 'epochs' },
    { key: 'dropout', name: 'dropout after the RNN stack' },
    { key: 'learningRate', name: 'learning rate', note: "Keras' default for Adam" },
    OPTIMIZER,
    { name: 'loss', value: 'sparse categorical cross-entropy' },
    {
      name: 'masking of padding in the Keras model',
      value: 'both',
      note: 'masked is the default: the claim of identical predictions needs it',
    },
    { name: 'direction in the factor "units"', value: 'both directions' },
    { name: 'units in the factor "direction"', value: '64' },
    { name: 'what the vocabulary is fitted on', value: 'the training texts', note: 'so that both protocols train the same model' },
    { name: 'seed, initial weights, shuffling', value: "seeds 1, 2, …; Keras' initial weights; shuffled every epoch" },
  ],
  repeats: [{ configuration: 'One bidirectional layer of 64 units', values: [62.6, 58.9], note: 'From the two factors on layers.' }],
  preprocessing: [
    { step: 'cleaning: URLs, @mentions and all but letters, digits and spaces dropped, lower case', fittedOn: 'nothing' },
    { step: 'vocabulary of the most frequent words', fittedOn: 'training texts' },
    { step: 'numbers of words, padded after the text', fittedOn: 'nothing' },
  ],
  constant: { value: 18.5, label: 'a constant prediction ("positive" 18.27, "negative" 18.44)' },
  protocols: {
    published: {
      config: { duplicates: 'keep' },
      steps: [
        'Official split; vocabulary fitted on the training texts (not stated); 20 epochs (not stated), last weights.',
        'The best variant is the one with the highest macro F1 on the test part; the document does not say by which part it chose.',
      ],
    },
    'leak-free': {
      config: { duplicates: 'remove' },
      steps: [
        'Official split, made before anything is fitted; vocabulary fitted on the training texts only.',
        'Texts of the validation and test part that equal an earlier part’s text after normalisation do not count.',
        'The best variant is the one with the highest macro F1 on the validation part.',
      ],
    },
  },
  scales: {
    quick: { config: {}, seeds: 1, reduced: false, note: 'all rows and epochs: this experiment is small' },
    full: { config: {}, seeds: 5, reduced: false, note: 'all rows and epochs' },
  },
  defaultFactors: [],
  findings: [
    {
      kind: 'document',
      title: 'The conclusion contradicts the chart',
      text: 'The chart over units has 64 and 128 best; the conclusion names one bidirectional layer with 32 units as best.',
    },
    {
      kind: 'document',
      title: 'One configuration, two figures',
      text: 'One bidirectional layer of 64 units is printed as 62.6 and as 58.9: differences of four points are within the noise of the published figures.',
    },
  ],
  load: loadNusaxTexts,
  preparedBy: ['maxTokens', 'length', 'duplicates'],
  prepare: prepareNusax,
  model: build,
  compute,
  baselines: nusaxBaselines,
});
