import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prepared } from '../../src/experiments/experiment.js';
import { wrongRows, wrongRowsFile } from '../../src/experiments/wrong-rows.js';
import { buildReport } from '../../src/reports/report.js';
import { syntheticResults } from '../reports/synthetic.js';
import { tensor } from '../../src/tensor/tensor.js';
import { tinyExperiment } from '../experiments/tiny.js';
import { saraf } from './capture.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-errors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const part = { x: tensor([0, 0, 0, 0], [4, 1]), labels: Int32Array.of(0, 1, 1, 0) };
const withTexts: Prepared = {
  train: part,
  validation: part,
  test: part,
  audited: { train: { texts: ['a'] }, test: { texts: ['nol', 'satu <b>', 'dua', 'tiga'] } },
  notes: [],
  sizes: {},
};
const images = { images: Uint8Array.from({ length: 4 * 12 }, (_, i) => i), rows: 4 };
const withImages: Prepared = { ...withTexts, audited: { train: { images }, test: { images }, imageShape: [2, 2, 3] } };

/** A folder as a finished run leaves it, as far as `saraf errors` goes. */
function runFolder(name: string, rows: ReturnType<typeof wrongRows> | null): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'metrics.json'), '{}');
  if (rows) writeFileSync(join(path, wrongRowsFile(rows).name), wrongRowsFile(rows).text);
  return path;
}

describe('wrong rows', () => {
  it('come with text, the most confident first, and say which repeat an earlier row', () => {
    const rows = wrongRows(withTexts, [1, 1, 0, 1], [0.6, 0.9, 0.8, 0.8], ['low', 'high'], (row) => row === 3);
    expect(rows).toEqual([
      { row: 2, label: 'high', predicted: 'low', probability: 0.8, text: 'dua' },
      { row: 3, label: 'low', predicted: 'high', probability: 0.8, repeated: true, text: 'tiga' },
      { row: 0, label: 'low', predicted: 'high', probability: 0.6, text: 'nol' },
    ]);
    expect(wrongRows(withTexts, [0, 1, 1, 0], [1, 1, 1, 1], ['low', 'high'])).toEqual([]);
    const written = wrongRows({ ...withTexts, writtenTests: ['Nol!', 'Satu!', 'DUA', '3'] }, [0, 1, 0, 0], [1, 1, 1, 1], ['low', 'high']);
    expect(written.map((r) => r.text)).toEqual(['DUA']);
  });

  it('come with their own picture', () => {
    const [first, second] = wrongRows(withImages, [1, 1, 0, 0], [0.6, 0.9, 0.8, 0.8], ['low', 'high']);
    expect(first?.picture).toMatch(/^data:image\/png;base64,iVBOR/);
    expect(second?.row).toBe(0);
    expect(second?.picture).not.toBe(first?.picture);
    expect(first).not.toHaveProperty('text');
  });
});

describe('saraf errors', () => {
  let run = '';
  beforeAll(async () => {
    await saraf(['reproduce', 'tiny', '--factor', 'units', '--out', folder, '--seeds', '1'], [tinyExperiment({ epochs: 1 })]);
    const runs = join(folder, 'tiny', 'runs');
    run = join(runs, readdirSync(runs)[0] ?? '');
  });

  it('lists the wrong rows of a run that reproduce wrote', async () => {
    const { code, out } = await saraf(['errors', run, '--json', '--top', '3']);
    expect(code).toBe(0);
    const found = JSON.parse(out) as { wrong: number; rows: { row: number; probability: number; label: string; predicted: string }[] };
    const predictions = (JSON.parse(readFileSync(join(run, 'predictions.json'), 'utf8')) as { test: number[] }).test;
    expect(found.rows.length).toBe(Math.min(3, found.wrong));
    expect(found.wrong).toBeGreaterThan(0);
    for (const r of found.rows) {
      expect(r.predicted).toBe(['low', 'high'][predictions[r.row] ?? -1]);
      expect(r.label).not.toBe(r.predicted);
      expect(r.probability).toBeGreaterThanOrEqual(0.5);
    }
    const sorted = found.rows.map((r) => r.probability).toSorted((a, b) => b - a);
    expect(found.rows.map((r) => r.probability)).toEqual(sorted);
    expect((await saraf(['errors', run])).out).toContain('the most confident first');
  });

  it('cuts long texts in the table and marks repeated rows', async () => {
    const long = { ...withTexts, audited: { train: { texts: [] }, test: { texts: ['x '.repeat(200), 'b', 'c', 'd'] } } };
    const { out } = await saraf([
      'errors',
      runFolder(
        'long',
        wrongRows(long, [1, 1, 1, 1], [0.9, 1, 1, 0.7], ['low', 'high'], (r) => r === 3),
      ),
    ]);
    expect(out).toContain('2 of 2 wrong test rows');
    expect(out).toContain('x…');
    expect(out).toContain('3*');
    expect(out).toContain('left out without leaks');
    expect((await saraf(['errors', runFolder('right', [])])).out).toBe('No test row was wrong.\n');
  });

  it('writes pictures', async () => {
    const path = runFolder('pictures', wrongRows(withImages, [1, 1, 0, 0], [0.6, 0.9, 0.8, 0.8], ['cat', 'dog']));
    const into = join(folder, 'png');
    expect(await saraf(['errors', path, '--pictures', into])).toMatchObject({ code: 0, err: `2 pictures in ${into}\n` });
    expect(readdirSync(into).sort()).toEqual(['row-0-cat-called-dog.png', 'row-2-dog-called-cat.png']);
    expect(readFileSync(join(into, 'row-0-cat-called-dog.png')).subarray(1, 4).toString()).toBe('PNG');
  });

  it('says what is wrong with a folder', async () => {
    const message = async (...args: string[]): Promise<unknown> => (await saraf(['errors', ...args])).err;
    expect(await message(folder)).toContain('expected the folder of a finished run');
    expect(await message(runFolder('old', null))).toContain('run it again');
    const texts = runFolder('texts', wrongRows(withTexts, [1, 1, 1, 0], [1, 1, 1, 1], ['low', 'high']));
    expect(await message(texts, '--pictures', join(folder, 'none'))).toContain('expected a run on pictures');
    expect(existsSync(join(folder, 'none'))).toBe(false);
    writeFileSync(join(texts, 'errors.json'), '{"rows": [');
    expect(await message(texts)).toContain('damaged');
    expect((await saraf(['errors', texts, '--top', '0'])).code).toBe(2);
  });
});

describe('the report', () => {
  it('names the command for all errors as it works where the run was made, and no path of this machine', async () => {
    const command = (html: string): string => /<code>npx saraf errors ([^<]+)<\/code>/.exec(html)?.[1] ?? '';
    const elsewhere = command(readFileSync(join(folder, 'tiny', 'report.html'), 'utf8'));
    expect(elsewhere).toMatch(/^runs\/[0-9a-f]{16}$/);
    expect((await saraf(['errors', join(folder, 'tiny', elsewhere)])).code).toBe(0);
    const here = mkdtempSync('saraf errors ');
    try {
      await saraf(['reproduce', 'tiny', '--factor', 'units', '--out', here, '--seeds', '1'], [tinyExperiment({ epochs: 1 })]);
      const told = command(readFileSync(join(here, 'tiny', 'report.html'), 'utf8')).replaceAll('&#39;', "'");
      expect(told).toMatch(/^'saraf errors .*\/tiny\/runs\/[0-9a-f]{16}'$/);
      expect((await saraf(['errors', told.slice(1, -1)])).code).toBe(0);
    } finally {
      rmSync(here, { recursive: true, force: true });
    }
  });

  it('shows the most confident errors of the variant with the best validation score, without leaks where that was run', () => {
    const { results, trained } = syntheticResults();
    const rows = wrongRows(withTexts, [1, 0, 1, 0], [0.6, 0.9, 0.8, 0.8], ['low', 'high']);
    const { html } = buildReport(
      results,
      trained.map((t) => ({ ...t, wrong: t.cell.protocol === 'leak-free' ? rows : [] })),
    );
    const section = html.slice(html.indexOf('<h2 id="errors">'), html.indexOf('<h2 id="audit">'));
    expect(section).toContain('satu &lt;b&gt;');
    expect(section).toContain('direction: bi');
    expect(section).toContain('90.0 %');
    expect(section).toMatch(/in the folder of this page <code>npx saraf errors runs\/[^/<]+<\/code> lists all/);
    expect(buildReport(results, trained).html).not.toContain('id="errors"');
    expect(
      buildReport(
        results,
        trained.map((t) => ({ ...t, wrong: [] })),
      ).html,
    ).toContain('No test row that counts is wrong');
    const pictures = wrongRows(withImages, [1, 0, 1, 0], [0.6, 0.9, 0.8, 0.8], ['low', 'high']);
    expect(
      buildReport(
        results,
        trained.map((t) => ({ ...t, wrong: pictures })),
      ).html,
    ).toContain('<img class="row" alt="test row 1" src="data:image/png');
  });
});
