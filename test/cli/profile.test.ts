import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';
import { layers } from '../../src/layers/index.js';
import { Sequential } from '../../src/models/sequential.js';
import { tinyExperiment } from '../experiments/tiny.js';
import { saraf } from './capture.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-profile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const namesIn = (path: string): string[] =>
  (JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: { name: string; ph: string }[] }).traceEvents
    .filter((e) => e.ph === 'X')
    .map((e) => e.name);

/** Column `% of step` of the printed table, summed. */
function shares(out: string): number {
  const rows = out.split('\n').filter((l) => /^(data|forward|loss|backward|update|other) /.test(l));
  return rows.reduce((sum, l) => sum + Number(/ +\d+ +[\d.]+ +([\d.]+) /.exec(l)?.[1] ?? Number.NaN), 0);
}

describe('saraf profile', () => {
  it('profiles an experiment: a table that adds up, and a trace with every layer', async () => {
    const out = join(folder, 'tiny.json');
    const seen = await saraf(['profile', 'tiny', '--steps', '5', '--threads', '1', '--out', out], [tinyExperiment()]);
    expect(seen.err).toBe('');
    expect(seen.code).toBe(0);
    expect(seen.out).toMatch(/pass +layer +calls +ms\/step +% of step +GFLOP\/s/);
    expect(seen.out).toMatch(/Peaks of this machine \(\w+, 1 thread\): [\d.]+ GFLOP\/s, [\d.]+ GB\/s/);
    expect(seen.out).toMatch(/^forward +dense +5 /m);
    expect(shares(seen.out)).toBeGreaterThan(98);
    expect(shares(seen.out)).toBeLessThan(102);
    for (const name of ['dense', 'dropout', 'dense_1', 'Adam', 'train']) expect(namesIn(out)).toContain(name);
    expect(namesIn(out).filter((n) => n === 'train')).toHaveLength(5);
  });

  it('profiles every variant of a factor, and writes a page', async () => {
    const seen = await saraf(
      ['profile', 'tiny', '--factor', 'units', '--steps', '2', '--out', join(folder, 'page.html')],
      [tinyExperiment()],
    );
    expect(seen.code).toBe(0);
    expect(seen.out).toContain('tiny 8 seed 1');
    for (const name of ['page-1.html', 'page-1.json', 'page-2.html', 'page-2.json']) expect(existsSync(join(folder, name))).toBe(true);
    const page = readFileSync(join(folder, 'page-2.html'), 'utf8');
    expect(page).toContain('Time of a step per layer');
    expect(page).toContain('vega');
  });

  it('profiles a variant at the other scale', async () => {
    const out = join(folder, 'full.json');
    const seen = await saraf(['profile', 'tiny', '--variant', '8', '--scale', 'full', '--steps', '2', '--out', out], [tinyExperiment()]);
    expect(seen.code).toBe(0);
    expect(seen.out).toMatch(/^tiny 8 seed 1: training, \d+ rows of its data per step, scale full$/m);
    expect(seen.out.match(/per step, scale/g)).toHaveLength(1);
  });

  it('profiles a saved model: training if it is compiled, else inference', async () => {
    const model = new Sequential([
      layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], name: 'edges' }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax', name: 'classes' }),
    ]);
    await model.save(join(folder, 'plain'));
    const plain = await saraf(['profile', join(folder, 'plain'), '--steps', '3', '--batch', '4', '--out', join(folder, 'plain.json')]);
    expect(plain.out).toContain('inference (the model is not compiled), 4 random rows');
    expect(plain.out).not.toMatch(/^backward/m);
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    await model.save(join(folder, 'compiled'));
    const before = readFileSync(join(folder, 'compiled', 'model.json'), 'utf8');
    const seen = await saraf(['profile', join(folder, 'compiled'), '--steps', '3', '--out', join(folder, 'compiled.json')]);
    expect(seen.out).toMatch(/^backward +edges/m);
    expect(namesIn(join(folder, 'compiled.json')).filter((n) => n === 'edges')).toHaveLength(6);
    expect(readFileSync(join(folder, 'compiled', 'model.json'), 'utf8')).toBe(before);
  });

  it('says what there is when it is asked for something else', async () => {
    const unknown = await saraf(['profile', 'nothing-like-it']);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('cifar10-cnn, nusax-lstm');
    expect(unknown.err).toContain('"nothing-like-it"');
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect((await saraf(['profile', empty])).err).toContain('expected model.json');
    expect((await saraf(['profile'])).code).toBe(2);
    expect((await saraf(['profile', 'tiny', '--steps', '0'], [tinyExperiment()])).code).toBe(2);
    const factor = await saraf(['profile', 'tiny', '--factor', 'depth'], [tinyExperiment()]);
    expect(factor.err).toContain('units, epochs');
  });

  it('refuses a file that cannot be written before it measures', async () => {
    writeFileSync(join(folder, 'file'), '');
    const seen = await saraf(['profile', 'tiny', '--out', join(folder, 'file', 'x.json')], [tinyExperiment()]);
    expect(seen.code).toBe(1);
    expect(seen.err).toContain('expected a file that can be written');
    expect(seen.out).toBe('');
  });

  it('keeps the trace so far when it is interrupted', async () => {
    const out = join(folder, 'stopped.json');
    const args = [
      '--import',
      'tsx',
      join(packageRoot(), 'test', 'cli', 'tiny-main.ts'),
      'profile',
      'tiny',
      '--steps',
      '1000000',
      '--out',
      out,
    ];
    const child = spawn(process.execPath, args, { cwd: packageRoot(), stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    let pressed = false;
    const waiting = setInterval(() => {
      if (!pressed && existsSync(out) && readFileSync(out, 'utf8').includes('"Adam"')) pressed = child.kill('SIGINT');
    }, 100);
    const code = await ended;
    clearInterval(waiting);
    expect(code).toBe(130);
    expect(printed).toMatch(/mean of \d+/);
    expect(namesIn(out)).toContain('Adam');
  });
});

describe('a reader that has seen enough', () => {
  it('ends the output in silence', () => {
    const command = `'${process.execPath}' '${join(packageRoot(), 'scripts', 'saraf.mjs')}' data list | true`;
    const seen = spawnSync('bash', ['-o', 'pipefail', '-c', command], { encoding: 'utf8' });
    expect(seen.stderr).toBe('');
    expect(seen.status).toBe(0);
  });
});
