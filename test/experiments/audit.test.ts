import { describe, expect, it } from 'vitest';
import { auditExperiment } from '../../src/experiments/audit.js';
import type { AuditedSplit } from '../../src/data/audit/audit.js';
import { nearDuplicates } from '../../src/data/duplicates.js';
import { findExperiment } from '../../src/experiments/registry.js';
import type { Experiment, TrainingConfig } from '../../src/experiments/experiment.js';
import { readyExperiment } from '../../src/experiments/jobs.js';
import { tinyExperiment } from './tiny.js';

const load = { dataDir: process.env['SARAF_DATA'], signal: undefined, onProgress: undefined };
const quick = { scale: 'quick' as const, seeds: 1 };

/** The tiny experiment, with what it lets be audited. */
function audited(split: (config: TrainingConfig) => AuditedSplit): Experiment {
  const tiny = tinyExperiment();
  return { ...tiny, prepare: async (loaded, config) => ({ ...(await tiny.prepare(loaded, config)), audited: split(config) }) };
}

const texts = (name: string, rows: number): string[] => Array.from({ length: rows }, (_, i) => `${name} nomor${i}`);

describe('auditExperiment', () => {
  it('looks at the rows that count, each preparation once a protocol, and keeps their numbers', async () => {
    // Rows 0 to 9 of the test part do not count under the leak-free protocol.
    const test = texts('uji', 50);
    test[3] = 'Latih, nomor7!';
    test[20] = 'latih nomor8';
    const experiment = audited(() => ({
      train: {
        texts: texts('latih', 60),
        groups: texts('', 60),
        times: texts('', 60).map((_, i) => i),
        sources: Int32Array.from({ length: 60 }, (_, i) => i),
      },
      test: {
        texts: test,
        groups: texts('lain', 50),
        times: texts('', 50).map((_, i) => 100 + i),
        sources: Int32Array.from({ length: 50 }, (_, i) => 59 + i),
      },
    }));
    const ready = await readyExperiment(experiment, { selection: quick, load, kernels: 'test' });
    const [published, leakFree, ...more] = auditExperiment(ready);
    expect(more).toEqual([]);
    expect(published).toMatchObject({
      protocol: 'published',
      cells: ['units: 4', 'units: 8', 'epochs: base'],
      rows: { train: 60, test: 50 },
    });
    expect(published?.findings.map((f) => [f.kind, f.count, f.of])).toEqual([
      ['resampled-before-split', 1, 50],
      ['exact-duplicate', 2, 50],
    ]);
    expect(leakFree).toMatchObject({ protocol: 'leak-free', rows: { train: 60, test: 40 } });
    expect(leakFree?.findings.map((f) => [f.kind, f.count, f.of])).toEqual([['exact-duplicate', 1, 40]]);
    expect(leakFree?.findings[0]?.examples).toEqual([{ train: 8, test: 20, text: 'latih nomor8' }]);
  });

  it('takes the pictures of rows that count', async () => {
    const picture = (n: number): Uint8Array => Uint8Array.from({ length: 256 }, (_, i) => (i * (2 * n + 3) * (1 + (i >> 4))) % 251);
    const all = (numbers: readonly number[]): Uint8Array => Uint8Array.from(numbers.flatMap((n) => [...picture(n)]));
    // Test rows 5 and 30 repeat training picture 1.
    const shown = Array.from({ length: 50 }, (_, i) => (i === 5 || i === 30 ? 1 : 50 + i));
    const experiment = audited(() => ({
      train: { images: { images: all([0, 1, 2]), rows: 3 } },
      test: { images: { images: all(shown), rows: 50 } },
      imageShape: [16, 16, 1],
    }));
    const audits = auditExperiment(await readyExperiment(experiment, { selection: quick, load, kernels: 'test' }));
    const rows = audits.map((a) => a.findings[0]?.examples.filter((e) => e.train === 1).map((e) => e.test));
    expect(rows[0]).toEqual(expect.arrayContaining([5, 30]));
    expect(rows[1]).toEqual(expect.arrayContaining([30]));
    expect(rows[1]).not.toContain(5);
  });

  it.skipIf(!process.env['SARAF_DATA'])(
    'finds nothing between the official parts of NusaX, whose vocabulary knows training words alone (needs SARAF_DATA)',
    async () => {
      const ready = await readyExperiment(findExperiment('nusax-lstm'), { selection: quick, load, kernels: 'test' });
      const audits = auditExperiment(ready);
      expect(audits.map((a) => [a.protocol, a.rows])).toEqual([
        ['published', { train: 500, test: 400 }],
        ['leak-free', { train: 500, test: 400 }],
      ]);
      const { train, test } = ready.cells[0]?.prepared.audited ?? {};
      const equal = nearDuplicates(train?.texts ?? [], test?.texts ?? []).removed.length;
      expect(equal).toBe(0);
      for (const { findings } of audits) expect(findings.map((f) => [f.kind, f.count])).toEqual([]);
    },
  );
});
