import { basename } from 'node:path';
import { SarafError } from '../errors.js';
import type { AuditPart } from '../data/audit/part.js';
import { hybridSample, randomOverSample, randomUnderSample } from '../data/balance/random-sample.js';
import { readCsv } from '../data/csv.js';
import { nearDuplicates, type Duplicate } from '../data/duplicates.js';
import { sha256File } from '../data/hash.js';
import { encodeLabels } from '../data/labels.js';
import { stratifiedSplit } from '../data/split.js';
import { isMissing } from '../data/table.js';
import { layers } from '../layers/index.js';
import type { Layer } from '../layers/layer.js';
import { Sequential } from '../models/sequential.js';
import { adam } from '../optimizers/index.js';
import { TextPipeline } from '../text/pipeline/text-pipeline.js';
import type { TextStep } from '../text/pipeline/steps.js';
import { textBaselines } from './baselines.js';
import { keepMask } from './catalog/keep.js';
import { experiment, type Experiment, type Part, type Prepared, type TrainingConfig } from './experiment.js';
import type { DataSource } from './results.js';
import { checkClaims, checkRepeats, claimFindings, withFigures, type TableDocument } from './table-document.js';

/** Networks that a table can be trained with. */
export const TABLE_MODELS = ['bilstm', 'lstm', 'gru', 'cnn', 'average'] as const;
export type TableModel = (typeof TABLE_MODELS)[number];

/** How classes are made equal: small ones repeat rows, large ones lose some, or both, to the mean of the counts. */
export const BALANCES = { over: randomOverSample, under: randomUnderSample, hybrid: hybridSample } as const;
export type TableBalance = keyof typeof BALANCES;
const METRICS = { macroF1: 'macro F1 %', weightedF1: 'weighted F1 %', accuracy: 'accuracy %' } as const;

export interface TableExperimentOptions extends TableDocument {
  /** CSV or TSV, also .gz. */
  readonly file: string;
  /** Its columns with the texts and with their labels. */
  readonly text: string;
  readonly label: string;
  /** A file of its own for the test part, with the same columns. Default: a tenth of the rows, by class. */
  readonly testFile?: string;
  /** Default: a bidirectional LSTM. Several are compared. */
  readonly models?: readonly TableModel[];
  /** What is done to the texts before their words are numbered. Default: case folded, cleaned. */
  readonly steps?: readonly TextStep[];
  readonly encoding?: 'utf-8' | 'latin1';
  /** Default 10. */
  readonly epochs?: number;
  /** Default 32. */
  readonly batchSize?: number;
  /** Longest text in words; longer ones are cut. Default 200. */
  readonly length?: number;
  /** Settings to be varied one at a time beside the models, each a factor: `{ units: [32, 64, 128], learningRate: [1e-3, 1e-4] }`. */
  readonly vary?: Partial<Record<TableSetting, readonly number[]>>;
  /** Makes classes equal by random resampling: of the training part, or under the protocol 'published' of all rows before the split. Default: not. */
  readonly balance?: TableBalance;
  /** What figures are. Default macroF1. */
  readonly score?: keyof typeof METRICS;
}

/** Settings of a table's networks that can be varied, and the least that each can be; below 1 those that need not be whole. */
const SETTINGS = {
  epochs: 1,
  batchSize: 1,
  length: 1,
  maxTokens: 2,
  embedding: 1,
  units: 1,
  dropout: 0,
  learningRate: Number.MIN_VALUE,
} as const;
export type TableSetting = keyof typeof SETTINGS;
export const TABLE_SETTINGS = Object.keys(SETTINGS) as readonly TableSetting[];

const SETTING_TITLES: Record<TableSetting, string> = {
  epochs: 'Epochs',
  batchSize: 'Batch size',
  length: 'Words per text, at most',
  maxTokens: 'Vocabulary, at most',
  embedding: 'Embedding size',
  units: 'Units',
  dropout: 'Dropout',
  learningRate: 'Learning rate',
};

function checkSetting(op: string, name: TableSetting, value: unknown): void {
  const least = SETTINGS[name];
  const fits = typeof value === 'number' && value >= least && (least < 1 ? Number.isFinite(value) : Number.isInteger(value));
  if (!fits || (name === 'dropout' && value >= 1))
    throw new SarafError('ERR_ARG', op, `expected ${name} ${name === 'dropout' ? 'in [0, 1)' : name === 'learningRate' ? 'above 0' : `of at least ${least}`}, received ${String(value)}`); // prettier-ignore
}

/** A factor for each setting that is varied. */
function settingFactors(op: string, vary: NonNullable<TableExperimentOptions['vary']>): Experiment['factors'] {
  return Object.entries(vary).map(([key, values]) => {
    if (!Object.hasOwn(SETTINGS, key))
      throw new SarafError('ERR_ARG', op, `expected settings to vary among ${TABLE_SETTINGS.join(', ')}, received ${key}`);
    const name = key as TableSetting;
    if (!Array.isArray(values) || values.length === 0)
      throw new SarafError('ERR_ARG', op, `expected a list of values for ${name}, received ${JSON.stringify(values)}`);
    for (const value of values) checkSetting(op, name, value);
    return {
      name,
      title: SETTING_TITLES[name],
      variants: [...new Set(values)].map((value) => ({ name: String(value), config: { [name]: value }, published: null })),
    };
  });
}

interface TableConfig extends TrainingConfig {
  readonly model: TableModel;
  readonly maxTokens: number;
  readonly length: number;
  readonly embedding: number;
  readonly units: number;
  readonly dropout: number;
  readonly learningRate: number;
  /** Absent: classes as they are. */
  readonly balance?: TableBalance;
  /** Whether rows are resampled, and vocabulary and length learnt, before the rows are split, or from the training part alone. */
  readonly order: 'learn-first' | 'split-first';
  /** Whether rows that equal an earlier part's count. */
  readonly duplicates: 'keep' | 'remove';
}

interface Rows {
  readonly texts: readonly string[];
  readonly labels: Int32Array;
  /** Which row of the table each is; those of a file of its own for the test follow. */
  readonly places: Int32Array;
}

interface TableRows {
  readonly rows: Rows;
  readonly test: Rows | null;
  readonly notes: readonly string[];
}

const SPLIT_SEED = 1;
const BALANCE_WORDS: Readonly<Record<TableBalance, string>> = {
  over: 'Rows of small classes are repeated until all are as large as the largest',
  under: 'Rows of large classes are left out until all are as small as the smallest',
  hybrid: 'Rows are repeated or left out until every class has the mean of their counts',
};
/** More classes than this are taken for a mistake in the name of the column. */
const MOST_CLASSES = 200;
/** A class needs a row in each of the three parts. */
const LEAST_ROWS = 3;

/** The name of an experiment on a file: `Reviews 2024.csv.gz` → `reviews-2024`. */
export function tableExperimentId(file: string): string {
  const id = basename(file)
    .replace(/\.(csv|tsv|txt)?(\.gz)?$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return id === '' ? 'table' : id;
}

async function readRows(
  file: string,
  { text, label, encoding = 'utf-8' }: TableExperimentOptions,
): Promise<{ texts: string[]; labels: string[]; left: number }> {
  const table = await readCsv(file, { columns: text === label ? [text] : [text, label], encoding });
  const [texts, labels] = [table.column(text), table.column(label)];
  const whole = Array.from(texts.keys()).filter((row) => !isMissing(texts[row]) && !isMissing(labels[row]));
  return {
    texts: whole.map((row) => String(texts[row])),
    labels: whole.map((row) => String(labels[row]).trim()),
    left: texts.length - whole.length,
  };
}

function checkClasses(op: string, labels: readonly string[], options: TableExperimentOptions): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of labels) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size < 2)
    throw new SarafError('ERR_DATA', op, `expected at least two classes in column ${options.label} of ${options.file}, received ${counts.size === 0 ? 'no rows' : [...counts.keys()].join(', ')}`); // prettier-ignore
  if (counts.size > MOST_CLASSES)
    throw new SarafError('ERR_DATA', op, `expected at most ${MOST_CLASSES} classes in column ${options.label} of ${options.file}, received ${counts.size}; is it the column of the labels?`); // prettier-ignore
  const rare = [...counts].filter(([, n]) => n < LEAST_ROWS).map(([name]) => name);
  if (rare.length > 0)
    throw new SarafError('ERR_DATA', op, `expected at least ${LEAST_ROWS} rows of each class, received fewer of ${rare.slice(0, 5).join(', ')}${rare.length > 5 ? ` and ${rare.length - 5} more` : ''}; join or drop them`); // prettier-ignore
  return [...counts.keys()];
}

function build(config: TableConfig, prepared: Prepared): Sequential {
  const { units } = config;
  const recurrent: Partial<Record<TableModel, () => Layer>> = {
    bilstm: () => layers.bidirectional({ layer: layers.lstm({ units }) }),
    lstm: () => layers.lstm({ units }),
    gru: () => layers.gru({ units }),
  };
  const own = recurrent[config.model];
  const model = new Sequential([
    layers.embedding({
      inputDim: prepared.sizes['vocabulary'] ?? config.maxTokens,
      outputDim: config.embedding,
      // The average of a text without a known word would be undefined with a mask.
      maskZero: own !== undefined,
      inputShape: [prepared.sizes['length'] ?? config.length],
    }),
    ...(own
      ? [own()]
      : config.model === 'cnn'
        ? [layers.conv1d({ filters: 2 * units, kernelSize: 3, padding: 'same', activation: 'relu' }), layers.globalMaxPooling1d()]
        : [layers.globalAveragePooling1d(), layers.dense({ units, activation: 'relu' })]),
    layers.dropout({ rate: config.dropout }),
    layers.dense({ units: prepared.sizes['classes'] ?? 2, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: adam({ learningRate: config.learningRate }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

function prepareRows(
  op: string,
  { rows, test: own, notes }: TableRows,
  classNames: readonly string[],
  steps: readonly TextStep[],
  config: TableConfig,
): Prepared {
  const take = (from: Rows, indices: ArrayLike<number>): Rows => ({
    texts: Array.from(indices, (row) => from.texts[row] as string),
    labels: Int32Array.from(indices, (row) => from.labels[row] as number),
    places: Int32Array.from(indices, (row) => from.places[row] as number),
  });
  const { balance } = config;
  const balanced = (from: Rows): Rows => (balance ? take(from, BALANCES[balance](from.labels, { seed: SPLIT_SEED }).rows) : from);
  // Without leaks splits come before anything that learns or draws.
  const learnFirst = config.order === 'learn-first';
  const whole = learnFirst ? balanced(rows) : rows;
  const outer = own ? null : stratifiedSplit(whole.labels, { testSize: 0.1, seed: SPLIT_SEED });
  const known = outer ? take(whole, outer.train) : whole;
  const test = own ?? take(whole, outer?.test ?? []);
  const inner = stratifiedSplit(known.labels, { testSize: own ? 0.1 : 1 / 9, seed: SPLIT_SEED });
  const [first, validation] = [take(known, inner.train), take(known, inner.test)];
  const train = learnFirst ? first : balanced(first);
  const unsampled = learnFirst ? rows : first;
  const learnt = learnFirst ? [...train.texts, ...validation.texts, ...test.texts] : train.texts;

  const clean = new TextPipeline({ steps });
  const cleaned = clean.processAll(learnt);
  const longest = cleaned.reduce((most, text) => Math.max(most, text.split(/\s+/).filter((w) => w !== '').length), 1);
  const length = Math.min(config.length, longest);
  const pipeline = new TextPipeline({
    steps: [...steps, { step: 'vectorize', maxTokens: config.maxTokens, outputSequenceLength: length }],
  }).fit(learnt);
  const remove = config.duplicates === 'remove';
  const part = ({ texts, labels }: Rows, repeated: readonly Duplicate[]): Part => ({
    x: pipeline.transform(texts),
    labels,
    ...(remove && repeated.length > 0 ? { keep: keepMask(texts.length, repeated) } : {}),
  });
  const ofValidation = nearDuplicates(train.texts, validation.texts).removed;
  const ofTest = nearDuplicates([...train.texts, ...validation.texts], test.texts).removed;
  for (const [name, texts, repeated] of [
    ['validation', validation.texts, ofValidation],
    ['test', test.texts, ofTest],
  ] as const) {
    if (remove && texts.length === repeated.length)
      throw new SarafError('ERR_DATA', op, `expected ${name} texts that are not in the training part, received ${texts.length} that all are; remove copies from the table`); // prettier-ignore
  }
  const names = ({ labels }: Rows): string[] => Array.from(labels, (label) => classNames[label] ?? String(label));
  return {
    train: part(train, []),
    validation: part(validation, ofValidation),
    test: part(test, ofTest),
    audited: {
      // Only where rows are repeated: otherwise each is another one.
      train: { texts: train.texts, labels: names(train), ...(balance ? { sources: train.places } : {}) },
      test: { texts: test.texts, labels: names(test), ...(balance ? { sources: test.places } : {}) },
      fitted: pipeline,
    },
    ...(balance ? { unsampled: { texts: unsampled.texts, labels: unsampled.labels } } : {}),
    notes: [
      ...notes,
      `${train.texts.length} / ${validation.texts.length} / ${test.texts.length} rows for training, validation, test; vocabulary of ${pipeline.vocabularySize()} tokens; texts of at most ${length} words.`,
      `${ofValidation.length} validation texts and ${ofTest.length} test texts equal a text of an earlier part after normalisation and ${remove ? 'do not count' : 'count'}.`,
    ],
    sizes: { vocabulary: pipeline.vocabularySize(), classes: classNames.length, length },
    preprocessing: pipeline,
  };
}

/**
 * An experiment on a table of labelled texts, for `reproduce`: split by class, audited for leaks, trained, evaluated, with baselines.
 *
 * Rows without a text or label are left out and counted. `op` is what errors name: the command that asks for it. Where nothing is published that could be set beside it, run its protocol 'leak-free' alone.
 * 'published' is what is often done: resampled, if it is, and vocabulary and length learnt before the split; repeated rows count; the test part chooses.
 * Throws: ERR_ARG for a model, number, factor or variant that does not exist; when it loads ERR_DATA for a table without two classes of three rows each.
 * Example: `await reproduce({ selections: [{ experiment: tableExperiment({ file: 'reviews.csv', text: 'review', label: 'stars' }), selection: { scale: 'quick', protocols: ['leak-free'] } }], outDir: 'out', load: { dataDir: undefined, onProgress: undefined } })`
 */
export function tableExperiment(options: TableExperimentOptions, op = 'tableExperiment'): Experiment {
  const { file, text, label, models = ['bilstm'], steps = ['casefold', 'clean'], epochs = 10, batchSize = 32, length = 200 } = options;
  const unknown = models.filter((m) => !TABLE_MODELS.includes(m));
  if (models.length === 0 || unknown.length > 0)
    throw new SarafError('ERR_ARG', op, `expected models among ${TABLE_MODELS.join(', ')}, received ${unknown.join(', ') || 'none'}`);
  if (text === label) throw new SarafError('ERR_ARG', op, `expected two columns, received ${text} as text and as label`);
  for (const [name, value] of Object.entries({ epochs, batchSize, length })) checkSetting(op, name as TableSetting, value);
  const { balance, score = 'macroF1', document = 'a table of your own', claims = [], repeats = [] } = options;
  if (!Object.hasOwn(METRICS, score))
    throw new SarafError('ERR_ARG', op, `expected score among ${Object.keys(METRICS).join(', ')}, received ${String(score)}`);
  if (balance !== undefined && !Object.hasOwn(BALANCES, balance))
    throw new SarafError('ERR_ARG', op, `expected balance among ${Object.keys(BALANCES).join(', ')}, received ${String(balance)}`);
  const id = tableExperimentId(file);
  const factors = withFigures<TableConfig>(
    op,
    [
      {
        name: 'model',
        title: 'Network',
        variants: [...new Set(models)].map((model) => ({ name: model, config: { model }, published: null })),
      },
      ...settingFactors(op, options.vary ?? {}),
    ],
    options.published,
  );
  checkClaims(op, factors, claims);
  checkRepeats(op, repeats);
  const split = options.testFile
    ? `a tenth of the rows of ${basename(file)} for validation, by class; all rows of ${basename(options.testFile)} for the test`
    : '80 / 10 / 10 for training, validation, test, by class';
  return experiment<TableConfig, TableRows>({
    id,
    title: `${label} of ${text} in ${basename(file)}`,
    document,
    data: [],
    metric: METRICS[score],
    score,
    config: { epochs, batchSize, model: models[0] ?? 'bilstm', maxTokens: 20_000, length, embedding: 128, units: 64, dropout: 0.5, learningRate: 0.001, order: 'split-first', duplicates: 'remove', ...(balance ? { balance } : {}) }, // prettier-ignore
    masks: [null],
    factors,
    stated: [
      { name: 'split', value: split },
      { name: 'steps', value: steps.map((s) => (typeof s === 'string' ? s : s.step)).join(', ') },
      { key: 'maxTokens', name: 'vocabulary, at most' },
      { key: 'length', name: 'words per text, at most' },
      { key: 'embedding', name: 'embedding size' },
      { key: 'units', name: 'units of the network', note: 'of each direction; twice as many filters of a convolution' },
      { key: 'dropout', name: 'dropout before the last layer' },
      { name: 'optimizer', value: 'Adam' },
      { key: 'learningRate', name: 'learning rate' },
      { name: 'loss', value: 'sparse categorical cross-entropy' },
      { key: 'epochs', name: 'epochs' },
      { key: 'batchSize', name: 'batch size' },
      { name: 'masking of padding', value: 'on in recurrent networks' },
    ],
    notStated: [],
    repeats,
    constant: null,
    preprocessing: [
      { step: steps.map((s) => (typeof s === 'string' ? s : s.step)).join(', '), fittedOn: 'nothing' },
      ...(balance ? [{ step: 'classes made equal by random resampling', fittedOn: { published: 'all rows, before the split', 'leak-free': 'training rows' } }] : []), // prettier-ignore
      {
        step: 'longest text, and vocabulary of the most frequent words',
        fittedOn: { published: 'all texts, those of the test part included', 'leak-free': 'training texts' },
      },
      { step: 'numbers of words, padded after the text', fittedOn: 'nothing' },
    ],
    protocols: {
      published: {
        config: { order: 'learn-first', duplicates: 'keep' },
        steps: [
          ...(balance ? [`${BALANCE_WORDS[balance]} before the split: copies of a row may be in training and test.`] : []),
          `Vocabulary and length are learnt from all texts, then the rows are split: ${split}.`,
          'Texts that equal one of an earlier part count; the best network is the one with the highest score on the test part.',
        ],
      },
      'leak-free': {
        config: { order: 'split-first', duplicates: 'remove' },
        steps: [
          `Split before anything is fitted: ${split}.`,
          ...(balance ? [`${BALANCE_WORDS[balance]} in the training part alone.`] : []),
          'The vocabulary is learnt from the training texts alone.',
          'Texts of validation and test that equal an earlier part’s text after normalisation do not count.',
          `The best network is the one with the highest ${METRICS[score].replace(' %', '')} on the validation part.`,
        ],
      },
    },
    scales: {
      quick: { config: {}, seeds: 1, reduced: false, note: 'the whole table' },
      full: { config: {}, seeds: 3, reduced: false, note: 'the whole table' },
    },
    defaultFactors: [],
    findings: [],
    load: async () => {
      const found = await readRows(file, options);
      const classNames = encodeLabels(checkClasses(op, found.labels, options)).classes;
      const other = options.testFile === undefined ? null : await readRows(options.testFile, options);
      const rowsOf = (r: { texts: string[]; labels: string[] }, from: number): Rows => ({
        texts: r.texts,
        labels: encodeLabels(r.labels, { classes: classNames }).labels.data() as Int32Array,
        places: Int32Array.from(r.texts.keys(), (row) => from + row),
      });
      const source = async (path: string, rows: number): Promise<DataSource> => ({
        name: basename(path),
        source: 'a file of your own',
        sha256: await sha256File(path),
        rows,
      });
      const left = found.left + (other?.left ?? 0);
      return {
        raw: {
          rows: rowsOf(found, 0),
          test: other && rowsOf(other, found.texts.length),
          notes: left === 0 ? [] : [`${left} rows without a text or a label are left out.`],
        },
        sources: [
          await source(file, found.texts.length),
          ...(other && options.testFile !== undefined ? [await source(options.testFile, other.texts.length)] : []),
        ],
        classNames,
        standIn: null,
        sameTask: true,
      };
    },
    preparedBy: ['maxTokens', 'length', 'balance', 'order', 'duplicates'],
    ...(balance ? { preparedOnly: ['balance'] } : {}),
    prepare: ({ raw, classNames }, config) => prepareRows(op, raw, classNames, steps, config),
    model: build,
    compute: (context) => claimFindings(claims, factors, METRICS[score], context),
    baselines: ({ classNames }, { audited, train, test, unsampled }) => {
      const clean = new TextPipeline({ steps });
      const texts = (own: AuditPart): string[] => clean.processAll(own.texts ?? []);
      return textBaselines(
        { texts: texts(audited.train), labels: train.labels },
        { texts: texts(audited.test), labels: test.labels, keep: test.keep },
        classNames,
        score,
        unsampled?.labels,
      );
    },
  });
}
