import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NotAvailable } from '../../bench/contenders/contender.js';
import { papaparse } from '../../bench/contenders/csv-readers.js';
import { sarafIngest } from '../../bench/contenders/saraf-ingest.js';
import { compare } from '../../bench/harness/compare.js';
import { checksum, csvOutputs, ingest, type CorpusShape, type IngestInputs } from '../../bench/suites/ingest.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-ingest-'));
afterAll(() => rmSync(folder, { recursive: true }));

const shape: CorpusShape = { name: 'small', kind: 'corpus', files: ['small.csv'], column: 'text', words: 12 };

function inputs(): IngestInputs {
  const path = join(folder, 'small.csv');
  writeFileSync(
    path,
    'id,text\n1,"RT:(@budi) Pelayanannya BAGUS, sekali! 👍🏽"\n2,lihat https://contoh.id/a?b=1#c dan www.x.co yang 2x\n3,\n4,makan-makan di sana\n',
  );
  return { shape, files: [path] };
}

describe('the reference of the suite ingest', () => {
  it('is what saraf makes of a corpus, step by step', async () => {
    const expected = ingest.reference(inputs());
    expect(expected['texts']?.[0]).toBe(4);
    expect(expected['ids']?.some((id) => id > 1)).toBe(true);
    const found = await sarafIngest(inputs()).check();
    expect(compare(found, expected, ingest.tolerance)).toMatchObject({ agrees: true });
    const other = { ...found, ids: Float64Array.from(found['ids'] as Float64Array, (id, i) => (i === 0 ? id + 1 : id)) };
    expect(compare(other, expected, ingest.tolerance)).toMatchObject({ agrees: false });
  });

  it('knows a changed cell, another order and a lost row', () => {
    const expected = csvOutputs(['text'], () => ['a', 'b', 'c']);
    for (const values of [
      ['a', 'b', 'd'],
      ['b', 'a', 'c'],
      ['a', 'b'],
    ])
      expect(
        compare(
          csvOutputs(['text'], () => values),
          expected,
          ingest.tolerance,
        ).agrees,
      ).toBe(false);
    // Numbers are compared as such: some readers make numbers of them, others leave the text.
    expect(csvOutputs(['score'], () => ['2.500'])).toEqual(csvOutputs(['score'], () => [2.5]));
    expect(checksum(['ab'])).not.toBe(checksum(['ba']));
  });

  it('says who cannot take part, and why', async () => {
    expect(() => sarafIngest({ shape, files: null })).toThrow(NotAvailable);
    const loaded = await papaparse.load(1);
    const { ingest: start } = 'cases' in loaded ? loaded.cases : {};
    if (start) expect(() => start(inputs())).toThrow(/reads tables/);
    else expect(loaded).toMatchObject({ unavailable: expect.stringContaining('npm run peers') as string });
  });
});
