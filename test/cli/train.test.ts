import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextCommands } from '../../src/cli/train.js';
import { tableExperiment, tableExperimentId } from '../../src/experiments/table-experiment.js';
import type { Results } from '../../src/experiments/results.js';
import { Philox } from '../../src/tensor/random.js';
import { expectError } from '../helpers/expect-error.js';
import { saraf } from './capture.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-train-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GOOD = ['bagus', 'puas', 'cepat', 'mantap', 'suka'];
const BAD = ['buruk', 'lambat', 'kecewa', 'rusak', 'jelek'];
const random = new Philox(5);
const word = (of: readonly string[]): string => of[random.integer(of.length)] as string;
/** Texts that a few words give away, no two of them equal. */
const rows = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => {
    const good = i % 2 === 0;
    const own = good ? GOOD : BAD;
    return `"Aplikasi ${word(own)}, ${word(own)} dan ${word(own)} nomor ${'x'.repeat((i + from) % 7)}${String.fromCharCode(97 + (i % 26), 97 + Math.floor((i + from) / 26))}!",${good ? 'positif' : 'negatif'}`;
  });
const file = (name: string, lines: readonly string[]): string => {
  const path = join(folder, name);
  writeFileSync(path, ['review,label', ...lines, ''].join('\n'));
  return path;
};
const columns = ['--text', 'review', '--label', 'label'];
const fast = ['--model', 'average', '--epochs', '12', '--batch', '8', '--threads', '1'];

describe('saraf train', () => {
  const out = join(folder, 'out');
  let seen = { code: -1, out: '', err: '' };
  let run = '';
  beforeAll(async () => {
    const table = file('My Reviews.csv', [...rows(120), ',positif', '"tanpa label",']);
    seen = await saraf(['train', table, ...columns, ...fast, '--out', out]);
    run = join(out, 'my-reviews', 'runs', readdirSync(join(out, 'my-reviews', 'runs'))[0] ?? '');
  });

  it('takes a table to a model with report, and says what to do next', () => {
    expect(seen.code).toBe(0);
    expect(seen.out).toMatch(/^variant +score$/m);
    expect(seen.out).not.toContain('published');
    expect(seen.out).toContain('report.html');
    expect(seen.out).toContain('The best on the validation part is average');
    expect(seen.out).toMatch(/saraf predict .*my-reviews\/runs\/[0-9a-f]{16} --say/);
    const results = JSON.parse(readFileSync(join(out, 'my-reviews', 'results.json'), 'utf8')) as Results;
    expect(results.cells).toHaveLength(1);
    expect(results.cells[0]?.mean).toBeGreaterThan(80);
    expect(results.baselines.map((b) => b.name)).toContain('majority class');
    expect(results.audits?.[0]?.rows).toEqual({ train: 96, test: 12 });
    expect(results.protocols[0]?.notes.join(' ')).toContain('2 rows without a text or a label are left out');
    expect(results.data[0]).toMatchObject({ name: 'My Reviews.csv', rows: 120 });
  });

  it('writes a report that speaks of no document', () => {
    const html = readFileSync(join(out, 'my-reviews', 'report.html'), 'utf8').replace(/<script>[\s\S]*?<\/script>/g, '');
    expect(html).toContain('<h2 id="settings">Settings</h2>');
    expect(html).toContain('>score</th>');
    expect(html).not.toContain('>reproduced</th>');
    expect(html).not.toContain('What the document does not state');
  });

  it('labels new texts with the run, and lists what it got wrong', async () => {
    const said = await saraf(['predict', run, '--say', 'bagus dan puas sekali', '--say', 'rusak, kecewa']);
    expect(said.code).toBe(0);
    expect(said.out).toMatch(/positif +0\.\d+ +bagus/);
    expect(said.out).toMatch(/negatif +0\.\d+ +rusak/);
    expect((await saraf(['errors', run])).code).toBe(0);
  });

  it('keeps every column of a file whose texts it labels, and overwrites none', async () => {
    const table = join(folder, 'labelled before.csv');
    writeFileSync(table, Buffer.from('no,review,label,note\n7,"bagus, puas",baik,caf\xe9\n8,rusak dan kecewa,jelek,"a ""b"""\n', 'latin1'));
    const to = join(folder, 'labelled.csv');
    const found = await saraf(['predict', run, table, '--text', 'review', '--encoding', 'latin1', '--out', to]);
    expect(found.code).toBe(0);
    expect(found.err).toContain('label_predicted');
    const lines = readFileSync(to, 'utf8').split('\n');
    expect(lines[0]).toBe('no,review,label,note,label_predicted,probability');
    expect(lines[1]).toMatch(/^7,"bagus, puas",baik,café,positif,[01]\.\d{4}$/);
    expect(lines[2]).toMatch(/^8,rusak dan kecewa,jelek,"a ""b""",negatif,[01]\.\d{4}$/);
    expect(lines.slice(3)).toEqual(['']);
    // Again, on what came out: the names of the first time are kept too.
    const again = await saraf(['predict', run, to, '--text', 'review']);
    expect(again.out.split('\n')[0]).toBe(`${lines[0]},label_predicted_predicted,probability_predicted`);
  });

  it('writes a file as it was divided: by semicolons, or as the name says by tabs', async () => {
    const table = file('semicolons.csv', []);
    writeFileSync(table, 'no;review\n7;"bagus; puas, ramah"\n');
    const labelled = await saraf(['predict', run, table, '--text', 'review']);
    expect(labelled.out).toMatch(/^no;review;label;probability\n7;"bagus; puas, ramah";positif;[01]\.\d{4}\n$/);
    const to = join(folder, 'labelled.tsv');
    expect((await saraf(['predict', run, table, '--text', 'review', '--out', to])).code).toBe(0);
    expect(readFileSync(to, 'utf8')).toMatch(/^no\treview\tlabel\tprobability\n7\tbagus; puas, ramah\tpositif\t[01]\.\d{4}\n$/);
  });

  it('refuses files and columns that it cannot label', async () => {
    const message = async (...args: string[]): Promise<string> => {
      const found = await saraf(['predict', run, ...args]);
      expect(found.code).toBe(1);
      expect(found.out).toBe('');
      return found.err;
    };
    const table = join(folder, 'latin1.csv');
    writeFileSync(table, Buffer.from('review\ncaf\xe9\n', 'latin1'));
    expect(await message(table, '--text', 'review')).toContain('expected UTF-8, received byte 0xE9');
    expect(await message(table)).toContain('expected --text COLUMN');
    expect(await message(file('good.csv', rows(4)), '--text', 'ulasan')).toContain('expected column "ulasan"');
    expect(await message(table, table, '--text', 'review')).toContain('expected one file of inputs');
    expect(await message(join(folder, 'photo.png'))).toContain('there is no file');
    writeFileSync(join(folder, 'photo.png'), '');
    expect(await message(join(folder, 'photo.png'))).toContain('the model labels texts');
    expect((await saraf(['predict', run, table, '--encoding', 'utf-16'])).code).toBe(2);
  });

  it('gives the same results again, resumes, and compares several networks with a test file of its own', async () => {
    const [train, test] = [file('train.csv', rows(90)), file('test.csv', rows(30, 90))];
    const args = ['train', train, ...columns, '--test', test, '--model', 'average,cnn', '--epochs', '2', '--out', join(folder, 'two')];
    const first = await saraf(args);
    expect(first.code).toBe(0);
    const read = (): Results => JSON.parse(readFileSync(join(folder, 'two', 'train', 'results.json'), 'utf8')) as Results;
    const before = read();
    expect(before.cells.map((c) => c.variant)).toEqual(['average', 'cnn']);
    expect(before.audits?.[0]?.rows.test).toBe(before.cells[0]?.rowsTested);
    const again = await saraf([...args, '--resume']);
    expect(again.err).toContain('2 of them finished already');
    expect(read().cells.map((c) => c.mean)).toEqual(before.cells.map((c) => c.mean));
  });

  it('refuses tables that it cannot learn from', async () => {
    const message = async (table: string, ...args: string[]): Promise<string> => {
      const found = await saraf(['train', table, ...columns, ...fast, '--out', join(folder, 'none'), ...args]);
      expect(found.code).toBe(1);
      expect(found.err).not.toMatch(/^\s+at /m);
      return found.err;
    };
    const good = rows(40);
    expect(
      await message(
        file(
          'one.csv',
          good.map((r) => r.replace('negatif', 'positif')),
        ),
      ),
    ).toContain('expected at least two classes');
    expect(await message(file('empty.csv', []))).toContain('received no rows');
    expect(await message(file('rare.csv', [...good, 'sekali,netral']))).toContain('fewer of netral');
    expect(await message(file('many.csv', Array.from({ length: 250 }, (_, i) => `teks ${i},kelas ${i}`)))).toContain('is it the column of the labels?'); // prettier-ignore
    expect(await message(file('same.csv', Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 'bagus,a' : 'buruk,b'))))).toContain('remove copies'); // prettier-ignore
    expect(await message(join(folder, 'nowhere.csv'))).toContain('nowhere.csv');
    expect(await message(file('good.csv', good), '--text', 'ulasan')).toContain('ulasan');
    expect(await message(file('good.csv', good), '--label', 'review')).toContain('expected two columns');
    const other = file('other.csv', rows(20).map((r) => r.replace('positif', 'baik'))); // prettier-ignore
    expect(await message(file('good.csv', good), '--test', other)).toContain('"baik"');
    expect(await message(file('good.csv', good), '--out', file('in-the-way', []))).toContain('expected --out to be a folder');
    expect((await saraf(['train', 'x.csv', ...columns, '--model', 'bert'])).code).toBe(2);
    expect((await saraf(['train', 'x.csv', ...columns, '--steps', 'slang'])).code).toBe(2);
    expect((await saraf(['train', 'x.csv', '--text', 'a'])).code).toBe(2);
  });
});

describe('an experiment on a table', () => {
  it('is named after its file', () => {
    expect(['a/Reviews 2024.csv.gz', 'TWEETS.TSV', '.csv', 'ulasan', '--.csv'].map(tableExperimentId)).toEqual(['reviews-2024', 'tweets', 'table', 'ulasan', 'table']); // prettier-ignore
  });

  it('refuses what it does not know', () => {
    const options = { file: 'a.csv', text: 't', label: 'l' };
    expectError(() => tableExperiment({ ...options, models: [] }), 'ERR_ARG', 'received none');
    expectError(() => tableExperiment({ ...options, models: ['bert' as 'cnn'] }), 'ERR_ARG', 'received bert');
    expectError(() => tableExperiment({ ...options, epochs: 0 }), 'ERR_ARG', 'epochs');
    expect(tableExperiment({ ...options, models: ['bilstm', 'lstm', 'gru', 'bilstm'] }).factors[0]?.variants).toHaveLength(3);
  });

  it('names no run where none finished', () => {
    const results = { cells: [] } as unknown as Results;
    expect(nextCommands({ folder, results, trained: [], besideTrained: [] })).toBe('');
  });
});
