import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Prepared } from '../../src/experiments/experiment.js';
import { checkSettings } from '../../src/experiments/settings.js';
import { tableExperiment } from '../../src/experiments/table-experiment.js';
import { expectError } from '../helpers/expect-error.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-table-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'reviews.csv');
writeFileSync(
  file,
  ['text,label', ...Array.from({ length: 100 }, (_, i) => (i % 5 === 0 ? `buruk sekali ${i},neg` : `bagus sekali ${i},pos`))].join('\n'),
);
const options = { file, text: 'text', label: 'label' } as const;

describe('tableExperiment', () => {
  it('knows the rows as collected where classes are made equal: the majority is theirs', async () => {
    const experiment = tableExperiment({ ...options, balance: 'over', score: 'accuracy' });
    const load = { dataDir: undefined, onProgress: undefined, signal: undefined };
    const loaded = await experiment.load(load, []);
    for (const [protocol, rows] of [
      ['leak-free', 80],
      ['published', 100],
    ] as const) {
      const config = { ...experiment.config, ...experiment.protocols[protocol].config };
      const prepared: Prepared = await experiment.prepare(loaded, config, load);
      const { unsampled, train, test } = prepared;
      expect(unsampled?.labels).toHaveLength(rows);
      expect(train.labels.filter((l) => l === 0).length).toBeGreaterThan((unsampled?.labels.filter((l) => l === 0).length ?? 0) * 0.9);
      const [majority] = await (experiment.baselines?.(loaded, prepared) ?? []);
      const pos = loaded.classNames.indexOf('pos');
      const counts = Array.from(test.labels).filter((_, row) => test.keep?.[row] !== 0);
      expect(majority?.value).toBeCloseTo((100 * counts.filter((l) => l === pos).length) / counts.length, 6);
      expect(majority?.note).toContain('always "pos", the most frequent class of the rows as collected');
    }
  });

  it('has steps that are the declaration’s alone, and no claim about a variant without others', () => {
    expectError(() => checkSettings(tableExperiment(options), { steps: ['casefold'] }), 'ERR_ARG', 'a parameter of reviews', 'steps');
    expectError(
      () => tableExperiment({ ...options, claims: [{ factor: 'model', best: 'bilstm' }] }),
      'ERR_ARG',
      'another variant of model',
    );
  });
});
