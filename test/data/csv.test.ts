import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test, vi } from 'vitest';
import { parse } from 'csv-parse/sync';
import { csvBatches, readCsv, streamCsv } from '../../src/data/csv.js';
import type { Table } from '../../src/data/table.js';

const dir = mkdtempSync(join(tmpdir(), 'saraf-csv-'));
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

const failure = async (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error: Error) => error,
  );

test('quoted fields hold commas, quotes and line breaks; a BOM, CRLF and blank lines do no harm', async () => {
  const path = file('quoted.csv', '\ufeffid,text\r\n1,"a, b"\r\n\r\n2,"say ""hi""\r\nthere"\n3,tail');
  const table = await readCsv(path);
  expect(table.columns).toEqual(['id', 'text']);
  expect(table.column('text')).toEqual(['a, b', 'say "hi"\r\nthere', 'tail']);
  expect(Array.from(table.origin?.lines ?? [])).toEqual([2, 4, 6]);
  expect(table.where(1)).toBe(`${path} line 4`);
});

test('columns selects and orders; a missing one is named with those there are', async () => {
  const path = file('columns.csv', 'a,b,c\n1,2,3\n');
  expect((await readCsv(path, { columns: ['c', 'a'] })).data).toEqual([['3'], ['1']]);
  const error = await failure(readCsv(path, { columns: ['label'] }));
  expect(error).toMatchObject({ code: 'ERR_DATA' });
  expect(error.message).toContain(`${path} line 1: expected column "label", received columns "a", "b", "c"`);
});

test('a file without header, tab separated, without quoting', async () => {
  const path = file('plain.tsv', 'ini "baik\tpositive\nburuk"\tnegative\n');
  const table = await readCsv(path, { header: ['text', 'label'], quote: null });
  expect(table.strings('text')).toEqual(['ini "baik', 'buruk"']);
  expect((await readCsv(path, { header: false, quote: null })).columns).toEqual(['0', '1']);
});

test('gzip is recognised by its extension, and said when it is none', async () => {
  const path = file('packed.csv.gz', gzipSync('a,b\n1,2\n'));
  expect((await readCsv(path)).column('b')).toEqual(['2']);
  const broken = await failure(readCsv(file('broken.csv.gz', 'a,b\n1,2\n')));
  expect(broken).toMatchObject({ code: 'ERR_DATA' });
  expect(broken.message).toContain('expected gzip data');
  const cut = gzipSync('a,b\n' + '1,2\n'.repeat(1000));
  expect((await failure(readCsv(file('cut.csv.gz', cut.subarray(0, cut.length - 9))))).message).toContain('cut file');
});

test('Latin-1 is read byte by byte; as UTF-8 it is refused with line and byte', async () => {
  const path = file('latin.csv', Buffer.from('text\nbaik\ncaf\xe9 \x93\n', 'latin1'));
  expect((await readCsv(path, { encoding: 'latin1' })).column('text')).toEqual(['baik', 'caf\u00e9 \u0093']);
  const error = await failure(readCsv(path));
  expect(error).toMatchObject({ code: 'ERR_DATA' });
  expect(error.message).toContain(`${path} line 3: expected UTF-8, received byte 0xE9; pass encoding: "latin1"`);
});

test('a row that is not UTF-8 is left out and listed, the others are read', async () => {
  const good = 'a\u20ac\n'.repeat(40_000);
  const path = file('mixed.csv', Buffer.concat([Buffer.from(`text\n${good}`), Buffer.from('"x\ncaf\xe9"\n', 'latin1'), Buffer.from(good)]));
  const table = await readCsv(path, { onBadRow: 'skip' });
  expect(table.rows).toBe(80_000);
  expect(new Set(table.column('text'))).toEqual(new Set(['a\u20ac']));
  expect(table.badRows).toEqual([{ file: path, line: 40_002, reason: 'expected UTF-8, received byte 0xE9' }]);
  expect(table.origin?.lines[40_000]).toBe(40_004);
});

test('a byte-order mark of another encoding is said', async () => {
  const wide = await failure(readCsv(file('utf16.csv', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'))));
  expect(wide).toMatchObject({ code: 'ERR_DATA' });
  expect(wide.message).toContain('expected UTF-8, received the byte-order mark of UTF-16');
  const marked = await failure(readCsv(file('marked.csv', '\ufeffa,b\n1,2\n'), { encoding: 'latin1' }));
  expect(marked.message).toContain('expected Latin-1, received the byte-order mark of UTF-8; leave encoding out');
});

test('a header that is not UTF-8 or badly quoted stops, whatever onBadRow says', async () => {
  const path = file('badheader.csv', Buffer.from('t\xe9xt\nbaik\n', 'latin1'));
  expect((await failure(readCsv(path, { onBadRow: 'skip' }))).message).toContain('line 1: expected UTF-8, received byte 0xE9');
  expect((await failure(readCsv(file('openheader.csv', '"a,b\n1,2\n')))).message).toContain('line 1: expected well-formed quotes');
});

test('the header line says what divides the fields: a comma, else a semicolon, else a tab', async () => {
  const read = async (name: string, content: string, options = {}): Promise<unknown> => {
    const { columns, data, origin } = await readCsv(file(name, content), options);
    return [origin?.delimiter, columns, data];
  };
  expect(await read('semicolons.csv', '\ufefftext;stars\r\n"baik; ya";4,5\r\n')).toEqual([';', ['text', 'stars'], [['baik; ya'], ['4,5']]]);
  expect(await read('tabs.csv', '\n"a, b\nc"\tstars\nbaik\t4;5\n')).toEqual(['\t', ['a, b\nc', 'stars'], [['baik'], ['4;5']]]);
  expect(await read('both.csv', 'text;mark,stars\nbaik,5\n')).toEqual([',', ['text;mark', 'stars'], [['baik'], ['5']]]);
  expect(await read('single.csv', 'text')).toEqual([',', ['text'], [[]]]);
  expect(await read('tabs.tsv', 'text;a\tstars\nbaik\t5\n')).toEqual(['\t', ['text;a', 'stars'], [['baik'], ['5']]]);
  expect(await read('given.csv', 'text;a\nbaik;5\n', { delimiter: ',' })).toEqual([',', ['text;a'], [['baik;5']]]);
  expect(await read('headless.csv', 'baik; ya\n', { header: ['text'] })).toEqual([',', ['text'], [['baik; ya']]]);
  // A header longer than what is read at once.
  const names = Array.from({ length: 60_000 }, (_, i) => `column ${i}`);
  const wide = await readCsv(file('wide.csv.gz', gzipSync(`${names.join(';')}\n${names.map((_, i) => i).join(';')}\n`)), {
    columns: ['column 59999'],
  });
  expect([wide.origin?.delimiter, wide.data, wide.where(0)]).toEqual([';', [['59999']], expect.stringContaining('line 2')]);
  const ragged = await failure(readCsv(file('ragged-semicolons.csv', 'text;stars\nbaik;ya;5\n')));
  expect(ragged.message).toContain('line 2: expected 2 fields, received 3; quote fields that hold ";"');
});

test('a delimiter of several bytes, also in quoted fields and at the end of what is read at once', async () => {
  const row = `${'x'.repeat(61)}::"a::b"::\u20ac\n`;
  const path = file('colons.csv', `a::b::c\n${row.repeat(10_000)}`);
  const table = await readCsv(path, { delimiter: '::' });
  expect(table.rows).toBe(10_000);
  expect([new Set(table.column('b')), new Set(table.column('c'))]).toEqual([new Set(['a::b']), new Set(['\u20ac'])]);
});

/** Numbers in [0,n), the same each time. */
function draws(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % n;
  };
}

test('csv-parse reads the same cells, whatever the chunks cut', async () => {
  const draw = draws(1);
  const pieces = ['', 'a', 'label', ',', '"', '\n', '\r\n', '\u20ac', '\u{1f44d}', 'a text of some words', ' ', '\u00e9'];
  const cell = (): string => Array.from({ length: draw(5) }, () => pieces[draw(pieces.length)]).join('');
  const field = (text: string): string => (/[",\n\r]/.test(text) || draw(4) === 0 ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = Array.from({ length: 30_000 }, () => [`r${draw(1000)}`, cell(), cell()]);
  const content = `a,b,c\n${rows.map((row) => row.map(field).join(',') + (draw(2) ? '\n' : '\r\n')).join('')}`;
  const path = file('drawn.csv', content);
  const expected = parse(content, { record_delimiter: ['\r\n', '\n'] }).slice(1);
  expect(expected).toEqual(rows);
  for (const read of [path, file('drawn.csv.gz', gzipSync(content))]) {
    const table = await readCsv(read);
    const [a, b, c] = table.data as string[][];
    expect(rows.map((_, i) => [a?.[i], b?.[i], c?.[i]])).toEqual(rows);
    // A row begins where its first cell stands in the file.
    const all = content.split('\n');
    for (const i of [0, 777, 29_999]) expect(all[(table.origin?.lines[i] ?? 0) - 1]).toMatch(new RegExp(`^"?${rows[i]?.[0]}[",]`));
  }
});

test('a multi-byte character across two chunks is one character', async () => {
  const text = 'x'.repeat(65535) + '\u20ac';
  expect((await readCsv(file('chunk.csv', `${'t'}\n${text}\n`))).column('t')).toEqual([text]);
});

test('a file that ends inside a character is refused', async () => {
  const error = await failure(readCsv(file('half.csv', Buffer.from([116, 10, 0xe2, 0x82]))));
  expect(error.message).toContain('line 2: expected UTF-8, received byte 0xE2');
});

test('a ragged row stops, or is left out and listed', async () => {
  const path = file('ragged.csv', 'a,b\n"x\ny",2\n1,2,3\n5,6\n7\n');
  const error = await failure(readCsv(path));
  expect(error).toMatchObject({ code: 'ERR_DATA', op: 'readCsv' });
  expect(error.message).toContain(`${path} line 4: expected 2 fields, received 3`);
  const skipped = await readCsv(path, { onBadRow: 'skip' });
  expect(skipped.column('a')).toEqual(['x\ny', '5']);
  expect(skipped.badRows.map((row) => row.line)).toEqual([4, 6]);
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  expect((await readCsv(path, { onBadRow: 'report' })).rows).toBe(2);
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.[0]).toContain('2 row(s) left out (line 4: expected 2 fields, received 3');
  warn.mockRestore();
});

test('broken quotes stop with the line, whatever onBadRow says', async () => {
  const open = await failure(readCsv(file('open.csv', 'a,b\n1,2\n3,"open\n4,5\n'), { onBadRow: 'skip' }));
  expect(open).toMatchObject({ code: 'ERR_DATA' });
  expect(open.message).toContain('line 3: expected well-formed quotes, received quote not closed');
  const closing = await failure(readCsv(file('closing.csv', 'a,b\n1,"x"y\n4,5\n')));
  expect(closing.message).toContain('line 2: expected well-formed quotes');
});

test('unreadable, empty and header-only files', async () => {
  expect((await failure(readCsv(join(dir, 'none.csv')))).message).toContain('no such file');
  expect((await failure(readCsv(dir))).message).toContain('a folder');
  expect((await failure(readCsv(file('empty.csv', '')))).message).toContain('expected a header line, received an empty file');
  const headerOnly = await readCsv(file('header.csv', 'a,b\n'));
  expect([headerOnly.columns, headerOnly.rows]).toEqual([['a', 'b'], 0]);
  expect((await readCsv(file('empty2.csv', ''), { header: ['a'] })).rows).toBe(0);
});

test('a name that occurs twice is refused only if it is wanted', async () => {
  const path = file('twice.csv', 'a,b,a\n1,2,3\n');
  expect((await failure(readCsv(path))).message).toContain('received "a" twice');
  expect((await readCsv(path, { columns: ['b'] })).column('b')).toEqual(['2']);
});

test('options that do not exist are refused', async () => {
  expect(await failure(readCsv('a.csv', { onBadRow: 'drop' as 'skip' }))).toMatchObject({ code: 'ERR_ARG' });
  expect(await failure(readCsv('a.csv', { encoding: 'utf16' as 'latin1' }))).toMatchObject({ code: 'ERR_ARG' });
  expect(await failure(readCsv('a.csv', { separator: ';' } as object))).toMatchObject({ code: 'ERR_ARG' });
  expect(await failure(readCsv('a.csv', { delimiter: '' }))).toMatchObject({ code: 'ERR_ARG' });
  expect(await failure(readCsv('a.csv', { quote: "''" }))).toMatchObject({ code: 'ERR_ARG' });
  expect(await failure(readCsv('a.csv', { quote: '\u201c' }))).toMatchObject({ code: 'ERR_ARG' });
  expect(await failure(readCsv('a.csv', { delimiter: '"' }))).toMatchObject({ code: 'ERR_ARG' });
});

test('streaming gives rows one by one, keeps a column called __proto__, and may be left early', async () => {
  const path = file('stream.csv', '__proto__,b\n' + '1,2\n'.repeat(50_000));
  let rows = 0;
  for await (const row of streamCsv(path)) {
    expect(row.line).toBe(rows + 2);
    expect(row.values['__proto__']).toBe('1');
    if (++rows === 10) break;
  }
  expect(rows).toBe(10);
});

test('batches hold about a chunk of the file each, and together all of it', async () => {
  const row = `${'kata '.repeat(20)},positive\n`;
  const path = file('batches.csv.gz', gzipSync(`text,label\n${row.repeat(50_000)}1,2,3\n`));
  const batches: Table[] = [];
  for await (const batch of csvBatches(path, { onBadRow: 'skip' })) batches.push(batch);
  expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(50_000);
  expect(Math.max(...batches.map((batch) => batch.rows * row.length))).toBeLessThan(2 ** 19);
  expect(batches.at(-1)?.badRows.map((bad) => bad.line)).toEqual([50_002]);
  expect(batches[1]?.where(0)).toBe(`${path} line ${(batches[0]?.rows ?? 0) + 2}`);
  const told = csvBatches(path);
  await expect(async () => {
    for await (const batch of told) void batch;
  }).rejects.toThrow(/line 50002: expected 2 fields, received 3/);
});

test('rows before a bad one are handed over first', async () => {
  const path = file('late.csv', 'a,b\n1,2\n3,4\n5\n');
  const seen: string[] = [];
  const error = await failure(
    (async () => {
      for await (const row of streamCsv(path)) seen.push(row.values['a'] ?? '');
    })(),
  );
  expect([seen, error.message]).toEqual([['1', '3'], expect.stringContaining('line 4: expected 2 fields, received 1')]);
});

test('a row far longer than a chunk', async () => {
  const text = 'panjang "sekali"\n'.repeat(100_000);
  const table = await readCsv(file('long.csv', `a,b\n1,"${text.replaceAll('"', '""')}"\n2,x\n`));
  expect(table.column('b')).toEqual([text, 'x']);
  expect(Array.from(table.origin?.lines ?? [])).toEqual([2, 100_003]);
});

test('reading stops when aborted', async () => {
  const path = file('abort.csv', 'a,b\n' + '1,2\n'.repeat(200_000));
  const controller = new AbortController();
  const reading = failure(readCsv(path, { signal: controller.signal }));
  controller.abort();
  expect((await reading).name).toBe('AbortError');
});
