import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compare, errorsOf, ofVariant, relativeError } from '../../bench/harness/compare.js';
import { median, sample } from '../../bench/harness/measure.js';
import { matches, readOptions, UsageError } from '../../bench/harness/options.js';
import { speedOverBestPeer, tableCells } from '../../bench/harness/table.js';
import type { BenchResults, Row, SampleRequest } from '../../bench/harness/types.js';
import { benchPage } from '../../bench/harness/page.js';
import { suiteNamed, suiteNames, suites, type AnySuite } from '../../bench/suites/index.js';
import { packageRoot } from '../../src/backend/native.js';
import { schemaErrors } from '../reports/schema.js';

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

describe('errors', () => {
  const expected = { y: Float64Array.of(3, 4), exact: Float64Array.of(1) };

  it('are told of the output that is worst, and over the plain algorithm where there is one', () => {
    const actual = { y: Float32Array.of(3, 4.004), exact: Float32Array.of(1) };
    const { rms, max, vsDirect } = errorsOf(actual, expected);
    expect(rms).toBeCloseTo(0.0008, 6);
    expect(max).toBeCloseTo(0.004 / Math.sqrt(12.5), 6);
    expect(vsDirect).toBeNull();
    const direct = { y: Float32Array.of(3, 4.002), exact: Float32Array.of(1) };
    expect(errorsOf(actual, expected, direct).vsDirect).toBeCloseTo(2, 3);
  });
});

describe('sample', () => {
  const wait = (ms: number) => ({ check: () => ({}), run: () => new Promise<void>((done) => setTimeout(done, ms)) });

  it('times what it is given', async () => {
    const { times, others, peakBytes } = await sample(wait(5), { repetitions: 3, budgetMs: 1000, warmUpMs: 1 });
    expect(times).toHaveLength(3);
    for (const ms of times) expect(ms).toBeGreaterThan(4);
    expect(others).toBeGreaterThanOrEqual(0);
    expect(peakBytes).toBeGreaterThan(1e7);
  });

  it('makes one repetition of what takes longer than the budget', async () => {
    expect((await sample(wait(30), { repetitions: 5, budgetMs: 10, warmUpMs: 1 })).times).toHaveLength(1);
  });

  it('takes the times of a job that keeps its own clock', async () => {
    const clock = ({ repetitions }: SampleRequest) =>
      Promise.resolve({ times: Array.from({ length: repetitions }, (_, i) => i), peakBytes: 7 });
    const job = { ...wait(1), sample: clock, note: () => 'own' };
    const expected = { times: [0, 1], note: 'own', peakBytes: 7, others: 0 };
    expect(await sample(job, { repetitions: 2, budgetMs: 1, warmUpMs: 1 })).toMatchObject(expected);
  });

  it('has a median', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe('variants', () => {
  it('are compared with their own outputs', () => {
    const outputs = { y: Float64Array.of(1), 'other/y': Float64Array.of(2) };
    expect(ofVariant(outputs, undefined)).toEqual({ y: Float64Array.of(1) });
    expect(ofVariant(outputs, 'other')).toEqual({ y: Float64Array.of(2) });
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
    peakGflops: null,
    errorRms: null,
    errorMax: null,
    errorVsDirect: null,
    percentOfPeak: null,
    agrees: medianMs === null ? null : true,
    peakBytes: null,
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
      '–',
      '',
      'not available: it is not installed',
    ]);
  });
});

describe('options', () => {
  it('takes suites, names and numbers', () => {
    expect(readOptions(['recurrent', '--contenders', 'saraf', '--threads', '2,1,2', '--json', 'a.json'])).toMatchObject({
      suites: ['recurrent'],
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

describe('shape patterns', () => {
  it('mean whole names, with * for any letters', () => {
    expect(matches(null, 'anything')).toBe(true);
    expect(matches(['nusax-*-train'], 'nusax-lstm-train')).toBe(true);
    expect(matches(['nusax-*-train'], 'nusax-lstm-infer')).toBe(false);
    expect(matches(['1x1.1'], '1x1x1')).toBe(false);
  });
});

describe('suites', () => {
  it.each(suiteNames)('%s names its shapes once, with work and bytes that can be counted', (name) => {
    const suite = suiteNamed(name) as AnySuite;
    expect(suite.name).toBe(name);
    expect(new Set(suite.shapes.map((s) => s.name)).size).toBe(suite.shapes.length);
    for (const shape of suite.shapes) {
      for (const count of [suite.flops(shape), suite.bytes(shape)]) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
      if (shape.sweep !== undefined) expect(shape).toHaveProperty(shape.sweep);
    }
  });

  it('count a training step as three forward passes, and only taps inside the image', () => {
    const work = (name: string): number => suites.conv.flops(suites.conv.shapes.find((s) => s.name === name) as never);
    expect(work('32x32x3-32-k3-train')).toBe(3 * work('32x32x3-32-k3-infer'));
    expect(work('32x32x3-32-k3-infer')).toBe(2 * 64 * (32 + 31 + 31) ** 2 * 3 * 32);
    expect(suites['train-text'].flops(suites['train-text'].shapes[0] as never)).toBe(
      3 * suites.predict.flops(suites.predict.shapes[0] as never),
    );
  });
});

describe('the page', () => {
  it('has charts against peers, of threads, of growing sizes, and the roofline', () => {
    const row = (shape: string, contender: string, threads: number, medianMs: number): Row => ({
      suite: 'gemm',
      shape,
      contender,
      threads,
      medianMs,
      minMs: medianMs,
      maxMs: medianMs,
      gflops: 1 / medianMs,
      peakGflops: null,
      errorRms: null,
      errorMax: null,
      errorVsDirect: 2,
      percentOfPeak: 1,
      agrees: true,
      peakBytes: 1,
      note: '',
    });
    const results: BenchResults = {
      date: '2026-01-01T00:00:00.000Z',
      machine: { cpu: 'a', cores: 2, memoryBytes: 1, platform: 'p' },
      limits: {
        fp32Gflops: { 1: 10, 2: 20 },
        bf16VectorGflops: {},
        bf16TileGflops: {},
        readL2GBs: {},
        readGBs: { 1: 1, 2: 2 },
        forkJoinUs: { 1: 0.1, 2: 0.5 },
        method: 'm',
      },
      versions: {},
      rows: ['64', '128'].flatMap((s, i) => [row(s, 'saraf', 1, 2 + i), row(s, 'saraf', 2, 1 + i), row(s, 'tfjs-node', 1, 4 + i)]),
      profiles: [
        { suite: 'gemm', shape: '64', contender: 'saraf', threads: 2, samples: 90, parts: [{ name: 'tile', share: 1 }], note: '' },
        { suite: 'gemm', shape: '128', contender: 'saraf', threads: 2, samples: 0, parts: [], note: 'perf is not installed' },
      ],
    };
    const page = benchPage(results, 'saraf');
    for (const id of ['roofline', 'profile', 'ratio-gemm', 'scaling-gemm', 'error-gemm', 'cost-gemm-0'])
      expect(page).toContain(`id="${id}"`);
    expect(page).toContain('0.5 µs on 2 threads');
    expect(page).toContain('tile 100.0 %');
    expect(page).toContain('perf is not installed');
    const json = /id="saraf-charts">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    const { charts } = JSON.parse(json) as { charts: { id: string; spec: unknown }[] };
    expect(charts.length).toBeGreaterThanOrEqual(4);
    for (const { id, spec } of charts) expect([id, schemaErrors(spec)]).toEqual([id, []]);
    expect(page).not.toMatch(/<script[^>]+src=/);
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
    const options = '--shapes lstm-step,tiny --contenders saraf --threads 1 --reps 2 --budget 1';
    const result = run('gemm', 'train-text', ...options.split(' '), '--out', out, '--json', join(out, 'b.json'));
    expect(result.stderr).not.toContain('did not pass');
    expect(result.status).toBe(0);
    const results = JSON.parse(readFileSync(join(out, 'b.json'), 'utf8')) as BenchResults;
    expect(results.rows.map((r) => [r.suite, r.agrees])).toEqual([
      ['gemm', true],
      ['train-text', true],
    ]);
    for (const r of results.rows) expect(r.medianMs).toBeGreaterThan(0);
    expect(results.versions['saraf']).toContain('kernels');
    const page = readFileSync(join(out, `bench-${results.date.slice(0, 10)}.html`), 'utf8');
    expect(page).toContain('chart-train-text-tiny');
    expect(page).not.toMatch(/<script[^>]+src=/);
  });

  it('ends with a message, not a stack, on an unknown suite', () => {
    const result = run('cifar');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('expected suites of gemm, conv,');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });
});
