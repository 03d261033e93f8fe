import { experiment, type Experiment, type Prepared, type TrainingConfig } from '../../src/experiments/experiment.js';
import { layers } from '../../src/layers/index.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';
import { Philox } from '../../src/tensor/random.js';

interface TinyConfig extends TrainingConfig {
  readonly units: number;
  readonly rows: number;
  /** Whether test rows that repeat training rows count. */
  readonly duplicates: 'keep' | 'remove';
  /** Whether the protocol's training rows differ: then nothing is shared between protocols. */
  readonly shift: number;
}

export interface TinyOptions {
  readonly id?: string;
  readonly epochs?: number;
  readonly rows?: number;
  /** Give the leak-free protocol other training rows. */
  readonly otherRows?: boolean;
  readonly standIn?: string | null;
  /** Of another task. */
  readonly otherTask?: boolean;
  /** Run the variant of 8 units with one seed at the quick scale. */
  readonly fewerSeeds?: boolean;
  /** A layer wide enough that its products follow `precision`. */
  readonly wide?: boolean;
}

const CLASSES = ['low', 'high'];

/** A whole experiment that trains in milliseconds: is the sum of five numbers positive? */
export function tinyExperiment(options: TinyOptions = {}): Experiment {
  const { epochs = 3, rows = 60, standIn = null } = options;
  return experiment<TinyConfig, Float32Array>({
    id: options.id ?? 'tiny',
    title: 'A tiny experiment',
    document: 'none',
    data: [],
    metric: 'macro F1 %',
    config: { epochs, batchSize: 16, units: 4, rows, duplicates: 'keep', shift: 0 },
    masks: [null],
    factors: [
      {
        name: 'units',
        title: 'Units',
        variants: [
          { name: '4', config: { units: 4 }, published: 80 },
          { name: '8', config: { units: 8 }, published: null, ...(options.fewerSeeds ? { seeds: { quick: 1 } } : {}) },
        ],
      },
      { name: 'epochs', title: 'Epochs', variants: [{ name: 'base', config: {}, published: 81 }] },
    ],
    stated: [{ key: 'batchSize', name: 'batch size' }],
    notStated: [{ key: 'units', name: 'units' }],
    repeats: [{ configuration: '4 units', values: [80, 81] }],
    constant: { value: 33.3, label: 'a constant prediction' },
    protocols: {
      published: { config: { duplicates: 'keep' }, steps: ['as it is'] },
      'leak-free': { config: { duplicates: 'remove', shift: options.otherRows ? 1 : 0 }, steps: ['without repeated rows'] },
    },
    scales: {
      quick: { config: {}, seeds: 2, reduced: false, note: 'all' },
      full: { config: {}, seeds: 3, reduced: false, note: 'all' },
    },
    defaultFactors: ['units'],
    findings: [{ kind: 'document', title: 'Two figures', text: 'for one model' }],
    preparedBy: ['rows', 'duplicates', 'shift'],
    load: () => {
      const random = new Philox(7, 3);
      return Promise.resolve({
        raw: Float32Array.from({ length: 5 * 4000 }, () => random.uniform(-1, 1)),
        sources: [{ name: 'numbers', source: 'made up', sha256: 'f'.repeat(64), rows: 4000 }],
        classNames: CLASSES,
        standIn,
        sameTask: !options.otherTask,
      });
    },
    prepare: ({ raw }, config): Prepared => {
      const part = (from: number, count: number): { x: ReturnType<typeof tensor>; labels: Int32Array } => {
        const values = raw.slice(5 * from, 5 * (from + count));
        const sum = (r: number): number => values.subarray(5 * r, 5 * r + 5).reduce((a, b) => a + b, 0);
        return { x: tensor(values, [count, 5]), labels: Int32Array.from({ length: count }, (_, r) => (sum(r) > 0 ? 1 : 0)) };
      };
      const test = part(100, 50);
      const keep = Uint8Array.from({ length: 50 }, (_, i) => (i < 10 ? 0 : 1));
      return {
        train: part(1000 + config.shift, config.rows),
        validation: part(0, 40),
        test: config.duplicates === 'remove' ? { ...test, keep } : test,
        audited: { train: { labels: part(1000 + config.shift, config.rows).labels }, test: { labels: test.labels } },
        notes: [config.duplicates === 'remove' ? '10 test rows do not count' : 'all rows count'],
        sizes: {},
      };
    },
    model: (config) => {
      const model = new Sequential([
        layers.dense({ units: config.units, activation: 'tanh', inputShape: [5] }),
        ...(options.wide === true ? [32, 32].map((units) => layers.dense({ units, activation: 'relu' })) : []),
        layers.dropout({ rate: 0.1 }),
        layers.dense({ units: 2, activation: 'softmax' }),
      ]);
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      return model;
    },
    compute: ({ cells }) => [{ kind: 'computed', title: 'Cells', text: String(cells.length), holds: cells.length > 0 }],
    baselines: () => [{ name: 'majority class', value: 33.3, note: 'always low' }],
  });
}
