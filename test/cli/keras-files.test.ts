import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layers } from '../../src/layers/index.js';
import '../../src/keras/index.js';
import * as metrics from '../../src/metrics/index.js';
import { loadModel } from '../../src/models/load.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { TextPipeline } from '../../src/text/pipeline/text-pipeline.js';
import { kerasFindings, type KerasComparison } from '../../src/experiments/keras-record.js';
import type { Results } from '../../src/experiments/results.js';
import { tinyExperiment } from '../experiments/tiny.js';
import { saraf } from './capture.js';

let folder = '';
let model: Sequential;
const ids = Int32Array.of(1, 2, 3, 0, 3, 3, 2, 1);

const encode = (t: Tensor): object => {
  const v = t.data();
  return { shape: [...t.shape], dtype: t.dtype, data: Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64') };
};
const floats = (values: number[], shape: number[]): object => encode(tensor(Float32Array.from(values), shape));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-cli-'));
  model = new Sequential([
    layers.embedding({ inputDim: 5, outputDim: 3, inputShape: [4], maskZero: true }),
    layers.gru({ units: 4 }),
    layers.dense({ units: 2, activation: 'softmax', name: 'classes' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  await model.save(join(folder, 'model.keras'));
  await model.save(join(folder, 'own'));
  writeFileSync(join(folder, 'inputs.json'), JSON.stringify({ inputs: [{ shape: [2, 4], dtype: 'int32', data: [...ids] }] }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('saraf inspect', () => {
  test.each(['model.keras', 'own'])('prints the summary and how %s is compiled', async (name) => {
    const { code, out } = await saraf(['inspect', join(folder, name)]);
    expect(code).toBe(0);
    expect(out).toContain('classes (Dense)');
    expect(out).toContain(`Total params: ${model.countParams()}`);
    expect(out).toContain('Optimizer: Adam, learning rate 0.001, 0 steps taken');
    expect(out).toContain('Output classes: SparseCategoricalCrossentropy, metrics accuracy');
  });

  test('tells the options of metrics, and which heed weights', async () => {
    const measured = new Sequential([layers.dense({ units: 1, inputShape: [2], name: 'answer' })]);
    const weightedMetrics = [metrics.precision({ thresholds: [0.3, 0.5], name: 'sure' })];
    measured.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae', metrics.auc({ numThresholds: 20 })], weightedMetrics });
    await measured.save(join(folder, 'measured.keras'));
    const { out } = await saraf(['inspect', join(folder, 'measured.keras')]);
    expect(out).toContain('MeanSquaredError, metrics mae, auc (AUC numThresholds 20 curve ROC');
    expect(out).toContain(', weighted metrics sure (Precision thresholds [0.3, 0.5])');
  });

  test('says what is wrong with a file', async () => {
    writeFileSync(join(folder, 'broken.keras'), 'PK no archive');
    const { code, err } = await saraf(['inspect', join(folder, 'broken.keras')]);
    expect(code).toBe(1);
    expect(err).toContain('ERR_FORMAT');
    expect((await saraf(['inspect', join(folder, 'absent.h5')])).err).toContain('absent.h5');
  });
});

describe('saraf predict', () => {
  const expected = (): Float32Array => model.predictOnBatch(tensor(ids, [2, 4]))[0]?.data() as Float32Array;

  test('writes the outputs in the form of the inputs, float32 to the bit', async () => {
    const { code, out } = await saraf(['predict', join(folder, 'model.keras'), join(folder, 'inputs.json')]);
    expect(code).toBe(0);
    const { outputs } = JSON.parse(out) as { outputs: { shape: number[]; dtype: string; data: number[] }[] };
    expect(outputs).toHaveLength(1);
    expect(outputs[0]).toMatchObject({ shape: [2, 2], dtype: 'float32' });
    expect(Float32Array.from(outputs[0]?.data ?? [])).toEqual(expected());
  });

  test('into a file with --out', async () => {
    const to = join(folder, 'outputs.json');
    const { code, out } = await saraf(['predict', join(folder, 'own'), join(folder, 'inputs.json'), '--out', to]);
    expect([code, out]).toEqual([0, '']);
    expect(Float32Array.from((JSON.parse(readFileSync(to, 'utf8')) as { outputs: { data: number[] }[] }).outputs[0]?.data ?? [])).toEqual(
      expected(),
    );
  });

  test('takes texts where the model came with its preprocessing, which inspect names', async () => {
    const pipeline = new TextPipeline({ steps: ['casefold', { step: 'vectorize', outputSequenceLength: 4, maxTokens: 6 }] });
    const reader = await loadModel(join(folder, 'own'));
    reader.preprocessing = pipeline.fit(['bagus sekali', 'kurang bagus']);
    await reader.save(join(folder, 'reader.keras'));
    const path = join(folder, 'texts.json');
    writeFileSync(path, JSON.stringify({ inputs: [{ texts: ['BAGUS kurang', 'apa ini'] }] }));
    const { code, out } = await saraf(['predict', join(folder, 'reader.keras'), path]);
    expect(code).toBe(0);
    const { outputs } = JSON.parse(out) as { outputs: { data: number[] }[] };
    const ours = await reader.predict(['BAGUS kurang', 'apa ini']);
    expect(Float32Array.from(outputs[0]?.data ?? [])).toEqual(ours.data());
    expect((await saraf(['inspect', join(folder, 'reader.keras')])).out).toContain(
      'Preprocessing: TextPipeline casefold, vectorize; takes texts',
    );
    expect((await saraf(['predict', join(folder, 'own'), path])).err).toContain('this model has no preprocessing');
    writeFileSync(path, JSON.stringify({ inputs: [{ texts: ['a', 1] }] }));
    expect((await saraf(['predict', join(folder, 'reader.keras'), path])).err).toContain('"texts" to be a list of texts');
  });

  test('labels a text that is said, and a column of a CSV file, with the names that a run has', async () => {
    const reader = await loadModel(join(folder, 'own'));
    reader.preprocessing = new TextPipeline({ steps: ['casefold', { step: 'vectorize', outputSequenceLength: 4, maxTokens: 5 }] }).fit([
      'bagus sekali',
      'kurang bagus',
    ]);
    const run = join(folder, 'run');
    mkdirSync(run, { recursive: true });
    await reader.save(join(run, 'model'));
    writeFileSync(join(run, 'config.json'), JSON.stringify({ classNames: ['negatif', 'positif, sekali'] }));
    const texts = ['BAGUS', 'kurang, "bagus"', 'dua\nbaris'];
    const values = (await reader.predict(texts)).data();
    const names = texts.map((_, i) => ((values[2 * i] as number) >= (values[2 * i + 1] as number) ? 'negatif' : '"positif, sekali"'));
    const said = await saraf(['predict', run, '--say', 'BAGUS', '--say', 'kurang']);
    expect(said.code).toBe(0);
    expect(said.out.trim().split('\n')).toHaveLength(4);
    expect(said.out).toContain((names[0] as string).replaceAll('"', ''));
    const table = join(folder, 'reviews.csv');
    writeFileSync(table, 'id,review\n1,BAGUS\n2,"kurang, ""bagus"""\n3,"dua\nbaris"\n');
    const to = join(folder, 'labelled.csv');
    expect((await saraf(['predict', run, table, '--text', 'review', '--out', to])).code).toBe(0);
    const expected = texts.map((text, i) => {
      const p = Math.max(values[2 * i] as number, values[2 * i + 1] as number).toFixed(4);
      return `${i + 1},${/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text},${names[i]},${p}`;
    });
    expect(readFileSync(to, 'utf8')).toBe(['id,review,label,probability', ...expected, ''].join('\n'));
    expect((await saraf(['predict', run, table])).err).toContain('--text COLUMN');
    expect((await saraf(['predict', run, table, '--text', 'ulasan'])).err).toContain('ulasan');
    expect((await saraf(['predict', run])).err).toContain('received neither');
    expect((await saraf(['predict', run, table, '--say', 'x'])).err).toContain('received both');
    expect((await saraf(['predict', join(folder, 'own'), '--say', 'x'])).err).toContain('no preprocessing');
  });

  test.each([
    ['{', 'JSON'],
    ['{"inputs":[]}', 'a list "inputs"'],
    ['{"inputs":[{"shape":[2,-1],"data":[]}]}', 'a shape of input 0'],
    ['{"inputs":[{"shape":[1],"dtype":"float64","data":[1]}]}', 'float64'],
    ['{"inputs":[{"shape":[2,4],"dtype":"int32","data":[1]}]}', 'expected 8 numbers of input 0'],
    ['{"inputs":[{"shape":[1],"dtype":"int32","data":[0.5]}]}', 'whole numbers'],
    ['{"inputs":[{"shape":[1],"data":["a"]}]}', '"a" at 0'],
  ])('%s is refused', async (text, reason) => {
    const path = join(folder, 'wrong.json');
    writeFileSync(path, text);
    const { code, err } = await saraf(['predict', join(folder, 'model.keras'), path]);
    expect(code).toBe(1);
    expect(err).toContain(reason);
  });
});

describe('saraf check-fixtures', () => {
  const dense = (units: number, activation: string): object => ({
    class_name: 'Dense',
    config: { name: 'dense', trainable: true, dtype: 'float32', units, activation, use_bias: false },
  });
  const layerCase = (layer: object, output: number): object => ({
    layer,
    call: { form: 'single', kwargs: {} },
    training: false,
    weights: [floats([2, 3], [2, 1])],
    inputs: [floats([1, 10], [1, 2])],
    outputs: [floats([output], [1, 1])],
    upstream: [floats([1], [1, 1])],
    gradients: { inputs: [floats([2, 3], [1, 2])], weights: [floats([1, 10], [2, 1])] },
  });

  test('a line per case and the count; wrong numbers with the worst error and where', async () => {
    const root = join(folder, 'fixtures');
    mkdirSync(join(root, 'layers', 'Dense'), { recursive: true });
    const write = (name: string, content: object): void =>
      writeFileSync(join(root, 'layers', 'Dense', `${name}.json`), JSON.stringify(content));
    write('right', layerCase(dense(1, 'linear'), 32));
    let { code, out } = await saraf(['check-fixtures', root]);
    expect([code, out]).toEqual([0, 'pass layers/Dense/right 0.0e+0\n1 passed, 0 failed\n']);
    write('wrong', layerCase(dense(1, 'linear'), 33));
    write('strange', layerCase({ class_name: 'Quantum', config: { name: 'q' } }, 32));
    ({ code, out } = await saraf(['check-fixtures', root]));
    expect(code).toBe(1);
    expect(out).toContain('unsupported layers/Dense/strange q (Quantum): there is no such layer');
    expect(out).toMatch(/^FAIL layers\/Dense\/wrong 3\.0e-2 output 0\[0\]: 32 instead of 33$/m);
    expect(out.endsWith('1 unsupported\n1 passed, 1 failed\n')).toBe(true);
    const lines = (await saraf(['check-fixtures', root, '--json'])).out.trim().split('\n').map((l) => JSON.parse(l) as object); // prettier-ignore
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toEqual({ summary: '1 passed, 1 failed', pass: 1, fail: 1, unsupported: 1 });
    expect((await saraf(['check-fixtures', root, '--only', 'right'])).out).toContain('1 passed, 0 failed');
  });

  test('a folder without cases is an error', async () => {
    const { code, err } = await saraf(['check-fixtures', join(folder, 'nowhere')]);
    expect(code).toBe(1);
    expect(err).toContain('does not exist');
  });
});

describe('saraf reproduce --keras', () => {
  const reference = (predictions: Tensor): object => ({
    token_ids: { shape: [2, 4], rows: [[1, 2, 3], [3, 3, 2, 1]] }, // prettier-ignore
    test_labels: encode(tensor(Int32Array.of(0, 1))),
    predictions: encode(predictions),
  });

  test('shows the largest difference, labels that differ, both macro F1', async () => {
    const path = join(folder, 'reference.json');
    const [probabilities] = model.predictOnBatch(tensor(ids, [2, 4])) as [Tensor];
    writeFileSync(path, JSON.stringify(reference(probabilities)));
    const same = await saraf(['reproduce', '--keras', join(folder, 'model.keras'), '--predictions', path]);
    expect(same.code).toBe(0);
    expect(same.out).toMatch(/largest \|Δp\| +0\.0e\+0/);
    expect(same.out).toContain('0 of 2');
    const flipped = tensor(
      Float32Array.from(probabilities.data(), (v) => 1 - v),
      [2, 2],
    );
    writeFileSync(path, JSON.stringify(reference(flipped)));
    const other = await saraf(['reproduce', '--keras', join(folder, 'model.keras'), '--predictions', path]);
    expect(other.code).toBe(1);
    expect(other.out).toContain('2 of 2');
  });

  test('with an experiment it stands in its results and report, also when they are drawn again', { timeout: 60_000 }, async () => {
    const path = join(folder, 'named.json');
    const [probabilities] = model.predictOnBatch(tensor(ids, [2, 4])) as [Tensor];
    writeFileSync(path, JSON.stringify({ ...reference(probabilities), keras: '3.9', settings: { name: 'small <gru>' } }));
    const out = join(folder, 'with-keras');
    const run = (...more: string[]): ReturnType<typeof saraf> =>
      saraf(['reproduce', 'tiny', '--factor', 'units', '--seeds', '1', '--out', out, ...more], [tinyExperiment()]);
    const keras = ['--keras', join(folder, 'model.keras'), '--predictions', path];
    expect((await run(...keras)).code).toBe(0);
    expect((await run('--resume', ...keras)).code).toBe(0);
    expect((await run('--resume')).code).toBe(0);
    const results = JSON.parse(readFileSync(join(out, 'tiny', 'results.json'), 'utf8')) as Results;
    const f1 = expect.any(Number) as number;
    expect(results.keras).toEqual([
      { model: 'small <gru>, model.keras', keras: '3.9', rows: 2, worst: 0, different: 0, macroF1: { saraf: f1, keras: f1 } },
    ]);
    expect(results.findings.find((f) => f.title.includes('exactly what Keras does'))?.holds).toBe(true);
    expect(readFileSync(join(out, 'tiny', 'report.html'), 'utf8')).toContain('<td>small &lt;gru&gt;, model.keras</td><td>3.9</td>');
    expect(kerasFindings([{ ...(results.keras?.[0] as KerasComparison), different: 1 }])[0]?.holds).toBe(false);
    writeFileSync(join(out, 'tiny', 'keras.json'), '[');
    expect((await run('--resume')).err).toContain('delete it and run --keras again');
    const two = await saraf(['reproduce', 'tiny', 'other', ...keras], [tinyExperiment(), tinyExperiment({ id: 'other' })]);
    expect(two.err).toContain('with one experiment or none');
  });

  test('needs both files, of one model', async () => {
    expect((await saraf(['reproduce', '--keras', 'a.keras'])).err).toContain('together');
    const path = join(folder, 'shape.json');
    writeFileSync(path, JSON.stringify(reference(tensor([[1, 0, 0], [1, 0, 0]])))); // prettier-ignore
    expect((await saraf(['reproduce', '--keras', join(folder, 'model.keras'), '--predictions', path])).err).toContain('shape (2,2)');
    writeFileSync(path, '{}');
    expect((await saraf(['reproduce', '--keras', join(folder, 'model.keras'), '--predictions', path])).err).toContain('predictions');
  });
});
