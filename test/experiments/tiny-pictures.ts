import { ImagePipeline } from '../../src/data/image-pipeline.js';
import { experiment, type Experiment, type Part, type TrainingConfig } from '../../src/experiments/experiment.js';
import { layers } from '../../src/layers/index.js';
import { Sequential } from '../../src/models/sequential.js';
import { adam } from '../../src/optimizers/index.js';
import { tensor } from '../../src/tensor/tensor.js';
import { Philox } from '../../src/tensor/random.js';

const [HEIGHT, WIDTH, CLASSES] = [4, 6, ['reddish', 'bluish']];
const PIXELS = HEIGHT * WIDTH * 3;

/** Test pictures as bytes (rows,4,6,3), of which red or blue is stronger. */
export function tinyPictures(rows: number, seed = 3): { images: Uint8Array; labels: Int32Array } {
  const random = new Philox(seed, 1);
  const labels = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const images = Uint8Array.from({ length: rows * PIXELS }, (_, i) => random.integer(120) + (i % 3 === 2 * (labels[Math.floor(i / PIXELS)] as number) ? 90 : 0)); // prettier-ignore
  return { images, labels };
}

export interface TinyPictureOptions {
  /** Where bytes are brought to [0,1]: by the model (default), or before it, as the saved pipeline then says. */
  readonly scaled?: 'model' | 'before';
  /** One output with a sigmoid instead of two. */
  readonly sigmoid?: boolean;
}

/** A whole experiment on pictures that trains in milliseconds: more red or more blue? */
export function tinyPictureExperiment({ scaled = 'model', sigmoid = false }: TinyPictureOptions = {}): Experiment {
  return experiment<TrainingConfig, null>({
    id: 'tiny-pictures',
    title: 'Tiny pictures',
    document: 'none',
    data: [],
    metric: 'macro F1 %',
    config: { epochs: 15, batchSize: 8 },
    masks: [null],
    factors: [{ name: 'base', title: 'Base', variants: [{ name: 'base', config: {}, published: null }] }],
    stated: [],
    notStated: [],
    repeats: [],
    constant: null,
    protocols: { published: { config: {}, steps: [] }, 'leak-free': { config: {}, steps: [] } },
    scales: {
      quick: { config: {}, seeds: 1, reduced: false, note: 'all' },
      full: { config: {}, seeds: 1, reduced: false, note: 'all' },
    },
    defaultFactors: [],
    findings: [],
    preparedBy: [],
    load: () =>
      Promise.resolve({
        raw: null,
        sources: [{ name: 'pictures', source: 'made up', sha256: 'f'.repeat(64), rows: 90 }],
        classNames: CLASSES,
        standIn: null,
        sameTask: true,
      }),
    prepare: () => {
      const part = (rows: number, seed: number): Part => {
        const { images, labels } = tinyPictures(rows, seed);
        const x = scaled === 'model' ? images : Float32Array.from(images, (v) => v * (1 / 255));
        return { x: tensor(x, [rows, HEIGHT, WIDTH, 3]), labels };
      };
      return {
        train: part(64, 1),
        validation: part(16, 2),
        test: part(10, 3),
        audited: { train: { labels: part(64, 1).labels }, test: { labels: part(10, 3).labels } },
        notes: [],
        sizes: {},
        preprocessing: new ImagePipeline({ height: HEIGHT, width: WIDTH, scale: scaled === 'model' ? 1 : 1 / 255 }),
      };
    },
    model: () => {
      const inputShape = [HEIGHT, WIDTH, 3];
      const model = new Sequential([
        ...(scaled === 'model' ? [layers.rescaling({ scale: 1 / 255, inputShape })] : []),
        layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', ...(scaled === 'model' ? {} : { inputShape }) }),
        layers.flatten(),
        sigmoid ? layers.dense({ units: 1, activation: 'sigmoid' }) : layers.dense({ units: 2, activation: 'softmax' }),
      ]);
      const loss = sigmoid ? 'binaryCrossentropy' : 'sparseCategoricalCrossentropy';
      model.compile({ optimizer: adam({ learningRate: 0.01 }), loss, metrics: ['accuracy'] });
      return model;
    },
  });
}
