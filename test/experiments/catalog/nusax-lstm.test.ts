import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findExperiment } from '../../../src/experiments/registry.js';
import { reproduce } from '../../../src/experiments/reproduce.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-e3-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = process.env['SARAF_DATA'];
const there = data !== undefined && existsSync(join(data, 'nusax-senti', 'indonesian', 'train.csv'));

describe.skipIf(!there)(`E3 on the real texts${there ? '' : ' (skipped: SARAF_DATA names no folder with nusax-senti)'}`, () => {
  it('collapses in one direction without masking, as published, and learns with it', { timeout: 300_000 }, async () => {
    const [outcome] = await reproduce({
      selections: [{ experiment: findExperiment('nusax-lstm'), selection: { scale: 'quick', factors: ['direction'], seeds: 1 } }],
      outDir: folder,
      load: { dataDir: data, onProgress: undefined },
    });
    const results = outcome?.results;
    const cell = (variant: string, mask: string): NonNullable<typeof results>['cells'][number] | undefined =>
      results?.cells.find((c) => c.variant === variant && c.mask === mask && c.protocol === 'published');
    expect(results?.cells).toHaveLength(8);
    expect(results?.data.map((d) => d.rows)).toEqual([500, 100, 400]);
    expect(results?.standIn).toBeNull();
    expect(cell('uni', 'off')?.largestShares[0]).toBeGreaterThan(0.95);
    expect(cell('uni', 'off')?.mean).toBeLessThan(25);
    for (const [variant, mask] of [
      ['bi', 'off'],
      ['uni', 'on'],
      ['bi', 'on'],
    ] as const)
      expect(cell(variant, mask)?.mean, `${variant} ${mask}`).toBeGreaterThan(55);
    expect(results?.baselines.find((b) => b.name === 'majority class')?.value).toBeCloseTo(18.44, 2);
    expect(results?.protocols[1]?.notes.join(' ')).toContain('0 texts of the test part');
    expect(results?.findings.filter((f) => f.holds === true).map((f) => f.title)).toContain(
      'With masking, does the unidirectional LSTM learn?',
    );
  });
});
