import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { reproduce, type ReproduceOptions } from '../../src/experiments/reproduce.js';
import type { Experiment, TrainingConfig } from '../../src/experiments/experiment.js';
import type { Results } from '../../src/experiments/results.js';
import { buildReport } from '../../src/reports/report.js';
import { tinyExperiment } from './tiny.js';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saraf-collect-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const f of folders.splice(0)) rmSync(f, { recursive: true, force: true });
});

const options = (outDir: string, { selections }: Pick<ReproduceOptions, 'selections'>): ReproduceOptions => ({
  selections,
  outDir,
  load: { dataDir: undefined, onProgress: undefined },
});

describe('what results say of several cells together', () => {
  it('has a set of baselines for all cells that train and test on the same rows, and none for what the network alone differs in', async () => {
    const tiny = tinyExperiment({ epochs: 1 });
    const seen: number[] = [];
    const variant = (name: string, config: object): { name: string; config: Partial<TrainingConfig>; published: null } => ({ name, config, published: null }); // prettier-ignore
    const experiment: Experiment = {
      ...tiny,
      factors: [
        { name: 'units', title: 'Units', variants: [variant('4', { units: 4 }), variant('8', { units: 8 })] },
        {
          name: 'sweep',
          title: 'Rows and batch',
          axes: ['rows', 'batch'],
          variants: [60, 61].flatMap((rows) => [8, 16].map((batchSize) => variant(`${rows} / ${batchSize}`, { rows, batchSize }))),
        },
      ],
      baselines: (_loaded, { train }) => {
        seen.push(train.labels.length);
        return [{ name: 'majority class', value: train.labels.length, note: '' }];
      },
    };
    const selections = [{ experiment, selection: { scale: 'quick', seeds: 1 } }] as const;
    const [outcome] = await reproduce(options(newFolder(), { selections }));
    expect(seen).toEqual([60, 61, 60, 61]);
    const { baselines = [], baselineSets = [] } = outcome?.results ?? {};
    expect(baselineSets.filter((s) => s.protocol === 'leak-free')).toEqual([
      { protocol: 'leak-free', name: 'units; sweep: 60 / *', cells: ['units: 4', 'units: 8', 'sweep: 60 / 8', 'sweep: 60 / 16'] },
      { protocol: 'leak-free', name: 'sweep: 61 / *', cells: ['sweep: 61 / 8', 'sweep: 61 / 16'] },
    ]);
    expect(baselines.map((b) => [b.protocol, b.set, b.value])).toEqual(
      ['published', 'leak-free'].flatMap((protocol) => [[protocol, 'units; sweep: 60 / *', 60], [protocol, 'sweep: 61 / *', 61]]), // prettier-ignore
    );
  });

  it('counts what a constant prediction scores on the test rows of each cell, where an experiment asks for it', async () => {
    const experiment: Experiment = { ...tinyExperiment({ epochs: 1 }), constant: 'counted', score: 'accuracy' };
    const selections = [{ experiment, selection: { scale: 'quick', seeds: 1, factors: ['units'] } }] as const;
    const [outcome] = await reproduce(options(newFolder(), { selections }));
    const { results, trained = [] } = outcome ?? {};
    expect(results?.constant).toBeNull();
    for (const { cell } of trained) {
      const supports = cell.confusion.map((row) => row.reduce((a, b) => a + b, 0));
      expect(cell.constant).toBeCloseTo((100 * Math.max(...supports)) / cell.rowsTested, 9);
    }
    expect(new Set(results?.cells.map((c) => c.constant)).size).toBe(2); // fewer rows count leak-free
    const { html } = buildReport(results as Results, trained);
    expect(html).toContain('Calling every test row by their most frequent class scores');
    expect(html).toContain('<h2 id="verdict">');
  });

  it('gives the effect of the leak of every variant with its interval, over the same test rows where these are the same', async () => {
    const selections = [{ experiment: tinyExperiment({ otherRows: true }), selection: { scale: 'quick', factors: ['units'] } }] as const;
    const [outcome] = await reproduce(options(newFolder(), { selections }));
    const { leakEffects = [], cells = [] } = outcome?.results ?? {};
    expect(leakEffects.map((x) => [x.variant, x.paired, x.seeds])).toEqual([['4', true, 2], ['8', true, 2]]); // prettier-ignore
    for (const { variant, effect, low, high } of leakEffects) {
      const of = (protocol: string): number => cells.find((c) => c.variant === variant && c.protocol === protocol)?.mean ?? Number.NaN;
      expect(effect).toBeCloseTo(of('published') - of('leak-free'), 9);
      expect(low).toBeLessThanOrEqual(effect);
      expect(high).toBeGreaterThanOrEqual(effect);
      expect(high).toBeGreaterThan(low);
    }
  });

  it('compares variants on the rows that count for both, and names those that were tested on other rows', async () => {
    const tiny = tinyExperiment({ epochs: 1 });
    const experiment: Experiment = {
      ...tiny,
      factors: [
        {
          name: 'rows',
          title: 'Rows',
          variants: [60, 61, 62].map((rows) => ({ name: String(rows), config: { rows } as Partial<TrainingConfig>, published: null })),
        },
      ],
      prepare: async (...args: Parameters<typeof tiny.prepare>) => {
        const prepared = await tiny.prepare(...args);
        const { rows } = args[1] as unknown as { rows: number };
        // 61 leaves out another row; 62 is tested on fewer rows than the others, as one that was resampled first.
        if (rows === 61)
          return { ...prepared, test: { ...prepared.test, keep: Uint8Array.from({ length: 50 }, (_, i) => (i === 49 ? 0 : 1)) } };
        if (rows !== 62) return prepared;
        const { x, labels } = prepared.test;
        return { ...prepared, test: { x: x.rows(0, 30), labels: labels.slice(0, 30) }, audited: { ...prepared.audited, test: { labels: labels.slice(0, 30) } } }; // prettier-ignore
      },
    };
    const selections = [{ experiment, selection: { scale: 'quick', seeds: 1 } }] as const;
    const [outcome] = await reproduce(options(newFolder(), { selections }));
    const { comparisons = [], notCompared = [], cells } = outcome?.results ?? {};
    for (const [protocol, rows] of [
      ['published', 49],
      ['leak-free', 39],
    ] as const) {
      const pairs = [...comparisons, ...notCompared].filter((c) => c.protocol === protocol);
      const score = (variant: string): number => cells?.find((c) => c.protocol === protocol && c.variant === variant)?.mean ?? Number.NaN;
      const of62 = pairs.filter((c) => [c.best, c.other].includes('62'));
      expect(of62.length).toBeGreaterThan(0);
      for (const pair of of62) expect(pair).toMatchObject({ why: expect.stringMatching(/other rows .*(50|30)/) as string });
      const [pair] = comparisons.filter((c) => c.protocol === protocol);
      expect(pair).toMatchObject({ rows, seeds: 1 });
      expect([pair?.best, pair?.other].sort()).toEqual(['60', '61']);
      expect(score(pair?.best ?? '')).toBeGreaterThanOrEqual(score(pair?.other ?? ''));
    }
    expect(buildReport(outcome?.results as Results, outcome?.trained ?? []).html).toContain('Not compared row by row');
  });
});
