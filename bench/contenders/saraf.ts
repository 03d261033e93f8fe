import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layers, setThreads } from '../../src/index.js';
import { backend } from '../../src/backend/current.js';
import { loadAddon, packageRoot } from '../../src/backend/native.js';
import { gitCommit, sarafVersion } from '../../src/experiments/provenance.js';
import type { AttentionInputs } from '../suites/attention.js';
import { convLayer, type ConvInputs, type ConvShape } from '../suites/conv.js';
import { poolLayer } from '../suites/pool.js';
import { recurrentLayer } from '../suites/recurrent.js';
import { layerRun } from '../suites/reference/layer-run.js';
import type { GemmInputs } from '../suites/gemm.js';
import type { LayerInputs } from '../suites/layer-inputs.js';
import type { Layer } from '../../src/index.js';
import type { Job, Shape } from '../suites/suite.js';
import { NotAvailable, type Contender } from './contender.js';
import { sarafPredict, sarafTrainCnn, sarafTrainText } from './saraf-models.js';
import { sarafIngest } from './saraf-ingest.js';
import { sarafWord2Vec } from './saraf-word2vec.js';
import { startupJob } from './startup-job.js';

function gemm({ shape: { M, N, K }, a, b }: GemmInputs): Job {
  const y = new Float32Array(M * N);
  const cpu = backend();
  const run = (): void => cpu.matmul(a, b, y, M, N, K, false, false);
  return {
    run,
    check() {
      run();
      return { y: y.slice() };
    },
  };
}

function layer<S extends Shape>(make: (shape: S) => Layer): (inputs: LayerInputs<S>) => Job {
  return (inputs) => {
    const { run, check } = layerRun(() => make(inputs.shape), inputs, 'float32');
    return { check, run: () => void run() };
  };
}

/** The whole layer: projections, heads and the last product in one call. */
function attention(inputs: AttentionInputs): Job {
  const { U, heads } = inputs.shape;
  const make = (): Layer => layers.multiHeadAttention({ numHeads: heads, keyDim: U / heads });
  const { run, check } = layerRun(make, inputs, 'float32');
  return { check, run: () => void run() };
}

/** Where Winograd's algorithm is possible: the direct kernel's results beside it. */
function direct(inputs: ConvInputs): Pick<Job, 'direct'> {
  const { k, s } = inputs.shape;
  return k === 3 && s === 1 ? { direct: () => layerRun(() => convLayer(inputs.shape, false), inputs, 'float32').check() } : {};
}

function startup(): Job {
  const root = packageRoot();
  const main = join(root, 'dist', 'index.mjs');
  if (!existsSync(main)) throw new NotAvailable('the package is not built; npm run build');
  const script = `import { layers, Sequential, tensor } from ${JSON.stringify(main)};
    const model = new Sequential([layers.dense({ units: 1, useBias: false, inputShape: [2] })]);
    model.setWeights([tensor(Float32Array.of(3, 4), [2, 1])]);
    report(model.predictOnBatch(tensor(Float32Array.of(1, 2), [1, 2]))[0].data()[0]);`;
  // What is published: the bundle and the prebuilt addon, and what the package depends on.
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  const packages = Object.keys(dependencies).map((name) => join(root, 'node_modules', name));
  return startupJob(script, [join(root, 'dist'), join(root, 'prebuilds'), ...packages]);
}

/** Version and commit, in words. */
export function sarafBuild(): string {
  const commit = gitCommit();
  return `saraf ${sarafVersion()}${commit === null ? '' : `, commit ${commit.slice(0, 12)}${commit.endsWith('+') ? '+' : ''}`}`;
}

/** What this repository builds, from its sources. */
export const saraf: Contender = {
  name: 'saraf',
  title: 'saraf',
  maxThreads: Number.POSITIVE_INFINITY,
  async load(threads) {
    setThreads(threads);
    return {
      version: `${sarafBuild()}, ${loadAddon().native.isa()} kernels`,
      cases: {
        gemm,
        conv: (inputs) => ({ ...layer((shape: ConvShape) => convLayer(shape))(inputs), ...direct(inputs) }),
        pool: layer(poolLayer),
        recurrent: layer((shape) => recurrentLayer(shape)),
        attention,
        'train-cnn': (inputs) => sarafTrainCnn(inputs),
        'train-text': (inputs) => sarafTrainText(inputs),
        predict: sarafPredict,
        word2vec: sarafWord2Vec,
        ingest: sarafIngest,
        startup,
      },
    };
  },
};
