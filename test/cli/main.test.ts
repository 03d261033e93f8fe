import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';
import { sarafVersion } from '../../src/experiments/provenance.js';
import { tinyExperiment } from '../experiments/tiny.js';
import { saraf } from './capture.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A failure as people should see it: one message, no stack, nothing on standard output. */
function expectClear(seen: { code: number; out: string; err: string }, code: number, ...pieces: string[]): void {
  expect(seen.code).toBe(code);
  expect(seen.out).toBe('');
  expect(seen.err).not.toMatch(/^\s+at /m);
  for (const piece of pieces) expect(seen.err).toContain(piece);
}

describe('the command line', () => {
  it('prints version and help, with examples', async () => {
    expect(await saraf(['--version'])).toMatchObject({ code: 0, out: `${sarafVersion()}\n` });
    expect((await saraf(['--help'])).out).toContain('saraf reproduce --default');
    expect((await saraf([])).out).toContain('Usage: saraf');
    expect((await saraf(['reproduce', '--help'])).out).toContain('Examples:');
    expect((await saraf(['verify', '--help'])).out).toContain('--record');
  });

  it('lists experiments with factors and published figures', async () => {
    const { code, out } = await saraf(['reproduce', '--list']);
    expect(code).toBe(0);
    expect(out).toContain('uni (18.30) · bi (74.10)');
    expect(out).toContain('--factor pooling');
    expect(out).toContain('5000 / 16 / 1e-3 (93.27) · and 90 more');
    expect(out).toContain('(only where it is named)');
    expect(out).toMatch(/--set KEY=VALUE: embedding, .*\(not stated\)/);
  });

  it('takes a usage error for exit code 2 and suggests what was meant', async () => {
    expectClear(await saraf(['reproduce', '--sedes', '3']), 2, "unknown option '--sedes'", '--seeds');
    expectClear(await saraf(['reprduce']), 2, "unknown command 'reprduce'", 'reproduce');
    expectClear(await saraf(['data', 'list', '--jsn']), 2, '--json');
    expectClear(await saraf(['reproduce', 'nusax-lstm', '--seeds', 'three']), 2, 'whole number');
    expectClear(await saraf(['reproduce', 'nusax-lstm', '--scale', 'huge']), 2, 'quick, full');
    expectClear(await saraf(['verify', '--threads', '0']), 2, 'whole number');
    expectClear(await saraf(['reproduce', 'nusax-lstm', '--set', 'epochs']), 2, 'key=value');
    expectClear(await saraf(['reproduce', 'nusax-lstm', '--set', '=3']), 2, 'key=value');
  });

  it('names what there is when an experiment or factor is unknown', async () => {
    expectClear(await saraf(['reproduce', 'nusax']), 1, 'ERR_ARG', 'cifar10-cnn, nusax-lstm', '"nusax"');
    expectClear(await saraf(['reproduce']), 1, 'received none', '--list');
    expectClear(await saraf(['reproduce', '--all', 'nusax-lstm']), 1, '--all alone', 'nusax-lstm');
    expectClear(
      await saraf(['reproduce', 'tiny', '--factor', 'depth', '--out', join(folder, 'a')], [tinyExperiment()]),
      1,
      'units, epochs',
      'received depth',
    );
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });

  it('prints the stack only with --verbose', async () => {
    const { code, err } = await saraf(['reproduce', 'nusax', '--verbose']);
    expect(code).toBe(1);
    expect(err).toMatch(/^\s+at /m);
  });

  it('refuses a data folder that is not there, and an --out that is a file', async () => {
    expectClear(
      await saraf(['reproduce', 'nusax-lstm', '--data', join(folder, 'nowhere'), '--out', join(folder, 'b')]),
      1,
      'nowhere',
      'not there',
    );
    expect(existsSync(join(folder, 'b'))).toBe(false);
    writeFileSync(join(folder, 'file'), '');
    expectClear(await saraf(['reproduce', 'tiny', '--out', join(folder, 'file')], [tinyExperiment()]), 1, 'expected --out to be a folder');
  });

  it('refuses a mirror file with a wrong hash before anything is written', async () => {
    const mirror = join(folder, 'mirror');
    mkdirSync(join(mirror, 'nusax-senti', 'indonesian'), { recursive: true });
    for (const part of ['train', 'valid', 'test'])
      writeFileSync(join(mirror, 'nusax-senti', 'indonesian', `${part}.csv`), 'id,text,label\n1,baik,positive\n');
    process.env['SARAF_CACHE'] = join(folder, 'cache');
    try {
      expectClear(
        await saraf(['reproduce', 'nusax-lstm', '--data', mirror, '--out', join(folder, 'c')]),
        1,
        'SHA-256',
        'train.csv',
        'ERR_DATA',
      );
    } finally {
      delete process.env['SARAF_CACHE'];
    }
    expect(existsSync(join(folder, 'c'))).toBe(false);
  });

  it('reproduces: progress on stderr, the table and the report on stdout', async () => {
    const out = join(folder, 'run');
    const seen = await saraf(['reproduce', 'tiny', '--factor', 'units', '--out', out, '--threads', '1'], [tinyExperiment()]);
    expect(seen.code).toBe(0);
    expect(seen.err).toMatch(/Estimate: 4 runs, \d/);
    expect(seen.err).toMatch(/4\/4 tiny 8 seed 2: .* rows\/s/);
    expect(seen.out).toMatch(/variant +published +reproduced +diff\. +leak-free +diff\./);
    expect(seen.out).toMatch(/^4 +80\.00 +\d+\.\d\d ± \d+\.\d\d +[+−]\d/m);
    expect(seen.out).toContain('report.html');
    expect(readdirSync(join(out, 'tiny')).sort()).toEqual(['baselines.json', 'charts', 'report.html', 'results.json', 'runs']);
    const again = await saraf(['reproduce', 'tiny', '--factor', 'units', '--out', out, '--resume'], [tinyExperiment()]);
    expect(again.err).toContain('4 of them finished already');
    const set = ['--set', 'batchSize=8', '--set', 'epochs=1'];
    const other = await saraf(['reproduce', 'tiny', '--factor', 'units', '--out', out, '--resume', ...set], [tinyExperiment()]);
    expect(other.err).not.toContain('finished already');
    expect(other.out).toContain('Set here: batch size (batchSize) 8 [departs from the document: 16]; epochs 1 [');
    expectClear(await saraf(['reproduce', 'tiny', '--set', 'batchSize=large', '--out', out], [tinyExperiment()]), 1, 'a number', 'large');
  });
});

describe('saraf as a process', () => {
  const child = ['--import', 'tsx', join(packageRoot(), 'test', 'cli', 'tiny-main.ts')];

  it('runs from a checkout through scripts/saraf.mjs, from any folder', () => {
    const run = spawnSync(process.execPath, [join(packageRoot(), 'scripts', 'saraf.mjs'), 'reproduce', 'nope'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('received "nope"');
    expect(run.stdout).toBe('');
  });

  it.skipIf(!existsSync('/dev/full'))('says in one line that its output could not be written', () => {
    const command = `"${process.execPath}" scripts/saraf.mjs doctor --help > /dev/full`;
    const run = spawnSync('sh', ['-c', command], { cwd: packageRoot(), encoding: 'utf8' });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^saraf: the output could not be written: ENOSPC.*\n$/);
  });

  it('stops at Ctrl-C with exit code 130, keeps finished runs, and resumes to the same results', async () => {
    const out = join(folder, 'interrupted');
    const args = [...child, 'reproduce', 'tiny', '--factor', 'units', '--threads', '1', '--seeds', '3', '--out', out];
    const process1 = spawn(process.execPath, args, { cwd: packageRoot(), stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    let pressed = false;
    process1.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      if (!pressed && err.includes('2/6 tiny')) pressed = process1.kill('SIGINT');
    });
    const code = await new Promise<number | null>((resolve) => process1.on('exit', resolve));
    expect(code).toBe(130);
    expect(err).toContain('--resume');
    expect(err).not.toMatch(/^\s+at /m);
    const kept = readdirSync(join(out, 'tiny', 'runs'));
    expect(kept.length).toBeGreaterThanOrEqual(2);
    expect(kept.length).toBeLessThan(6);
    expect(kept.some((name) => name.startsWith('.'))).toBe(false);
    expect(existsSync(join(out, 'tiny', 'results.json'))).toBe(false);

    const resumed = spawnSync(process.execPath, [...args, '--resume'], { cwd: packageRoot(), encoding: 'utf8' });
    expect(resumed.status).toBe(0);
    expect(resumed.stderr).toContain(`${kept.length} of them finished already`);
    const whole = join(folder, 'whole');
    spawnSync(process.execPath, [...args.slice(0, -1), whole], { cwd: packageRoot() });
    const means = (dir: string): unknown =>
      (JSON.parse(readFileSync(join(dir, 'tiny', 'results.json'), 'utf8')) as { cells: { mean: number }[] }).cells.map((c) => c.mean);
    expect(means(out)).toEqual(means(whole));
  });
});
