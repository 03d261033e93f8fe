import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compare, relativeError } from '../../bench/harness/compare.js';
import { measure } from '../../bench/harness/measure.js';
import { readOptions, UsageError } from '../../bench/harness/options.js';
import { speedOverBestPeer, tableCells } from '../../bench/harness/table.js';
import type { BenchResults, Row } from '../../bench/harness/types.js';
import { nusaxBilstmInfer, nusaxBilstmTrain } from '../../bench/suites/nusax-bilstm.js';
import { packageRoot } from '../../src/backend/native.js';

describe('compare', () => {
  const expected = { loss: Float64Array.of(2), 'update.w': Float64Array.of(3, 4) };
  const tolerance = { loss: 1e-6, update: 1e-2 };

  it('is relative to the norm and names the worst output', () => {
    expect(relativeError([3, 4.005], [3, 4])).toBeCloseTo(1e-3, 9);
    expect(compare({ loss: Float32Array.of(2), 'update.w': Float32Array.of(3, 4.005) }, expected, tolerance)).toEqual({
      agrees: true,
      note: 'largest relative error 1.0e-3 (update.w)',
    });
    expect(compare({ loss: Float32Array.of(2.1), 'update.w': Float32Array.of(3, 4) }, expected, tolerance).agrees).toBe(false);
  });

  it('never agrees with NaN, with a missing output or with another length', () => {
    expect(compare({ loss: Float32Array.of(Number.NaN), 'update.w': Float32Array.of(3, 4) }, expected, tolerance).agrees).toBe(false);
    expect(compare({ loss: Float32Array.of(2) }, expected, tolerance).agrees).toBe(false);
    expect(compare({ loss: Float32Array.of(2), 'update.w': Float32Array.of(3) }, expected, tolerance).agrees).toBe(false);
    expect(() => compare(expected, expected, { loss: 1 })).toThrow(/tolerance for the output update\.w/);
  });
});

describe('measure', () => {
  it('times what it is given, sorted', async () => {
    const times = await measure(() => new Promise((done) => setTimeout(done, 5)), 3);
    expect(times.medianMs).toBeGreaterThan(4);
    expect(times.minMs).toBeLessThanOrEqual(times.medianMs);
    expect(times.maxMs).toBeGreaterThanOrEqual(times.medianMs);
    expect(times.others).toBeGreaterThanOrEqual(0);
  });
});

describe('the table', () => {
  const row = (contender: string, medianMs: number | null, shape = 'a'): Row => ({
    suite: 's',
    shape,
    contender,
    threads: 1,
    medianMs,
    minMs: medianMs,
    maxMs: medianMs,
    gflops: medianMs === null ? null : 1,
    percentOfPeak: null,
    agrees: medianMs === null ? null : true,
    note: medianMs === null ? 'not available: it is not installed' : '',
  });
  const rows = [row('saraf', 2), row('slow', 20), row('fast', 10), row('absent', null), row('saraf', 1, 'b')];

  it('compares with the fastest peer of the same case', () => {
    expect(speedOverBestPeer(rows, rows[0] as Row, 'saraf')).toBe(5);
    expect(speedOverBestPeer(rows, rows[1] as Row, 'saraf')).toBe(0.5);
    expect(speedOverBestPeer(rows, rows[3] as Row, 'saraf')).toBeNull();
    expect(speedOverBestPeer(rows, rows[4] as Row, 'saraf')).toBeNull();
  });

  it('says why a row has no time', () => {
    expect(tableCells(rows, rows[3] as Row, 'saraf')).toEqual([
      's/a',
      'absent',
      '1',
      '–',
      '–',
      '–',
      '–',
      '–',
      '–',
      'not available: it is not installed',
    ]);
  });
});

describe('options', () => {
  it('takes suites, names and numbers', () => {
    expect(readOptions(['nusax-bilstm-infer', '--contenders', 'saraf', '--threads', '2,1,2', '--json', 'a.json'])).toMatchObject({
      suites: ['nusax-bilstm-infer'],
      contenders: ['saraf'],
      threads: [1, 2],
      json: 'a.json',
      out: null,
    });
    expect(readOptions([])).toMatchObject({ out: 'out/bench', shapes: null });
  });

  it.each([[['nothing']], [['--contenders', 'nobody']], [['--threads', '0']], [['--reps', 'x']], [['--unknown']], [['--shapes', '']]])(
    'refuses %j',
    (args) => {
      expect(() => readOptions(args)).toThrow(UsageError);
    },
  );
});

describe('suites', () => {
  it('count a training step as three forward passes, and list shapes from little work to much', () => {
    for (const suite of [nusaxBilstmTrain, nusaxBilstmInfer]) {
      const work = suite.shapes.map((shape) => suite.flops(shape));
      expect(work).toEqual(work.toSorted((a, b) => a - b));
    }
    const [shape] = nusaxBilstmTrain.shapes;
    expect(nusaxBilstmTrain.flops(shape as never)).toBe(3 * nusaxBilstmInfer.flops(shape as never));
  });
});

describe('npm run bench', () => {
  const out = mkdtempSync(join(tmpdir(), 'saraf-bench-test-'));
  afterAll(() => rmSync(out, { recursive: true, force: true }));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', join(packageRoot(), 'bench', 'run.ts'), ...args], {
      cwd: packageRoot(),
      encoding: 'utf8',
    });

  it('times saraf after its results agree with the reference, and writes numbers and a page', () => {
    const result = run(
      '--shapes',
      'tiny',
      '--contenders',
      'saraf',
      '--threads',
      '1',
      '--reps',
      '2',
      '--out',
      out,
      '--json',
      join(out, 'b.json'),
    );
    expect(result.stderr).not.toContain('did not pass');
    expect(result.status).toBe(0);
    const results = JSON.parse(readFileSync(join(out, 'b.json'), 'utf8')) as BenchResults;
    expect(results.rows.map((r) => [r.suite, r.agrees])).toEqual([
      ['nusax-bilstm-train', true],
      ['nusax-bilstm-infer', true],
    ]);
    for (const r of results.rows) expect(r.medianMs).toBeGreaterThan(0);
    expect(results.versions['saraf']).toContain('kernels');
    const page = readFileSync(join(out, `bench-${results.date.slice(0, 10)}.html`), 'utf8');
    expect(page).toContain('chart-nusax-bilstm-train-tiny');
    expect(page).not.toMatch(/<script[^>]+src=/);
  });

  it('ends with a message, not a stack, on an unknown suite', () => {
    const result = run('cifar');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('expected suites of nusax-bilstm-train, nusax-bilstm-infer; received cifar');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });
});
