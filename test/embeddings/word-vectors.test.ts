import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { layers, loadWordVectors, saveWordVectors, Sequential, tensor, WordVectors } from '../../src/index.js';
import { randomFloats } from '../native/helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-vectors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

// On the plane: raja and ratu differ as pria and wanita do.
const plane = new WordVectors(['raja', 'ratu', 'pria', 'wanita', 'nol'], Float32Array.of(3, 1, 3, -1, 1, 1, 1, -1, 0, 0), [9, 8, 7, 6, 5]);

describe('WordVectors', () => {
  it('measures angles, and finds what is nearest', () => {
    expect(plane.similarity('raja', 'ratu')).toBeCloseTo(0.8, 12);
    expect(plane.similarity('raja', 'nol')).toBe(0);
    expect(plane.mostSimilar('raja', { topN: 2 }).map((n) => n.word)).toEqual(['pria', 'ratu']);
    expect(plane.mostSimilar([1, -1], { topN: 1 })).toEqual([{ word: 'wanita', similarity: expect.closeTo(1, 12) as number }]);
    expect(plane.analogy('raja', 'pria', 'wanita', { topN: 1 })[0]?.word).toBe('ratu');
  });

  it('averages texts, leaving unknown words out', () => {
    expect(plane.mean(['raja', 'apa', 'ratu'])).toEqual(Float32Array.of(3, 0));
    expect(plane.mean(['apa'])).toEqual(new Float32Array(2));
  });

  it('gives an embedding layer its weights by vocabulary, and says what is missing', () => {
    const { weights, coverage, missing } = plane.embeddingMatrix(['', '[UNK]', 'ratu', 'apa', 'raja', 'mana']);
    expect([...weights.data()]).toEqual([0, 0, 0, 0, 3, -1, 0, 0, 3, 1, 0, 0]);
    expect(coverage).toBeCloseTo(0.5, 12);
    expect(missing).toEqual(['apa', 'mana']);
    const model = new Sequential([layers.embedding({ inputDim: 6, outputDim: 2, inputShape: [1] })]);
    model.setWeights([weights]);
    expect([...(model.predictOnBatch(tensor(Int32Array.of(4), [1, 1]))[0]?.data() ?? [])]).toEqual([3, 1]);
  });

  it('is a table', () => {
    const table = plane.toTable();
    expect(table.columns).toEqual(['word', 'count', '0', '1']);
    expect(table.rows).toBe(5);
  });

  it('refuses words it does not know, and values that do not fit', () => {
    expect(() => plane.vector('apa')).toThrow(/one of 5 known words, received "apa"/);
    expect(() => plane.mostSimilar([1])).toThrow(/vector of 2 numbers, received 1/);
    expect(() => plane.mostSimilar('raja', { topN: 0 })).toThrow(/topN/);
    expect(() => new WordVectors(['a', 'b'], new Float32Array(3))).toThrow(/each of 2 words, received 3 in all/);
    expect(() => new WordVectors(['a', 'a'], new Float32Array(2))).toThrow(/every word once, received "a" twice/);
    expect(() => new WordVectors([], new Float32Array(0))).toThrow(/0 words/);
  });
});

describe('files of word vectors', () => {
  const words = ['yang', 'New\u00a0York', '東京', 'a_b', '1.5'];
  const values = randomFloats(5 * 7, 4);
  values.set([1e-30, -0.1, 123456.789, 0], 3);
  const vectors = new WordVectors(words, values);

  it.each(['v.txt', 'v.bin'])('%s brings back every bit, gzipped too', async (name) => {
    await saveWordVectors(vectors, at(name));
    writeFileSync(at(`z-${name}.gz`), gzipSync(readFileSync(at(name))));
    for (const path of [at(name), at(`z-${name}.gz`)]) {
      const back = await loadWordVectors(path);
      expect(back.words).toEqual(words);
      expect(back.toTensor().data()).toEqual(values);
    }
  });

  it('reads files of others: spaces at line ends, no newline after a vector, or at the end', async () => {
    writeFileSync(at('o.txt'), '2 2\nsatu 1 2 \r\ndua 3 -4.5e-1');
    expect((await loadWordVectors(at('o.txt'))).vector('dua')).toEqual(Float32Array.of(3, -0.45));
    const bytes = Buffer.from(Float32Array.of(1, 2).buffer);
    writeFileSync(at('o.bin'), Buffer.concat([Buffer.from('2 2\nsatu '), bytes, Buffer.from('dua '), bytes]));
    expect((await loadWordVectors(at('o.bin'))).words).toEqual(['satu', 'dua']);
  });

  it.each([
    ['', /first line/],
    ['2 x\n', /first line of two counts/],
    ['99999999999 2\na 1 2\n', /first line of two counts/],
    ['90000000 1000\na 1 2\n', /a word and 1000 numbers in line 2, received 3 cells/],
    ['2 2\na 1 2\n', /line 3, received the end of the file/],
    ['1 2\na 1 zwei\n', /numbers in line 2, received "zwei"/],
    ['1 2\na 1\n', /received 2 cells/],
    ['2 1\na 1\na 2\n', /every word once/],
    ['1 2\na 1 2\nb 3 4\n', /expected 1 words, as the first line says, received more/],
  ])('refuses %j', async (text, message) => {
    writeFileSync(at('bad.txt'), text);
    await expect(loadWordVectors(at('bad.txt'))).rejects.toMatchObject({
      code: 'ERR_FORMAT',
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuses a binary file that ends early or holds no numbers, and a gzip that is none', async () => {
    await saveWordVectors(vectors, at('w.bin'));
    const whole = readFileSync(at('w.bin'));
    writeFileSync(at('half.bin'), whole.subarray(0, whole.length - 9));
    await expect(loadWordVectors(at('half.bin'))).rejects.toMatchObject({ code: 'ERR_FORMAT' });
    writeFileSync(at('nan.bin'), Buffer.concat([Buffer.from('1 1\na '), Buffer.from(Float32Array.of(Number.NaN).buffer)]));
    await expect(loadWordVectors(at('nan.bin'))).rejects.toThrow(/numbers for word 1, received NaN/);
    writeFileSync(at('no.txt.gz'), 'plain text');
    await expect(loadWordVectors(at('no.txt.gz'))).rejects.toThrow(/cannot be unzipped/);
    await expect(loadWordVectors(at('absent.txt'))).rejects.toThrow(/ENOENT/);
  });

  it('refuses to write words that the formats cannot hold, and leaves no file', async () => {
    const spaced = new WordVectors(['dua kata'], Float32Array.of(1));
    await expect(saveWordVectors(spaced, at('s.txt'))).rejects.toThrow(/words without white space, received "dua kata"/);
    expect(() => readFileSync(at('s.txt'))).toThrow(/ENOENT/);
  });
});
