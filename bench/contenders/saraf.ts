import { layers, optimizers, Sequential, setThreads, tensor } from '../../src/index.js';
import { loadAddon } from '../../src/backend/native.js';
import { gitCommit, sarafVersion } from '../../src/experiments/provenance.js';
import type { Tensor } from '../../src/index.js';
import type { NusaxInputs } from '../suites/nusax-bilstm.js';
import type { Job } from '../suites/suite.js';
import type { Contender } from './contender.js';

function sentimentModel({ shape, weights }: NusaxInputs): Sequential {
  const { T, V, D, U, K } = shape;
  const model = new Sequential([
    layers.embedding({ inputDim: V, outputDim: D, inputShape: [T] }),
    layers.bidirectional({ layer: layers.lstm({ units: U }) }),
    layers.dense({ units: K, activation: 'softmax' }),
  ]);
  model.setWeights(weights.map((w) => tensor(w.values, w.shape)));
  return model;
}

const idsOf = ({ ids, shape }: NusaxInputs): Tensor => tensor(ids, [shape.N, shape.T]);

function train(inputs: NusaxInputs): Job {
  const model = sentimentModel(inputs);
  model.compile({ optimizer: optimizers.adam(inputs.adam), loss: 'sparseCategoricalCrossentropy' });
  const x = idsOf(inputs);
  const y = tensor(inputs.labels);
  return {
    check() {
      const loss = model.trainOnBatch(x, y)['loss'] as number;
      const after = model.getWeights();
      const updates = inputs.weights.map((w, i) => {
        const values = (after[i] as Tensor).data();
        return [`update.${w.name}`, w.values.map((before, k) => (values[k] as number) - before)] as const;
      });
      return { loss: Float32Array.of(loss), ...Object.fromEntries(updates) };
    },
    run: () => void model.trainOnBatch(x, y),
  };
}

function infer(inputs: NusaxInputs): Job {
  const model = sentimentModel(inputs);
  const x = idsOf(inputs);
  return {
    check: () => ({ probabilities: Float32Array.from((model.predictOnBatch(x)[0] as Tensor).data()) }),
    run: () => void model.predictOnBatch(x),
  };
}

/** What this repository builds, from its sources. */
export const saraf: Contender = {
  name: 'saraf',
  title: 'saraf',
  maxThreads: Number.POSITIVE_INFINITY,
  async load(threads) {
    setThreads(threads);
    const commit = gitCommit();
    return {
      version: `saraf ${sarafVersion()}${commit === null ? '' : `, commit ${commit.slice(0, 12)}${commit.endsWith('+') ? '+' : ''}`}, ${loadAddon().native.isa()} kernels`,
      cases: { 'nusax-bilstm-train': train, 'nusax-bilstm-infer': infer },
    };
  },
};
