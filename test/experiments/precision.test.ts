import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import { resultsTable } from '../../src/cli/results-table.js';
import type { Precision } from '../../src/backend/backend.js';
import { reproduce, type ReproduceOptions } from '../../src/experiments/reproduce.js';
import type { Results } from '../../src/experiments/results.js';
import { writeReport } from '../../src/reports/report.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { describeBf16 } from '../helpers/processor.js';
import { schemaErrors } from '../reports/schema.js';
import { tinyExperiment } from './tiny.js';

const { native } = loadAddon();
const usual = native.isa();
const folder = mkdtempSync(join(tmpdir(), 'saraf-precision-'));
afterEach(() => native.setIsa(usual));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = (name: string, precision: readonly Precision[]): ReproduceOptions => ({
  selections: [{ experiment: tinyExperiment({ wide: true }), selection: { scale: 'quick', factors: ['units'], precision } }],
  outDir: join(folder, name),
  load: { dataDir: undefined, onProgress: undefined },
});
const scores = (results: Pick<Results, 'cells'>): number[][] => results.cells.map((c) => c.runs.map((r) => r.value));

describe('reproduce in bfloat16', () => {
  it('is refused with the reason, before anything is written, where the instruction set has none', async () => {
    native.setIsa('ref');
    const reason = String(native.bf16Absent());
    await expectRejection(
      reproduce(options('refused', ['float32', 'bfloat16'])),
      'ERR_DEVICE',
      '[reproduce]',
      reason,
      "precision: 'float32'",
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describeBf16('reproduce in both precisions', () => {
  it('keeps float32 as it is alone, and sets bfloat16 beside it, of other bits', async () => {
    const [alone] = await reproduce(options('alone', ['float32']));
    const [both] = await reproduce(options('both', ['float32', 'bfloat16']));
    const [mixed] = await reproduce(options('mixed', ['bfloat16']));
    if (!alone || !both || !mixed) throw new Error('no outcome');
    expect(alone.results.beside).toBeUndefined();
    expect(alone.results.precision).toBeUndefined();
    expect(scores(both.results)).toEqual(scores(alone.results));
    expect(both.trained.map((t) => t.histories)).toEqual(alone.trained.map((t) => t.histories));
    expect(both.results.beside?.precision).toBe('bfloat16');
    expect(scores(both.results.beside ?? { cells: [] })).toEqual(scores(mixed.results));
    expect(mixed.results.precision).toBe('bfloat16');
    expect(both.besideTrained.map((t) => t.histories)).toEqual(mixed.trained.map((t) => t.histories));
    both.trained.forEach((t, i) => {
      const other = both.besideTrained[i]?.histories[0]?.['loss'] ?? [];
      const own = t.histories[0]?.['loss'] ?? [];
      expect(other).not.toEqual(own);
      own.forEach((loss, e) => expect(Math.abs((other[e] ?? Number.NaN) - loss)).toBeLessThan(0.05 * loss));
    });
    // Two variants, two seeds, two precisions; both protocols share their training.
    expect(readdirSync(join(folder, 'both', 'tiny', 'runs'))).toHaveLength(8);
  });

  it('takes finished runs of both up again', async () => {
    const again = options('both', ['float32', 'bfloat16']);
    const trained: string[] = [];
    const [outcome] = await reproduce({ ...again, resume: true, listener: { runStart: (job) => void trained.push(job.label) } });
    expect(trained).toEqual([]);
    expect(outcome?.results.beside?.cells).toHaveLength(4);
  });

  it('writes a section with the scores of both and a chart of each loss', async () => {
    const [outcome] = await reproduce({ ...options('both', ['float32', 'bfloat16']), resume: true });
    if (!outcome) throw new Error('no outcome');
    const html = readFileSync(writeReport(outcome.folder, outcome.results, outcome.trained, outcome.besideTrained), 'utf8');
    expect(html).toContain('<h2 id="precision">bfloat16 beside float32</h2>');
    const charts = readdirSync(join(outcome.folder, 'charts')).filter((name) => name.startsWith('precision-'));
    expect(charts.sort()).toEqual(
      ['4', '8'].flatMap((v) => ['training', 'validation'].map((part) => `precision-units-${v}-${part}.vl.json`)),
    );
    for (const name of charts) {
      const spec = JSON.parse(readFileSync(join(outcome.folder, 'charts', name), 'utf8')) as { data: { values: unknown[] } };
      expect(schemaErrors(spec)).toEqual([]);
      // Three epochs of the mean and of two seeds, in two precisions.
      expect(spec.data.values).toHaveLength(3 * 3 * 2);
      expect(html).toContain(`id="${name.replace('.vl.json', '')}"`);
    }
    expect(resultsTable(outcome.results)).toContain('bfloat16 beside float32');
  });
});
