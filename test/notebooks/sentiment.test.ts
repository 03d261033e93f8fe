import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';
import { Notebook } from './notebook.js';

const root = packageRoot();
const runner = join(root, 'scripts', 'notebooks.mjs');
const name = '01-sentiment-with-a-bilstm.ipynb';
const runNotebooks = (...args: string[]) => spawnSync(process.execPath, [runner, ...args], { cwd: root, encoding: 'utf8' });

const absent = process.env['CI'] === undefined && runNotebooks('--check').status !== 0;
const why = absent ? ' (skipped: Jupyter is absent; `npm run notebooks` installs it, or set JUPYTER)' : '';

/** Marks of a kind that Vega drew: elements inside the group of that role. */
function marks(svg: string, kind: string): number {
  const groups = [...svg.matchAll(new RegExp(`<g class="mark-${kind} role-mark[^>]*>(.*?)</g>`, 'gs'))];
  return groups.reduce((sum, [, inside]) => sum + [...(inside as string).matchAll(/<(path|text|rect|line)\b[^>]*/g)].length, 0);
}

describe.skipIf(absent)(`notebooks/${name}${why}`, () => {
  const out = mkdtempSync(join(tmpdir(), 'saraf-notebooks-'));
  let executed: Notebook;

  beforeAll(() => {
    const result = runNotebooks(join(root, 'notebooks', name), '--out', out);
    if (result.status !== 0) throw new Error(result.stderr);
    executed = new Notebook(join(out, name));
  }, 600_000);
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  it('runs from clean and shows the head of the data as a table', () => {
    expect(executed.html[0]).toMatch(/<table>.*<th[^>]*>text<\/th>.*<td/s);
    expect(executed.printed).toMatch(/\d+ \/ \d+ \/ \d+ rows/);
  });

  it('draws the loss of every epoch, for training and validation', () => {
    const [loss] = executed.charts;
    expect(loss).toMatch(/^<svg/);
    expect(loss).toContain('Loss per epoch');
    // Two lines, and a dot per epoch and line.
    expect(marks(loss as string, 'line')).toBe(2);
    expect(marks(loss as string, 'symbol')).toBe(20);
  });

  it('draws a confusion matrix that counts every test row', () => {
    expect(executed.charts).toHaveLength(2);
    const matrix = executed.charts[1] as string;
    const counts = [...matrix.matchAll(/<text[^>]*font-size="13px"[^>]*>(\d+)<\/text>/g)].map(([, n]) => Number(n));
    // 3 × 3 classes, or 2 × 2 where another data set stands in.
    expect([4, 9]).toContain(counts.length);
    expect(marks(matrix, 'rect')).toBe(counts.length);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(400);
  });

  it('learns: the training loss ends below a third of where it began', () => {
    const losses = [...executed.printed.matchAll(/ loss ([\d.]+)/g)].map(([, value]) => Number(value));
    expect(losses).toHaveLength(10);
    expect(losses[9]).toBeLessThan((losses[0] as number) / 3);
  });
});

describe('the notebooks as they are stored', () => {
  it('carry no outputs: what a reader sees is what was executed', () => {
    expect(new Notebook(join(root, 'notebooks', name)).outputs).toEqual([]);
  });

  it('are refused when they do not exist', () => {
    const result = runNotebooks('notebooks/99-nothing.ipynb', '--out', join(root, 'out', 'nothing'));
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('expected a notebook, found no file');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });
});
