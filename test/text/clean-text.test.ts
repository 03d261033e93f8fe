import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCsv } from '../../src/data/csv.js';
import { cleanText } from '../../src/text/clean-text.js';
import { TextVectorization } from '../../src/text/text-vectorization.js';
import { fixtures } from './fixtures.js';

test('drops URLs, mentions and everything but ASCII letters, digits and white space', () => {
  expect(cleanText('@budi_99 BAGUS  sekali!! https://contoh.id/a?b=1 www.x.id e-mail')).toBe('bagus  sekali   email');
  expect(cleanText('\t\u00a0 café\u00a0 ☕ \n')).toBe('caf');
  expect(cleanText('@éa_b c')).toBe('c');
  expect(cleanText('a\u0085b\ufeffc')).toBe('a\u0085bc');
  expect(cleanText('')).toBe('');
});

test('letters of every script on request', () => {
  expect(cleanText('École 東京 @x !', { letters: 'unicode' })).toBe('école 東京');
});

const data = process.env['SARAF_DATA'];
test('NusaX cleaned and vectorised gives the vocabulary and ids that Keras was trained with', async ({ skip }) => {
  if (!fixtures || !data) skip('SARAF_FIXTURES or SARAF_DATA is not set');
  const folder = join(fixtures as string, 'thesis', 'nusax-bilstm');
  const reference = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as {
    token_ids: { shape: number[]; rows: number[][] };
  };
  const vocabulary = readFileSync(join(folder, 'vocabulary.txt'), 'utf8').split('\n').slice(0, -1);
  const read = async (split: string): Promise<string[]> =>
    (await readCsv(join(data as string, 'nusax-senti', 'indonesian', `${split}.csv`))).strings('text').map((text) => cleanText(text));
  const v = new TextVectorization({ maxTokens: 10_000, outputSequenceLength: 256 }).adapt(await read('train'));
  expect(v.getVocabulary()).toEqual(vocabulary);
  const y = v.call(await read('test'));
  expect(y.shape).toEqual(reference.token_ids.shape);
  const rows = y.toArray() as number[][];
  reference.token_ids.rows.forEach((row, n) => expect(rows[n]).toEqual([...row, ...Array<number>(256 - row.length).fill(0)]));
});

test('white space at the ends goes, a long run inside stays', () => {
  const run = ' '.repeat(200_000);
  expect(cleanText(`\u0085 A${run}b\u001c\n`)).toBe(`a${run}b`);
  expect(cleanText(' \t ')).toBe('');
});
