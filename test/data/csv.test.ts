import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test, vi } from 'vitest';
import { readCsv, streamCsv } from '../../src/data/csv.js';

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
  expect(table.origin?.lines).toEqual([2, 4, 6]);
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

test('reading stops when aborted', async () => {
  const path = file('abort.csv', 'a,b\n' + '1,2\n'.repeat(200_000));
  const controller = new AbortController();
  const reading = failure(readCsv(path, { signal: controller.signal }));
  controller.abort();
  expect((await reading).name).toBe('AbortError');
});
