import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { workedExamples } from '../../src/experiments/equations/index.js';
import type { Results } from '../../src/experiments/results.js';
import { equationsLatex } from '../../src/reports/equations-export.js';
import { experimentTables, resultTables } from '../../src/reports/export.js';
import { latexOf } from '../../src/reports/tables/latex.js';
import { latexLayout } from '../../src/reports/tables/latex-layout.js';
import { escapeLatex, signsUnknown } from '../../src/reports/tables/latex-text.js';
import type { PaperColumn, PaperTable, PaperValue } from '../../src/reports/tables/paper-table.js';
import { findProgram } from '../helpers/find-program.js';
import { syntheticResults, syntheticSweep } from './synthetic.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-latex-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (head: string): PaperColumn => ({ head, kind: 'text' });
const score = (head: string): PaperColumn => ({ head, kind: 'score' });
const table = (columns: readonly PaperColumn[], rows: readonly (readonly PaperValue[])[]): PaperTable => ({
  subject: 'own',
  name: `table of ${columns.length} by ${rows.length}`,
  caption: 'Of my own: 50 % & more_of_it',
  columns,
  rows,
});
const scores = (n: number): PaperTable =>
  table([text('variant'), ...Array.from({ length: n }, (_, i) => score(`score ${i}`))], [['64 / 1e-3', ...Array.from({ length: n }, () => [93.08, 1.25] as const)]]); // prettier-ignore
const sentences = (words: number, rows = 1): PaperTable =>
  table([text('claim'), { head: 'what was seen', kind: 'prose' }], Array.from({ length: rows }, () => ['one', 'and so on '.repeat(words).trim()])); // prettier-ignore

describe('text for LaTeX', () => {
  it.each([
    ['50 % & a_b {3×3}', String.raw`50~\% \& a\_\allowbreak{}b \{3$\times$3\}`],
    ['\\ ~^#$ a < b', String.raw`\textbackslash{} \textasciitilde{}\textasciicircum{}\#\$ a $<$ b`],
    ['the document’s “best” and "negative"', "the document's ``best'' and ``negative''"],
    ['χ² = 3 ± 1, Δp ≤ 10⁻³, h₋₁ ⊙ σ', String.raw`$\chi$$^{2}$ = 3 $\pm$ 1, $\Delta$p $\leq$ 10$^{-3}$, h$_{-1}$ $\odot$ $\sigma$`],
    ['two\n\nlines\tand a tab', 'two lines and a tab'],
    ['1\u00a0000 naïve Çelik', '1~000 naïve Çelik'],
    ['', ''],
  ])('%j is %s', (given, expected) => expect(escapeLatex(given)).toBe(expected));

  it('that pdfLaTeX does not know is named in the table’s head, with what does', () => {
    const own = table([text('kelas 分類'), score('F1')], [['😀 baik', [1, null]]]);
    expect(latexOf(own)).toMatch(/^% needs .*\n% has signs that pdfLaTeX does not know \(分 類 😀\): compile it with XeLaTeX or LuaLaTeX/);
    expect(latexOf(scores(2))).not.toContain('does not know');
    expect(signsUnknown('zażółć gęślą «jaźń» naïve')).toEqual(['ę', 'ą', '«', '»']);
  });
});

describe('the layout of a table for LaTeX', () => {
  it('is as it is where it fits, then smaller, then on its side, then scaled', () => {
    expect(latexLayout(scores(3))).toEqual({ size: 'normal', turned: false, long: false, widths: null, excess: 0 });
    expect(latexLayout(scores(5))).toMatchObject({ size: 'small', turned: false, widths: null });
    expect(latexLayout(scores(8))).toMatchObject({ turned: true, widths: null, excess: 0 });
    expect(latexLayout(scores(30)).excess).toBeGreaterThan(10);
    expect(latexOf(scores(30))).toContain(String.raw`\resizebox{\linewidth}{!}{%`);
    expect(latexOf(scores(8))).toContain(String.raw`\begin{sidewaystable}`);
    expect(latexOf(scores(3))).not.toMatch(/footnotesize|sideways|resizebox|raggedright/);
  });

  it('breaks cells into lines before it turns a table, and gives most room to the longest', () => {
    const { widths, turned } = latexLayout(sentences(40));
    expect(turned).toBe(false);
    expect(widths?.[1]).toBeGreaterThan((widths?.[0] ?? 0) * 5);
    expect(latexOf(sentences(40))).toContain(String.raw`\raggedright\arraybackslash}p{`);
  });

  it('counts the lines that cells are broken into when it asks what a page holds', () => {
    expect(latexLayout(sentences(2, 40)).long).toBe(false);
    expect(latexLayout(sentences(2, 41)).long).toBe(true);
    expect(latexLayout(sentences(40, 5)).long).toBe(false);
    expect(latexLayout(sentences(40, 12)).long).toBe(true);
  });

  it('stands without rows', () => {
    expect(latexLayout(table([text('a'), score('b')], []))).toMatchObject({ size: 'normal', long: false });
  });
});

/** Every table of the recorded results and of made-up ones, in both languages, and tables that are hard to lay out. */
function tables(): string[] {
  const recorded = join(import.meta.dirname, '..', '..', 'docs', 'results');
  const results = readdirSync(recorded, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => JSON.parse(readFileSync(join(recorded, name, 'results.json'), 'utf8')) as Results);
  const all = [...results, syntheticResults().results, syntheticSweep().results];
  const hard = [scores(7), scores(8), scores(30), sentences(40), sentences(40, 60), table([text('no rows'), score('b')], [])];
  const signs = table([text('\\&%$#_{}~^'), score('"F1"')], [['<|>…→≈≠≤≥·⊙√∂∞‖′ αβγδεζηθικλμνξπρσςτυφχψω ΓΔΘΛΞΠΣΥΦΨΩ ⁰¹²³⁻ᵀ ₀₁₂₋ çñü‑ “‘’”', [1, null]]]); // prettier-ignore
  // Every letter of which the head of a table says nothing.
  const latin = Array.from({ length: 0x17f - 0xa0 }, (_, i) => String.fromCodePoint(0xa1 + i)).filter(
    (sign) => signsUnknown(sign).length === 0,
  );
  const letters = table([text('letters'), score('F1')], latin.map((sign) => [sign, [1, null]])); // prettier-ignore
  return [
    ...(['en', 'id'] as const).flatMap((language) => [
      ...all.flatMap((own) => experimentTables(own, language)),
      ...resultTables(all, language),
    ]),
    ...hard,
    signs,
    letters,
  ].map((own) => latexOf(own));
}

const pdflatex = findProgram('pdflatex');
describe.skipIf(pdflatex === null)(`LaTeX itself${pdflatex === null ? ' (skipped: no pdflatex in PATH)' : ''}`, () => {
  it('sets every table, and none is wider than the page or higher', { timeout: 300_000 }, () => {
    const texts = [...tables(), equationsLatex(workedExamples()), equationsLatex(workedExamples(), 'id')];
    expect(texts.length).toBeGreaterThan(150);
    const packages = new Set(
      texts.flatMap((own) => [...(own.split('\n')[0] ?? '').matchAll(/\\usepackage\{[^}]+\}/g)].map(([name]) => name)),
    );
    const body = texts.map((own, i) => `\\typeout{TABLE ${i}}\n${own}\\clearpage\n`).join('');
    writeFileSync(
      join(folder, 'all.tex'),
      `\\documentclass{article}\n${[...packages].join('\n')}\n\\begin{document}\n${body}\\end{document}\n`,
    );
    const run = (): string =>
      execFileSync(pdflatex ?? '', ['-interaction=nonstopmode', '-halt-on-error', 'all.tex'], {
        cwd: folder,
        encoding: 'latin1',
        maxBuffer: 1e9,
      });
    // The columns of a table over several pages are known from the run before.
    for (let i = 0; i < 3; ++i) run();
    const wide = run()
      .split('TABLE ')
      .flatMap((part) => [...part.matchAll(/(Overfull \\[hv]box \(([\d.]+)pt|Float too large)[^\n]*/g)].filter(([, , pt]) => Number(pt ?? 99) > 2).map(([line]) => `${part.split('\n')[0]}: ${line}`)); // prettier-ignore
    expect(wide).toEqual([]);
  });
});
