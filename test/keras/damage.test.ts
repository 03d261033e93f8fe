import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layers } from '../../src/layers/index.js';
import '../../src/keras/index.js';
import { loadModel } from '../../src/models/load.js';
import type { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';
import { TextPipeline } from '../../src/text/pipeline/text-pipeline.js';
import { fixtureFolder } from '../helpers/keras-fixtures.js';

// A thousand copies of every model file take hours: SARAF_DAMAGED=1000, and SARAF_DAMAGED_OUT=FILE adds a line of JSON for each.
// The few hundred of every run have the same seed each time.
const full = process.env['SARAF_DAMAGED'] !== undefined;
const copies = Number(process.env['SARAF_DAMAGED'] ?? 150);
const out = process.env['SARAF_DAMAGED_OUT'];
const MOST_MIB = 256;
/** What Node and saraf, as it is published, hold before they load anything: a long run is compared with what is left. */
const PUBLISHED_MIB = 64;
/** A load that does not end is a hang, seen when the time for all copies of a file is over. */
const HANGS_AFTER_MS = full ? 3_600_000 : 600_000;

interface Outcome {
  file: string;
  refused: number;
  loaded: number;
  slowestMs: number;
  slowest: string;
  wrong: string[];
  baseMiB: number;
  peakMiB: number;
}

/** One model in every format; of TensorFlow.js' and of the folder every file is damaged while the others are whole. */
const FILES = [
  'a.keras',
  'a.h5',
  'a.weights.h5',
  'a.safetensors',
  'tfjs/a.json',
  'tfjs/a-weights.bin',
  'folder/model.json',
  'folder/weights.safetensors',
  'folder/optimizer.safetensors',
];

async function saveInEveryFormat(model: Model, folder: string): Promise<void> {
  for (const name of ['a.keras', 'a.h5', 'a.weights.h5', 'tfjs/a.json', 'folder']) await model.save(join(folder, name));
  await model.saveWeights(join(folder, 'a.safetensors'));
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-damage-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loads damaged copies in a process of its own, with little memory and a limit of time. */
async function damaged(files: readonly string[], seed: number): Promise<void> {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  const program = join(import.meta.dirname, 'damaged-copies.ts');
  const args = ['--max-old-space-size=160', tsx, program, String(copies), String(seed), ...files];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: HANGS_AFTER_MS, maxBuffer: 2 ** 24 });
  const outcomes = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome);
  expect(outcomes.map((o) => o.file)).toEqual(files);
  for (const o of outcomes) {
    if (out) appendFileSync(out, `${JSON.stringify({ ...o, file: relative(fixtureFolder ?? folder, o.file) })}\n`);
    expect(o.wrong, o.file).toEqual([]);
    expect(o.refused + o.loaded, o.file).toBe(copies);
    // What is refused is most of it; a flipped bit among weights that have no checksum (.h5, safetensors, a shard) nobody can see.
    expect(o.refused, `${o.file}: ${JSON.stringify(o)}`).toBeGreaterThan(copies * 0.2);
    expect(o.peakMiB - o.baseMiB, o.file).toBeLessThan(MOST_MIB - PUBLISHED_MIB);
    // With the compiler that runs this program too, which a thousand loads of the largest file do not leave room for.
    if (!full) expect(o.peakMiB, o.file).toBeLessThan(MOST_MIB);
  }
}

describe('damaged model files', () => {
  test(`${copies} copies of each of saraf's own files: ERR_FORMAT, in little memory`, { timeout: HANGS_AFTER_MS + 60_000 }, async () => {
    const model = new Sequential([
      layers.embedding({ inputDim: 20, outputDim: 6, maskZero: true, inputShape: [7] }),
      layers.bidirectional({ layer: layers.lstm({ units: 5 }) }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    model.trainOnBatch(tensor(Int32Array.of(1, 2, 3, 4, 5, 0, 0), [1, 7]), tensor(Int32Array.of(2)));
    model.preprocessing = new TextPipeline({ steps: ['casefold', 'clean', { step: 'vectorize', outputSequenceLength: 7 }] }).fit([
      'Pelayanannya bagus sekali!',
      'dokter tidak membantu',
    ]);
    await saveInEveryFormat(model, join(folder, 'own'));
    await damaged(
      [...FILES, 'folder/preprocessing.json'].map((name) => join(folder, 'own', name)),
      1,
    );
  });
});

function filesOf(part: string): string[] {
  const at = join(fixtureFolder ?? '', part);
  if (!fixtureFolder || !existsSync(at)) return [];
  return readdirSync(at).flatMap((name) =>
    readdirSync(join(at, name))
      .filter((f) => /\.(keras|h5)$/.test(f))
      .map((f) => join(at, name, f)),
  );
}

describe.skipIf(!fixtureFolder)("damaged files of Keras' models (set SARAF_FIXTURES to the folder of fixtures)", () => {
  const files = filesOf('models');
  const timeout = HANGS_AFTER_MS + 60_000;
  if (!full) {
    test(`${copies} copies of the files of two models`, { timeout }, async () => {
      const listed = files.filter((f) => /(masked-bilstm|multi-input-output).(model|trained)/.test(f));
      expect(listed.length).toBeGreaterThan(5);
      await damaged(listed, 2);
    });
    return;
  }

  const named = [...files, ...filesOf('thesis')].map((f) => [relative(fixtureFolder ?? '', f), f] as const);
  test.each(named)(`${copies} copies of %s`, { timeout }, (_name, file) => damaged([file], 3));

  // Models of many shapes, as saraf writes them.
  const rewritten = ['lstm-transformer', 'multi-input-output', 'nested', 'time-distributed-cnn-lstm'];
  test.each(rewritten.flatMap((name) => FILES.map((file) => [name, file] as const)))(
    `${copies} copies of %s rewritten as %s`,
    { timeout },
    async (name, file) => {
      const at = join(folder, name);
      if (!existsSync(at)) await saveInEveryFormat(await loadModel(join(fixtureFolder as string, 'models', name, 'model.h5')), at);
      await damaged([join(at, file)], 4);
    },
  );
});
