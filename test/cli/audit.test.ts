import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saraf } from './capture.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-audit-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const TRAIN = `text,label,author,date
"Hari ini
cerah sekali",baik,ani,2021-01-01
pelayanan dokter sangat baik,baik,budi,2021-01-03
obatnya mahal,buruk,ani,2021-01-02
`;
const TEST = `text,label,author,date
hari ini CERAH sekali!,buruk,cici,2021-01-02
belum dicoba,baik,ani,2021-01-04
`;

describe('saraf audit', () => {
  it('prints a table, the most serious leak first, with the lines of the files', async () => {
    const [train, test] = [file('train.csv', TRAIN), file('test.csv', TEST)];
    const { code, out, err } = await saraf([
      'audit',
      train,
      test,
      '--text',
      'text',
      '--label',
      'label',
      '--group',
      'author',
      '--time',
      'date',
    ]);
    expect({ code, err }).toEqual({ code: 3, err: '' });
    expect(out).toBe(`3 training rows, 2 test rows

leak             type  Kapoor and Narayanan 2023                           test rows   share
───────────────  ────  ──────────────────────────────────────────────────  ─────────  ──────
exact-duplicate  L1.4  duplicates in data sets                                     1  50.0 %
time-overlap     L3.1  temporal leakage                                            1  50.0 %
group-overlap    L3.2  non-independence between training and test samples          1  50.0 %

exact-duplicate: 1 of 2 test texts (50.0 %) are training texts once case, punctuation and spacing are taken away, 0 of them character for character; 1 have another label there.
  test line 2 ← training line 2: hari ini CERAH sekali!
    in training: Hari ini cerah sekali

time-overlap: 1 of 2 test rows (50.0 %) are older than the newest training row (2021-01-03). If the model is to foretell, split by time.
  test line 2 ← training line 4: 2021-01-02

group-overlap: 1 of 2 test rows (50.0 %) belong to a group that has training rows too. Split with groupedSplit.
  test line 3 ← training line 2: ani

Not checked:
  L1.2 preprocessing on training and test set: what was fitted on texts, and which row each copy is of, were not given
  L1.3 feature selection on training and test set: what was fitted on texts was not given
  L2 illegitimate features: whether a feature may be used is for a person to judge
`);
  });

  it('prints JSON with line numbers', async () => {
    const [train, test] = [file('train.csv', TRAIN), file('test.csv', TEST)];
    const { code, out } = await saraf(['audit', train, test, '--text', 'text', '--json']);
    expect(code).toBe(3);
    const json = JSON.parse(out) as { findings: unknown[]; rows: unknown; notChecked: unknown[] };
    expect(json).toMatchObject({ train, test, rows: { train: 3, test: 2 } });
    expect(json.findings).toEqual([
      {
        kind: 'exact-duplicate',
        leakType: 'L1.4',
        count: 1,
        of: 2,
        message: expect.stringContaining('1 of 2 test texts') as string,
        examples: [{ train: 2, test: 2, text: 'hari ini CERAH sekali!', trainText: 'Hari ini\ncerah sekali' }],
      },
    ]);
    expect(json.notChecked.length).toBe(6);
  });

  it('ends with 0 where nothing was found, and says what it could not look at', async () => {
    const [train, test] = [file('train.csv', TRAIN), file('other.tsv', 'text\nsesuatu yang lain\n')];
    const { code, out } = await saraf(['audit', train, test, '--text', 'text']);
    expect(code).toBe(0);
    expect(out).toContain('No leak found in what could be checked.');
    expect(out).toContain('L3.1 temporal leakage: times were not given');
  });

  it('tells a test file that is the training file, or has no rows', async () => {
    const train = file('train.csv', TRAIN);
    const same = await saraf(['audit', train, train, '--text', 'text', '--examples', '0']);
    expect(same.code).toBe(3);
    expect(same.out).toContain('no-test-set: The test part is the training part: the same 3 texts in the same order.');
    const none = await saraf(['audit', train, file('none.csv', 'text\n'), '--text', 'text']);
    expect(none.code).toBe(3);
    expect(none.out).toMatch(/no-test-set +L1\.1 +no test set +0 +–/);
    expect(none.out).toContain('no-test-set: There is no test row.');
  });

  it('says which file, line and column is wrong', async () => {
    const train = file('train.csv', TRAIN);
    const run = (...args: string[]): ReturnType<typeof saraf> => saraf(['audit', train, ...args]);
    const refused = async (args: readonly string[], ...pieces: string[]): Promise<void> => {
      const { code, out, err } = await run(...args);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      for (const piece of pieces) expect(err).toContain(piece);
    };
    await refused([file('empty.csv', ''), '--text', 'text'], 'empty.csv', 'header line', 'empty file');
    await refused([file('test.csv', TEST), '--text', 'teks'], 'train.csv', '"teks"', '"text", "label", "author", "date"');
    await refused(
      [file('short.csv', 'text\na\n'), '--text', 'text', '--label', 'label'],
      'short.csv',
      '"label"',
      'received columns "text"',
    );
    await refused([join(folder, 'missing.csv'), '--text', 'text'], 'missing.csv', 'no such file');
    await refused([file('latin.csv', Uint8Array.of(...Buffer.from('text\ncaf'), 0xe9, 10)), '--text', 'text'], 'latin.csv line 2', '0xE9');
    await refused([file('ragged.csv', 'text,label\na,b\nc\n'), '--text', 'text'], 'ragged.csv line 3', '2 fields', 'received 1');
    await refused(
      [file('dates.csv', 'text,date\na,kemarin\n'), '--text', 'text', '--time', 'date'],
      'dates.csv line 2',
      'kemarin',
      'ISO 8601',
    );
    await refused([file('none.csv', 'text\n'), '--text', 'text', '--time', 'date'], 'none.csv', '"date"');
  });

  it('reads Latin-1 when told to', async () => {
    const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
    const [train, test] = [file('a.csv', bytes('text\ncafé di sudut\n')), file('b.csv', bytes('text\nCAFÉ di sudut\n'))];
    expect((await saraf(['audit', train, test, '--text', 'text', '--encoding', 'latin1'])).out).toContain('test line 2 ← training line 2');
  });

  it('wants a column of texts and options that can be', async () => {
    const train = file('train.csv', TRAIN);
    const usage = async (args: readonly string[], piece: string): Promise<void> => {
      const { code, err } = await saraf(['audit', ...args]);
      expect(code).toBe(2);
      expect(err).toContain(piece);
    };
    await usage([train, train], '--text');
    await usage([train, '--text', 'text'], "'test'");
    await usage([train, train, '--text', 'text', '--threshold', '0'], 'above 0 and at most 1');
    await usage([train, train, '--text', 'text', '--examples', '-1'], 'at least 0');
  });
});
