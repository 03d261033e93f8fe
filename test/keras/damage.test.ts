import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layers } from '../../src/layers/index.js';
import '../../src/keras/index.js';
import { loadModel } from '../../src/models/load.js';
import { Sequential } from '../../src/models/sequential.js';
import { fixtureFolder } from '../helpers/keras-fixtures.js';

// A thousand copies of every model file take minutes: SARAF_DAMAGED=1000. The few hundred of every run have the same seed each time.
const full = process.env['SARAF_DAMAGED'] !== undefined;
const copies = Number(process.env['SARAF_DAMAGED'] ?? 150);
const MOST_MIB = 256;
const SLOWEST_MS = 2000;

interface Outcome {
  file: string;
  refused: number;
  loaded: number;
  slowestMs: number;
  slowest: string;
  wrong: string[];
  peakMiB: number;
}

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-damage-'));
  const model = new Sequential([
    layers.embedding({ inputDim: 20, outputDim: 6, maskZero: true, inputShape: [7] }),
    layers.bidirectional({ layer: layers.lstm({ units: 5 }) }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  for (const name of ['a.keras', 'a.h5', 'a.weights.h5', 'a.json']) await model.save(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loads damaged copies in a process of its own, with little memory and a limit of time. */
async function damaged(files: readonly string[], seed: number): Promise<Outcome[]> {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  const program = join(import.meta.dirname, 'damaged-copies.ts');
  const args = ['--max-old-space-size=160', tsx, program, String(copies), String(seed), ...files];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: full ? 600_000 : 60_000, maxBuffer: 2 ** 24 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome);
}

function judge(outcomes: readonly Outcome[], files: readonly string[]): void {
  expect(outcomes.map((o) => o.file)).toEqual(files);
  for (const o of outcomes) {
    expect(o.wrong, o.file).toEqual([]);
    expect(o.refused + o.loaded, o.file).toBe(copies);
    // What is refused is most of it; a flipped bit among the weights of an .h5 file, which has no checksums, nobody can see.
    expect(o.refused, `${o.file}: ${JSON.stringify(o)}`).toBeGreaterThan(copies * 0.2);
    expect(o.slowestMs, `${o.file}: ${o.slowest}`).toBeLessThan(SLOWEST_MS);
    expect(o.peakMiB, o.file).toBeLessThan(MOST_MIB);
  }
}

describe('damaged model files', () => {
  test(`${copies} copies of each of saraf's own files: ERR_FORMAT, quickly, in little memory`, { timeout: 120_000 }, async () => {
    const files = ['a.keras', 'a.h5', 'a.weights.h5', 'a.json'].map((name) => join(folder, name));
    judge(await damaged(files, 1), files);
  });

  const models = fixtureFolder ? readdirSync(join(fixtureFolder, 'models')) : [];
  const listed = full ? models : ['masked-bilstm', 'multi-input-output'];
  test.skipIf(!fixtureFolder)(
    `${copies} copies of each of Keras' files (set SARAF_FIXTURES to the folder of fixtures)`,
    { timeout: 1_200_000 },
    async () => {
      const files: string[] = [];
      for (const name of listed) {
        const at = join(fixtureFolder as string, 'models', name);
        for (const file of readdirSync(at).filter((f) => /\.(keras|h5)$/.test(f))) {
          const path = join(at, file);
          const whole = path.replace(/\.weights\.h5$/, '.h5');
          // Only what loads when it is whole says something about damage.
          const loads =
            existsSync(whole) &&
            (await loadModel(whole, { compile: !file.endsWith('.weights.h5') }).then(
              () => true,
              () => false,
            ));
          if (loads) files.push(path);
        }
      }
      expect(files.length).toBeGreaterThan(5);
      judge(await damaged(files, 2), files);
    },
  );
});
