import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadTable } from '../../src/data/load-table.js';
import { loadNusax } from '../../src/data/nusax.js';
import { dataSets } from '../../src/data/registry.js';
import { NUSAX_LANGUAGES } from '../../src/data/sets/nusax-senti.js';

const data = process.env['SARAF_DATA'];
// No cache: what a user fetched earlier must not decide where files come from.
const cacheDir = join(tmpdir(), 'saraf-no-such-cache');

test('all twelve languages: 500 / 100 / 400 texts, three classes', async ({ skip }) => {
  if (!data) skip('SARAF_DATA is not set');
  expect(NUSAX_LANGUAGES.length).toBe(12);
  for (const language of NUSAX_LANGUAGES) {
    const set = await loadNusax(language, { dataDir: data, cacheDir });
    expect([set.train.rows, set.valid.rows, set.test.rows]).toEqual([500, 100, 400]);
    expect(set).toMatchObject({ standIn: false, notes: [], classes: ['negative', 'neutral', 'positive'] });
    expect(set.provenance.map((p) => p.name)).toEqual(['train', 'valid', 'test'].map((s) => `nusax-senti/${language}/${s}.csv`));
  }
});

test('every table of every set, from the mirror, with its rows and labels', async ({ skip }) => {
  if (!data) skip('SARAF_DATA is not set');
  for (const set of dataSets) {
    for (const file of set.layouts.flatMap((layout) => layout.files)) {
      if (!file.table || !file.mirror || set.id === 'nusax-senti') continue;
      const { table, provenance } = await loadTable(set.id, file.name, { dataDir: data, cacheDir });
      expect(table.rows).toBe(file.table.rows);
      expect(provenance).toEqual({ name: `${set.id}/${file.name}`, source: 'mirror', sha256: file.mirror.sha256, rows: table.rows });
    }
  }
});

test('unknown names are refused', async () => {
  await expect(loadNusax('sasak' as 'english')).rejects.toMatchObject({ code: 'ERR_ARG' });
  await expect(loadTable('smsa', 'nope.tsv')).rejects.toMatchObject({ code: 'ERR_ARG' });
  await expect(loadTable('nope', 'nope.tsv')).rejects.toMatchObject({ code: 'ERR_ARG' });
});
