import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';
import { Consumer } from './consumer.js';

const root = packageRoot();
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
let consumer: Consumer;

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  consumer = new Consumer();
});
afterAll(() => consumer?.remove());

/** Every path that the manifest points at. */
function targets(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('.') || value.startsWith('scripts/') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(targets) : [];
}

// Trains one step, so that the addon is loaded and computes; then draws, so that vega is loaded too.
const USE = `
  const model = new saraf.Sequential([saraf.layers.dense({ units: 2, activation: 'softmax', inputShape: [3], seed: 1 })]);
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  const { loss } = model.trainOnBatch(saraf.tensor([[1, 2, 3], [3, 2, 1]]), saraf.tensor([0, 1], [2], 'int32'));
  let code = null;
  try { saraf.tensor([[1, 2], [3]]); } catch (error) { code = error instanceof saraf.SarafError ? error.code : String(error); }
  const svg = await saraf.charts.lossCurve({ loss: [2, 1] }).toSVG();
  const answer = { names: Object.keys(saraf).filter((n) => n !== 'default' && n !== 'module.exports').sort(), loss, code, svg: svg.slice(0, 4) };
`;

interface Answer {
  names: string[];
  loss: number;
  code: string;
  svg: string;
}

describe('the built package', () => {
  it('has every file that its manifest names', () => {
    const missing = targets([manifest['main'], manifest['module'], manifest['types'], manifest['exports'], manifest['bin']]).filter(
      (path) => !existsSync(join(root, path)),
    );
    expect(missing).toEqual([]);
  });

  it('packs them', () => {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const text = execFileSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
    });
    const packed = (JSON.parse(text) as { files: { path: string }[] }[])[0]?.files.map((f) => f.path) ?? [];
    const wanted = targets([manifest['main'], manifest['types'], manifest['exports'], manifest['bin']]).map((path) =>
      path.replace(/^\.\//, ''),
    );
    expect(wanted.filter((path) => !packed.includes(path))).toEqual([]);
    expect(packed.filter((path) => /^(test|bench|notebooks|out|\.ci)\//.test(path))).toEqual([]);
  });

  it('gives the same to require and to import, in a process of their own', () => {
    const required = consumer.run(
      'required.cjs',
      `const saraf = require('saraf'); (async () => { ${USE} console.log(JSON.stringify(answer)); })();`,
    );
    const imported = consumer.run('imported.mjs', `import * as saraf from 'saraf'; ${USE} console.log(JSON.stringify(answer));`);
    const answer = imported as Answer;
    expect(required).toEqual(imported);
    expect(answer.names).toEqual(expect.arrayContaining(['Sequential', 'Model', 'layers', 'tensor', 'charts', 'SarafError']));
    expect(answer).toMatchObject({ code: 'ERR_SHAPE', svg: '<svg' });
    expect(answer.loss).toBeGreaterThan(0);
  });

  it('works in worker threads, after which the process ends in peace', () => {
    const worker = consumer.write(
      'worker.cjs',
      `const saraf = require('saraf'); const { parentPort } = require('node:worker_threads'); (async () => { ${USE} parentPort.postMessage(answer); })();`,
    );
    const modern = consumer.write(
      'worker.mjs',
      `import * as saraf from 'saraf'; import { parentPort } from 'node:worker_threads'; ${USE} parentPort.postMessage(answer);`,
    );
    const answers = consumer.run(
      'main.mjs',
      `import { once } from 'node:events'; import { Worker } from 'node:worker_threads';
       const answers = [];
       for (const file of ${JSON.stringify([worker, modern])}) {
         const worker = new Worker(file);
         const [[answer]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
         answers.push(answer);
       }
       console.log(JSON.stringify(answers));`,
    ) as Answer[];
    expect(answers).toHaveLength(2);
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.code).toBe('ERR_SHAPE');
  });
});
