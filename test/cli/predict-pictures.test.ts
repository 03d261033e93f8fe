import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'jpeg-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCsv } from '../../src/data/csv.js';
import { encodePng } from '../../src/files/png.js';
import { layers } from '../../src/layers/index.js';
import { Sequential } from '../../src/models/sequential.js';
import { tinyPictureExperiment, tinyPictures, type TinyPictureOptions } from '../experiments/tiny-pictures.js';
import { makePng } from '../helpers/make-png.js';
import { saraf } from './capture.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-predict-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PIXELS = 4 * 6 * 3;
const { images, labels } = tinyPictures(10);
const tests = join(folder, 'tests');

async function trained(name: string, options: TinyPictureOptions = {}): Promise<string> {
  const out = join(folder, name);
  const found = await saraf(['reproduce', 'tiny-pictures', '--out', out, '--threads', '1'], [tinyPictureExperiment(options)]);
  expect(found.err, found.err).not.toContain('ERR_');
  const runs = join(out, 'tiny-pictures', 'runs');
  return join(runs, readdirSync(runs)[0] as string);
}

/** What the run itself predicted for its test rows. */
const predicted = (run: string): number[] => (JSON.parse(readFileSync(join(run, 'predictions.json'), 'utf8')) as { test: number[] }).test;
const NAMES = ['reddish', 'bluish'];

/** A solid picture as JPEG, larger than the model's input. */
function jpeg(red: number, blue: number): Buffer {
  const data = Buffer.alloc(48 * 40 * 4);
  for (let i = 0; i < 48 * 40; i++) data.set([red, 60, blue, 255], 4 * i);
  return Buffer.from(encode({ width: 48, height: 40, data }, 92).data);
}

let run = '';
beforeAll(async () => {
  mkdirSync(tests);
  for (let n = 0; n < 10; n++) writeFileSync(join(tests, `${n}.png`), encodePng(images.subarray(n * PIXELS, (n + 1) * PIXELS), [4, 6, 3]));
  run = await trained('out');
});

describe('saraf predict with pictures', () => {
  it('labels the files of a folder as the run labelled its test rows, with their names', async () => {
    const { code, out } = await saraf(['predict', run, tests, '--batch', '3']);
    expect(code).toBe(0);
    const lines = out.trim().split('\n').slice(2);
    expect(lines).toHaveLength(10);
    lines.forEach((line, n) => {
      expect(line).toMatch(/^(reddish|bluish) +[01]\.\d{4} +\S/);
      expect(line.startsWith(NAMES[predicted(run)[n] as number] as string)).toBe(true);
      expect(line.endsWith(join(tests, `${n}.png`))).toBe(true);
    });
    expect(predicted(run).filter((k, n) => k === labels[n]).length).toBeGreaterThan(7);
  });

  it('takes several files of both kinds and any size, in the order named, into CSV', async () => {
    const [red, blue] = [join(folder, 'red.jpg'), join(folder, 'a, blue.JPEG')];
    writeFileSync(red, jpeg(220, 20));
    writeFileSync(blue, jpeg(20, 220));
    const to = join(folder, 'labelled.csv');
    expect((await saraf(['predict', run, blue, red, join(tests, '0.png'), '--out', to])).code).toBe(0);
    const table = await readCsv(to);
    expect(table.columns).toEqual(['file', 'label', 'probability']);
    expect(table.strings('file')).toEqual([blue, red, join(tests, '0.png')]);
    expect(table.strings('label').slice(0, 2)).toEqual(['bluish', 'reddish']);
    expect(table.numbers('probability').every((p) => p > 0.5 && p <= 1)).toBe(true);
  });

  it('reads grey and transparent pictures', async () => {
    const [grey, clear] = [join(folder, 'grey.png'), join(folder, 'clear.png')];
    writeFileSync(grey, makePng({ width: 9, height: 5, depth: 4, colour: 0, at: (x) => [x] }));
    writeFileSync(clear, makePng({ width: 9, height: 5, depth: 8, colour: 6, at: () => [240, 60, 20, 0] }));
    const { code, out } = await saraf(['predict', run, grey, clear]);
    expect(code).toBe(0);
    expect(out).toMatch(/reddish +[01]\.\d+ .*clear\.png/);
  });

  it('saves with each run how its pixels were scaled', async () => {
    const before = await trained('before', { scaled: 'before' });
    const { code, out } = await saraf(['predict', before, tests]);
    expect(code).toBe(0);
    const said = out.trim().split('\n').slice(2).map((line) => NAMES.indexOf(line.split(' ')[0] as string)); // prettier-ignore
    expect(said).toEqual(predicted(before));
    // Without it nothing is guessed.
    const bare = join(folder, 'bare');
    cpSync(before, bare, { recursive: true });
    rmSync(join(bare, 'model', 'preprocessing.json'));
    const refused = await saraf(['predict', bare, tests]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('how its pixels are scaled');
    expect(refused.err).toContain('run it again');
  });

  it('needs no saved pipeline where the model scales the pixels itself', async () => {
    const older = join(folder, 'older');
    cpSync(run, older, { recursive: true });
    rmSync(join(older, 'model', 'preprocessing.json'));
    expect((await saraf(['predict', older, tests])).out).toBe((await saraf(['predict', run, tests])).out);
  });

  it('takes one output as the probability of the second of two classes', async () => {
    const sigmoid = await trained('sigmoid', { sigmoid: true });
    const { code, out } = await saraf(['predict', sigmoid, tests]);
    expect(code).toBe(0);
    const lines = out.trim().split('\n').slice(2);
    expect(lines.map((line) => NAMES.indexOf(line.split(' ')[0] as string))).toEqual(predicted(sigmoid));
    for (const line of lines) expect(Number(line.split(/ +/)[1])).toBeGreaterThanOrEqual(0.5);
  });

  it('says what is wrong with what it cannot label', async () => {
    const message = async (...args: string[]): Promise<string> => {
      const found = await saraf(['predict', ...args]);
      expect(found.code).toBe(1);
      expect(found.out).toBe('');
      expect(found.err).not.toMatch(/^\s+at /m);
      return found.err;
    };
    const file = (name: string, bytes: Uint8Array): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const whole = readFileSync(join(tests, '0.png'));
    expect(await message(run, file('cut.png', whole.subarray(0, 70)))).toContain('cut.png: expected a whole PNG');
    expect(await message(run, file('cut.jpg', jpeg(9, 9).subarray(0, 400)))).toContain('cut.jpg: expected a whole JPEG');
    expect(await message(run, file('text.png', Buffer.from('no picture')))).toContain('expected a PNG or JPEG');
    expect(await message(run, file('moving.gif', Buffer.from('GIF89a')))).toContain('a file of GIF');
    const notes = file('notes.txt', Buffer.from('x'));
    expect(await message(run, join(tests, '0.png'), notes)).toContain('notes.txt');
    expect(await message(run, notes, join(tests, '0.png'))).toContain('expected one file of inputs, or pictures');
    expect(await message(run, join(folder, 'nowhere.png'))).toContain('there is no file');
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(await message(run, empty)).toContain('received an empty one');
    writeFileSync(join(empty, 'a.txt'), '');
    expect(await message(run, empty)).toContain('1 other file');
    expect(await message(run)).toContain('received neither');
    expect(await message(run, tests, '--say', 'x')).toContain('received both');
    expect(await message(run, '--say', 'a picture of a cat')).toContain('the model labels pictures');
    const damaged = join(folder, 'damaged');
    cpSync(run, damaged, { recursive: true });
    writeFileSync(join(damaged, 'config.json'), '{"classNames": [');
    expect(await message(damaged, tests)).toContain('config.json; the file is damaged');
    const dense = new Sequential([layers.dense({ units: 2, inputShape: [5], activation: 'softmax' })]);
    await dense.save(join(folder, 'dense'));
    expect(await message(join(folder, 'dense'), tests)).toContain('inputs of shape (N,5)');
  });

  it('tells how many files of a folder it leaves out', async () => {
    const mixed = join(folder, 'mixed');
    cpSync(tests, mixed, { recursive: true });
    writeFileSync(join(mixed, 'read.me'), '');
    const { code, err, out } = await saraf(['predict', run, mixed]);
    expect(code).toBe(0);
    expect(err).toContain('1 file that is no .png or .jpg left out');
    expect(out.trim().split('\n')).toHaveLength(12);
  });
});
