import { describe, expect, it } from 'vitest';
import { audit, type Audit } from '../../../src/data/audit/audit.js';
import { LEAK_TYPES } from '../../../src/data/audit/finding.js';
import { labelShift } from '../../../src/data/audit/label-shift.js';
import { randomOverSample } from '../../../src/data/balance/random-sample.js';
import { loadTable } from '../../../src/data/load-table.js';
import { groupedSplit, trainTestSplit } from '../../../src/data/split.js';
import { markPart } from '../../../src/tensor/part.js';
import { tensor } from '../../../src/tensor/tensor.js';
import { TextPipeline } from '../../../src/text/pipeline/text-pipeline.js';
import { TextVectorization } from '../../../src/text/text-vectorization.js';
import { Tokenizer } from '../../../src/text/tokenizer.js';
import { expectError } from '../../helpers/expect-error.js';

const TRAIN = ['Hari ini cerah sekali', 'pelayanan dokter sangat baik', 'obatnya mahal', 'aplikasi sering macet dan lambat'];
const TEST = ['hari ini CERAH sekali!', 'pelayanan dokter sangat buruk', 'belum dicoba', 'obatnya mahal'];

const kinds = (found: Audit): string[] => found.findings.map((f) => f.kind);

describe('texts', () => {
  it('names what is equal and what is nearly equal, with the rows', () => {
    const found = audit({ train: { texts: TRAIN, labels: [1, 2, 0, 0] }, test: { texts: TEST, labels: [1, 0, 0, 1] } });
    expect(found.rows).toEqual({ train: 4, test: 4 });
    expect(found.findings).toEqual([
      {
        kind: 'exact-duplicate',
        leakType: 'L1.4',
        count: 2,
        of: 4,
        message:
          '2 of 4 test texts (50.0 %) are training texts once case, punctuation and spacing are taken away, 1 of them character for character; 1 have another label there.',
        examples: [
          { train: 0, test: 0, text: 'hari ini CERAH sekali!', trainText: 'Hari ini cerah sekali' },
          { train: 2, test: 3, text: 'obatnya mahal' },
        ],
      },
      {
        kind: 'near-duplicate',
        leakType: 'L1.4',
        count: 1,
        of: 4,
        message:
          '1 of 4 test texts (25.0 %), these not equal to one, share at least 50 % of their words with a training text; 1 have another label there. Texts of fewer than 4 different words are not judged.',
        examples: [{ train: 1, test: 1, text: 'pelayanan dokter sangat buruk', trainText: 'pelayanan dokter sangat baik' }],
      },
    ]);
    expect(found.notChecked.map((n) => n.leakType)).toEqual(['L1.2', 'L1.3', 'L2', 'L3.1', 'L3.2']);
    expect(found.notChecked.map((n) => n.title)).toEqual(found.notChecked.map((n) => LEAK_TYPES[n.leakType]));
  });

  it('shows as many examples as wanted, and counts all', () => {
    const { findings } = audit({ train: { texts: TRAIN }, test: { texts: TEST } }, { examples: 1, threshold: 0.9 });
    expect(findings.map((f) => [f.kind, f.count, f.examples.length])).toEqual([['exact-duplicate', 2, 1]]);
  });

  it('finds nothing where there is nothing', () => {
    expect(audit({ train: { texts: TRAIN }, test: { texts: ['sesuatu yang lain sama sekali'] } }).findings).toEqual([]);
  });

  it('knows a test part that is none', () => {
    expect(kinds(audit({ train: { texts: TRAIN }, test: { texts: [...TRAIN] } }))).toEqual(['no-test-set', 'exact-duplicate']);
    const empty = audit({ train: { texts: TRAIN }, test: { texts: [] } });
    expect(empty.findings.map((f) => [f.kind, f.leakType, f.message])).toEqual([['no-test-set', 'L1.1', 'There is no test row.']]);
    expect(empty.notChecked.length).toBe(7);
  });
});

describe('rows', () => {
  it('finds rows that were copied before the split, whatever became of their texts', () => {
    const { rows } = randomOverSample([...Array<number>(40).fill(0), 1, 1, 1, 1], { seed: 1 });
    const { train, test } = trainTestSplit(rows.length, { seed: 2, testSize: 0.5 });
    const sources = (side: Int32Array): Int32Array => side.map((i) => rows[i] as number);
    const [a, b] = [sources(train), sources(test)];
    const [finding] = audit({ train: { sources: a }, test: { sources: b } }, { examples: Infinity }).findings;
    const crossing = [...b.entries()].filter(([, source]) => a.includes(source));
    expect(crossing.length).toBeGreaterThan(0);
    expect(finding).toMatchObject({ kind: 'resampled-before-split', leakType: 'L1.2', count: crossing.length, of: b.length });
    expect(finding?.examples).toEqual(
      crossing.map(([test, source]) => ({ train: a.indexOf(source), test, text: `row ${source} of the data` })),
    );
    // Resampling after the split is no leak.
    const after = randomOverSample([0, 0, 0, 0, 1]).rows;
    expect(audit({ train: { sources: after }, test: { sources: [5, 6, 7] } }).findings).toEqual([]);
  });

  it('finds groups on both sides, and none after groupedSplit', () => {
    const groups = Array.from({ length: 60 }, (_, i) => `orang ${i % 7}`);
    const of = (rows: Int32Array): { groups: string[] } => ({ groups: Array.from(rows, (row) => groups[row] as string) });
    const random = trainTestSplit(60);
    const found = audit({ train: of(random.train), test: of(random.test) }).findings[0];
    expect(found).toMatchObject({ kind: 'group-overlap', leakType: 'L3.2', count: 12, of: 12 });
    const grouped = groupedSplit(groups);
    expect(audit({ train: of(grouped.train), test: of(grouped.test) }).findings).toEqual([]);
    expect(audit({ train: { groups: ['', 'a'] }, test: { groups: ['', ''] } }).findings).toEqual([]);
    expect(audit({ train: { groups: [7, 8] }, test: { groups: ['7', '9'] } }).findings[0]?.examples).toEqual([
      { train: 0, test: 0, text: '7' },
    ]);
  });

  it('finds test rows that are older than training rows', () => {
    const train = ['2021-01-05', '2021-03-01 10:00:00', '2021-02-01T00:00:00Z'];
    const test = ['2021-03-01T09:59:59Z', '2021-03-01T10:00:00', '2021-03-01T10:00:00+01:00', '2022-01-01'];
    const [found] = audit({ train: { times: train }, test: { times: test } }).findings;
    expect(found).toMatchObject({ kind: 'time-overlap', leakType: 'L3.1', count: 2, of: 4 });
    expect(found?.examples).toEqual([
      { train: 1, test: 0, text: test[0] },
      { train: 1, test: 2, text: test[2] },
    ]);
    expect(audit({ train: { times: [1, '2', 3] }, test: { times: [3, '4.5'] } }).findings).toEqual([]);
    expect(audit({ train: { times: [new Date(5)] }, test: { times: [new Date(4)] } }).findings[0]?.count).toBe(1);
    for (const bad of ['30/01/2021', '', 'kemarin', Number.NaN, new Date('x')])
      expectError(() => audit({ train: { times: [1] }, test: { times: [2, bad] } }), 'ERR_DATA', 'test row 1', 'ISO 8601');
  });

  it('compares the proportions of the classes', () => {
    const labels = (a: number, b: number): number[] => [...Array<number>(a).fill(0), ...Array<number>(b).fill(1)];
    // By hand: expected 50 and 50 in both parts, χ² = 4 · 10² / 50.
    const shift = labelShift(labels(60, 40), labels(40, 60));
    expect(shift).toMatchObject({ chiSquare: 8, degreesOfFreedom: 1, leastExpected: 50 });
    expect(shift.totalVariation).toBeCloseTo(0.2, 12);
    expect(shift.pValue).toBeCloseTo(0.004677734981047266, 12);
    const [found] = audit({ train: { labels: labels(60, 40) }, test: { labels: tensor(Int32Array.from(labels(40, 60)), [100]) } }).findings;
    expect(found).toMatchObject({ kind: 'label-shift', leakType: 'L3.3', count: 20, of: 100 });
    expect(found?.message).toContain('χ² 8.00 with 1 degrees of freedom, p 0.0047');
    expect(found?.examples[0]?.text).toBe('0: 60.0 % of the training, 40.0 % of the test rows');
    expect(audit({ train: { labels: labels(60, 40) }, test: { labels: labels(40, 60) } }, { alpha: 0.001 }).findings).toEqual([]);
    expect(labelShift(['a', 'a'], ['a'])).toMatchObject({ chiSquare: 0, pValue: 1, totalVariation: 0 });
  });

  it('finds pictures on both sides', () => {
    const images = Uint8Array.from({ length: 2 * 16 * 16 }, (_, i) => (i * 7919 + (i >> 8) * 31 * i) % 256);
    const part = { images: { images, rows: 2 } };
    const [found] = audit({ train: part, test: part, imageShape: [16, 16, 1] }).findings;
    expect(found).toMatchObject({ kind: 'image-duplicate', leakType: 'L1.4', count: 2 });
    expectError(() => audit({ train: part, test: part }), 'ERR_ARG', 'imageShape');
  });
});

describe('what was fitted', () => {
  const all = [...TRAIN, ...TEST];

  it('knows a pipeline that saw the test texts by its words and by its number of texts', () => {
    const steps = ['casefold', 'clean', 'vectorize'] as const;
    const leaky = new TextPipeline({ steps }).fit(all);
    const found = audit({ train: { texts: TRAIN }, test: { texts: TEST }, fitted: leaky }).findings.find(
      (f) => f.kind === 'fitted-before-split',
    );
    expect(found).toMatchObject({ leakType: 'L1.2', count: 2, of: 4 });
    expect(found?.message).toContain('It learnt from 8 texts, the training part has 4.');
    expect(found?.examples).toEqual([
      { train: null, test: 1, text: 'buruk' },
      { train: null, test: 2, text: 'belum dicoba' },
    ]);
    const clean = new TextPipeline({ steps }).fit(TRAIN);
    expect(kinds(audit({ train: { texts: TRAIN }, test: { texts: TEST }, fitted: clean }))).not.toContain('fitted-before-split');
  });

  it('calls a vocabulary of limited size a choice of features', () => {
    const limited = new TextVectorization({ maxTokens: 30 }).adapt(all);
    const tokenizer = new Tokenizer({ numWords: 30 });
    tokenizer.fitOnTexts(all);
    for (const fitted of [limited, tokenizer]) {
      const { findings, notChecked } = audit({ train: { texts: TRAIN }, test: { texts: TEST }, fitted });
      expect(findings.find((f) => f.kind === 'fitted-before-split')).toMatchObject({ leakType: 'L1.3', count: 2 });
      expect(notChecked.map((n) => n.leakType)).not.toContain('L1.3');
    }
    const open = new Tokenizer();
    open.fitOnTexts(all);
    expect(audit({ train: { texts: TRAIN }, test: { texts: TEST }, fitted: open }).findings.map((f) => f.leakType)).toContain('L1.2');
    expectError(() => audit({ train: { labels: [1] }, test: { labels: [1] }, fitted: limited }), 'ERR_ARG', 'texts of both sides');
  });
});

describe('what it refuses', () => {
  it('sides that do not fit', () => {
    expectError(() => audit({ train: {}, test: {} }), 'ERR_ARG', 'train rows', 'texts, labels');
    expectError(() => audit({ train: { texts: TRAIN, labels: [1] }, test: { texts: TEST } }), 'ERR_DATA', 'train labels', '1 and 4');
    expectError(() => audit({ train: { texts: TRAIN }, test: { texts: TEST, groups: [1, 2, 3, 4] } }), 'ERR_ARG', 'groups', 'one side');
    expectError(() => audit({ train: { texts: [] }, test: { texts: TEST } }), 'ERR_DATA', 'at least one training row');
    expectError(() => audit({ train: { texts: TRAIN }, test: { texts: TEST } }, { examples: -1 }), 'ERR_ARG', 'examples', '-1');
    expectError(() => audit({ train: { texts: TRAIN }, test: { texts: TEST } }, { threshold: 2 }), 'ERR_ARG', 'threshold', '2');
    const test = markPart([...TEST], 'test');
    expectError(() => audit({ train: { texts: test }, test: { texts: TRAIN } }), 'ERR_ARG', 'other way round', 'swap');
  });
});

/** The plain way: everything but letters and digits taken away, then equal or not. */
const plain = (text: string): string => {
  const bare = text.normalize('NFKC').toLowerCase();
  const kept = [...bare].filter((c) => /[\p{L}\p{M}\p{N}]/u.test(c)).join('');
  return kept === '' ? bare.trim() : kept;
};

function exactlyCrossing(train: readonly string[], test: readonly string[]): number[] {
  const shown = new Set(train.map(plain));
  return test.flatMap((text, row) => (shown.has(plain(text)) ? [row] : []));
}

const exact = (found: Audit): number[] => found.findings.find((f) => f.kind === 'exact-duplicate')?.examples.map((e) => e.test ?? -1) ?? [];

describe.skipIf(!process.env['SARAF_DATA'])('against an independent exact count (needs SARAF_DATA)', () => {
  const every = { examples: Infinity };
  const texts = async (id: string, file: string, column: string): Promise<string[]> => (await loadTable(id, file)).table.strings(column);

  it('every duplicate that crosses a random split of the tweets', async () => {
    const tweets = await texts('id-hate-speech', 're_dataset.csv', 'Tweet');
    for (const seed of [1, 2, 3]) {
      const { train, test } = trainTestSplit(tweets.length, { seed });
      const [a, b] = [Array.from(train, (row) => tweets[row] as string), Array.from(test, (row) => tweets[row] as string)];
      const wanted = exactlyCrossing(a, b);
      expect(wanted.length).toBeGreaterThan(40);
      expect(exact(audit({ train: { texts: a }, test: { texts: b } }, every))).toEqual(wanted);
    }
  });

  it('every copy made by oversampling before the split', async () => {
    const { table } = await loadTable('halodoc-reviews', 'during_standin.csv');
    const { rows } = randomOverSample(table.strings('rating'), { seed: 1 });
    const reviews = Array.from(rows, (row) => table.strings('review')[row] as string);
    const { train, test } = trainTestSplit(rows.length, { testSize: 0.1, seed: 1 });
    const side = (part: Int32Array): { texts: string[]; sources: number[] } => ({
      texts: Array.from(part, (i) => reviews[i] as string),
      sources: Array.from(part, (i) => rows[i] as number),
    });
    const [a, b] = [side(train), side(test)];
    const found = audit({ train: a, test: b }, every);
    const shown = new Set(a.sources);
    const copies = b.sources.flatMap((source, row) => (shown.has(source) ? [row] : []));
    expect(copies.length).toBeGreaterThan(1000);
    const finding = found.findings[0];
    expect(finding).toMatchObject({ kind: 'resampled-before-split', count: copies.length });
    expect(finding?.examples.map((e) => e.test)).toEqual(copies);
    // Without the source rows the texts give them away: every copy is among the duplicates.
    const duplicates = exact(audit({ train: { texts: a.texts }, test: { texts: b.texts } }, every));
    expect(duplicates).toEqual(exactlyCrossing(a.texts, b.texts));
    const all = new Set(duplicates);
    expect(copies.filter((row) => !all.has(row))).toEqual([]);
  });

  it('the 219 test texts of NusaX that SmSA has', async () => {
    const smsa = [
      ...(await texts('smsa', 'train.tsv', 'text')),
      ...(await texts('smsa', 'valid.tsv', 'text')),
      ...(await texts('smsa', 'test.tsv', 'text')),
    ];
    const nusax = await texts('nusax-senti', 'indonesian/test.csv', 'text');
    const found = exact(audit({ train: { texts: smsa }, test: { texts: nusax } }, every));
    expect(found).toEqual(exactlyCrossing(smsa, nusax));
    expect(found.length).toBe(219);
  });
});
