import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { setSeed } from '../../src/initializers/seed.js';
import { input, Layer, layers, resetLayerNames, type SymbolicTensor } from '../../src/layers/index.js';
import { writeFileAtomic } from '../../src/files/atomic.js';
import { loadModel } from '../../src/models/load.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import * as losses from '../../src/losses/index.js';
import * as optimizers from '../../src/optimizers/index.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { randomTensor } from '../helpers/random-tensor.js';
import { blobs, sameBits } from '../helpers/toy-data.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-save-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;

function classifier(): Sequential {
  setSeed(4);
  const model = new Sequential([
    layers.dense({ units: 6, activation: 'relu', name: 'first' }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({
    optimizer: optimizers.sgd({ momentum: 0.9, learningRate: 0.1 }),
    loss: losses.sparseCategoricalCrossentropy(),
    metrics: ['accuracy', 'macroF1'],
  });
  return model;
}

describe('save and load', () => {
  test('the same predictions, bit for bit, and the same compilation', async () => {
    const { x, y } = blobs(30);
    const model = classifier();
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    await model.save(at('plain'));
    expect(readdirSync(at('plain')).sort()).toEqual(['model.json', 'optimizer.safetensors', 'weights.safetensors']);
    expect(existsSync(`${at('plain')}.previous`)).toBe(false);
    const loaded = await loadModel(at('plain'));
    expect(loaded).toBeInstanceOf(Sequential);
    expect(sameBits([await loaded.predict(x)], [await model.predict(x)])).toBe(true);
    expect(await loaded.evaluate(x, y)).toEqual(await model.evaluate(x, y));
    expect(loaded.optimizer.getConfig()).toEqual(model.optimizer.getConfig());
    expect(loaded.optimizer.iterations).toBe(2);
    expect(loaded.training).toEqual(model.training);
    const bare = await loadModel(at('plain'), { compile: false });
    await expectRejection(bare.evaluate(x, y), 'ERR_STATE', 'compile');
  });

  test('a graph with shared layers, nested models, several inputs and outputs', async () => {
    setSeed(8);
    const [a, b] = [input({ shape: [4] }), input({ shape: [4] })];
    const shared = layers.dense({ units: 3, activation: 'tanh' });
    const block = new Sequential({ name: 'block', layers: [layers.dense({ units: 3 }), layers.layerNormalization()] });
    const [u, v] = [shared.apply(a), one(block.apply(shared.apply(b)))];
    const s = one(layers.add().apply([u, v]));
    const model = new Model({
      inputs: [a, b],
      outputs: [layers.dense({ units: 2, name: 'p' }).apply(s), layers.dense({ units: 1, name: 'q' }).apply(one(block.apply(s)))],
    });
    model.compile({
      optimizer: optimizers.adam({
        learningRate: optimizers.schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5 }),
      }),
      loss: ['mse', 'mae'],
      lossWeights: [1, 0.5],
    });
    const x = [randomTensor([9, 4], 1), randomTensor([9, 4], 2)];
    const y = [randomTensor([9, 2], 3), randomTensor([9, 1], 4)];
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    await model.save(at('graph'));
    resetLayerNames();
    const loaded = await loadModel(at('graph'));
    expect(sameBits(await loaded.predictAll(x), await model.predictAll(x))).toBe(true);
    expect(loaded.countParams()).toBe(model.countParams());
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    await loaded.fit(x, y, { epochs: 2, verbose: 0 });
    expect(sameBits(loaded.getWeights(), model.getWeights())).toBe(true);
  });

  test('saving again replaces the folder as a whole', async () => {
    const { x, y } = blobs(30);
    const model = classifier();
    await model.predict(x);
    await model.save(at('again'));
    await model.fit(x, y, { verbose: 0 });
    await model.save(at('again'));
    expect(sameBits((await loadModel(at('again'))).getWeights(), model.getWeights())).toBe(true);
    expect(readdirSync(folder).filter((n) => n.includes('again'))).toEqual(['again']);
  });

  test('a process that dies between the two renames loses nothing', async () => {
    const model = classifier();
    const { x } = blobs(30);
    await model.predict(x);
    await model.save(at('died'));
    renameSync(at('died'), `${at('died')}.previous`);
    expect(sameBits((await loadModel(at('died'))).getWeights(), model.getWeights())).toBe(true);
    await model.save(at('died'));
    expect(existsSync(join(at('died'), 'model.json'))).toBe(true);
  });

  test('a folder of somebody else is not replaced', async () => {
    mkdirSync(at('other'));
    writeFileSync(join(at('other'), 'thesis.txt'), 'years of work');
    const model = classifier();
    await expectRejection(model.save(at('other')), 'ERR_STATE', 'built');
    await model.predict(blobs(3).x);
    await expectRejection(model.save(at('other')), 'ERR_ARG', 'choose another folder');
    expect(readdirSync(at('other'))).toEqual(['thesis.txt']);
  });

  test('what cannot be written down is refused before anything is written', async () => {
    const model = classifier();
    const { x } = blobs(3);
    model.compile({ optimizer: optimizers.sgd({ learningRate: () => 0.1 }), loss: 'mse' });
    await model.predict(x);
    await expectRejection(model.save(at('function')), 'ERR_STATE', 'schedules');
    await expectRejection(model.save(''), 'ERR_ARG', 'folder');
    expect(existsSync(at('function'))).toBe(false);
  });
});

describe('damaged folders are refused with what is wrong', () => {
  const damaged = async (name: string, change: (path: string) => void): Promise<string> => {
    const model = classifier();
    const { x, y } = blobs(30);
    await model.fit(x, y, { verbose: 0 });
    await model.save(at(name));
    change(at(name));
    return at(name);
  };
  const edit = (path: string, change: (file: Record<string, unknown>) => void): void => {
    const file = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8')) as Record<string, unknown>;
    change(file);
    writeFileSync(join(path, 'model.json'), JSON.stringify(file));
  };

  test.each<[string, (path: string) => void, string[]]>([
    ['no folder', (p) => rmSync(p, { recursive: true }), ['model.json', 'there is none']],
    ['no weights', (p) => rmSync(join(p, 'weights.safetensors')), ['weights.safetensors', 'whole folder']],
    ['half a description', (p) => writeFileSync(join(p, 'model.json'), readFileSync(join(p, 'model.json')).subarray(0, 100)), ['JSON']],
    ['another format', (p) => edit(p, (f) => (f['format'] = 'onnx')), ['saraf-model', 'onnx']],
    ['a later version', (p) => edit(p, (f) => (f['formatVersion'] = 2)), ['version 1', 'received 2', 'update']],
    ['no training state', (p) => edit(p, (f) => (f['training'] = { epoch: -1, step: 0, seed: 0 })), ['training.epoch', '-1']],
    [
      'half the weights',
      (p) => writeFileSync(join(p, 'weights.safetensors'), readFileSync(join(p, 'weights.safetensors')).subarray(0, -20)),
      ['damaged'],
    ],
    [
      'weights of another model',
      (p) =>
        edit(p, (f) => {
          const { layers: list } = f['config'] as { layers: { config: Record<string, unknown> }[] };
          (list[0] as { config: Record<string, unknown> }).config['units'] = 7;
        }),
      ['first/kernel', '(4,7)', '(4,6)'],
    ],
    [
      'another name',
      (p) =>
        edit(p, (f) => {
          const { layers: list } = f['config'] as { layers: { config: Record<string, unknown> }[] };
          (list[0] as { config: Record<string, unknown> }).config['name'] = 'second';
        }),
      ['missing second/kernel', 'unknown first/kernel'],
    ],
    [
      'unknown layers',
      (p) =>
        edit(p, (f) => {
          const { layers: list } = f['config'] as { layers: { className: string }[] };
          (list[0] as { className: string }).className = 'Hologram';
          (list[2] as { className: string }).className = 'Oracle';
        }),
      ['Hologram, Oracle', 'registerLayer'],
    ],
  ])('%s', async (name, change, pieces) => {
    await expectRejection(loadModel(await damaged(name.replaceAll(' ', '-'), change)), 'ERR_FORMAT', ...pieces);
  });
});

test('writeFileAtomic replaces a file and leaves no temporary one', () => {
  const path = at('deep/er/file.txt');
  writeFileAtomic(path, 'one');
  writeFileAtomic(path, Buffer.from('two'));
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(readdirSync(at('deep/er'))).toEqual(['file.txt']);
});

test('types: a layer of a loaded model is a layer', async () => {
  const model = classifier();
  await model.predict(blobs(3).x);
  await model.save(at('typed'));
  const loaded: Model = await loadModel(at('typed'));
  const first: Layer = loaded.getLayer('first');
  const values: Tensor[] = first.weights.map((w) => w.value);
  expect(values.map((t) => t.shape)).toEqual([[4, 6], [6]]);
});
