import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it } from 'vitest';
import { saraf } from '../cli/capture.js';
import { gradientNorms, workedExamples } from '../../src/experiments/equations/index.js';
import { buildEquations, writeEquations } from '../../src/reports/equations.js';
import { equationsLatex, examplesTable, gradientsTable, numbersTable } from '../../src/reports/equations-export.js';
import { gradientNormsSpec } from '../../src/reports/charts/gradient-norms.js';
import { chartTheme } from '../../src/reports/charts/spec.js';
import { label } from '../../src/reports/language/index.js';
import { INDONESIAN } from '../../src/reports/language/indonesian.js';
import { csvOf } from '../../src/reports/tables/csv.js';
import { htmlOf } from '../../src/reports/tables/html.js';
import { expectError } from '../helpers/expect-error.js';
import { describePage } from './page-in-browser.js';
import { schemaErrors } from './schema.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-equations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const examples = workedExamples();
const norms = gradientNorms();
const parts = { examples, norms };

describe('the sheet of equations', () => {
  const { html, charts } = buildEquations(parts);

  it('marks the digits that differ, and says why', () => {
    expect(html).toContain('<strong class="no">0.599</strong>');
    expect(html).toContain('<strong class="no">0.846</strong>');
    expect(html).toContain('The sixth is a slip');
    expect(html).toContain('<span class="yes">agree to 3 decimals</span>');
    expect(html).toContain('<span class="no">1 of 6 differs at 3 decimals</span>');
    expect(html).toContain('<h2 id="findings">');
  });

  it('has every example, its formula and what went in, and a place that the list leads to', () => {
    for (const [, id] of html.matchAll(/<a href="#([^"]+)">/g)) expect(html.split(`id="${id}"`)).toHaveLength(2);
    expect([...html.matchAll(/<a href="#/g)]).toHaveLength(examples.length);
    for (const x of examples) expect(html, x.name).toContain(x.given.replaceAll('&', '&amp;'));
  });

  it('draws the gradients by the schema of Vega-Lite, of an LSTM by h and by c', () => {
    expect(charts.map((c) => c.id)).toEqual(['gradient-norms']);
    for (const chart of charts) expect(schemaErrors({ ...chart.spec, config: chartTheme('light') })).toEqual([]);
    const { values } = gradientNormsSpec(norms, 'g')['data'] as { values: { cell: string }[] };
    const cells = values.map((v) => v.cell);
    expect([...new Set(cells)]).toEqual(['SimpleRNN', 'LSTM', 'LSTM, c', 'GRU']);
  });

  it('refuses a chart of nothing', () => {
    const nothing = { cell: 'GRU', radius: 1, norms: [0, NaN], cellNorms: null } as const;
    expectError(() => gradientNormsSpec([nothing], 'none'), 'ERR_DATA', '[gradientNorms]');
  });

  it('has Indonesian headings, names, columns and verdicts, and the numbers as they are', () => {
    const own = buildEquations(parts, 'id');
    const body = own.html.slice(0, own.html.indexOf('<script'));
    // A heading or column of words has a translation; signs such as c₁, H0 or 0.9 are the same in any language.
    const plain = html.slice(0, html.indexOf('<script'));
    const words = [...plain.matchAll(/<(h[123]|th)(?: [^>]*)?>([^<>]+)<\/\1>/g)].map(([, , text]) => text as string);
    const signs =
      /^[\d, ]+$|^[ch][₁₂]$|^H\d+$|^F1$|^(sin|cos), t \d, i \d$|^[TF]PR, [\d.]+$|^(Inter)?nasional (P|R|F1)$|^Nasional (P|R|F1)$|^Regional (P|R|F1)$/;
    expect(words.length).toBeGreaterThan(100);
    for (const text of words) if (!signs.test(text)) expect(Object.hasOwn(INDONESIAN, text) || label(text, 'id') !== text, text).toBe(true);
    expect(own.html).toContain('<html lang="id">');
    expect(body).toContain('<h1>Contoh hitungan rumus</h1>');
    expect(body).toContain('>LSTM: forget gate langkah pertama</h3>');
    expect(body).toContain('<span class="no">1 dari 6 berbeda pada 3 desimal</span>');
    expect(body).toContain('<span>kernel saraf</span>');
    expect(body).toContain('<span>Dokumen 002</span>');
    expect(body).not.toMatch(/<(span|td)>Documents? \d/);
    expect(body).not.toMatch(/>(our kernels|printed|by the formula|agree to)[ <]/);
    expect(JSON.stringify(own.charts[0]?.spec)).toContain('radius spektral');
    const numbers = (text: string): string[] =>
      [...text.matchAll(/<td class="number">(?:<strong[^>]*>)?([-\d.]+)/g)].map(([, n]) => n as string);
    expect(numbers(body)).toEqual(numbers(plain));
  });
});

describe('the sheet for papers', () => {
  it('as CSV has a row per number, and says which do not agree', () => {
    const rows = parse(csvOf(numbersTable(examples)), { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(examples.reduce((n, x) => n + x.expected.length, 0));
    expect(rows.filter((row) => row['agrees'] === 'no')).toHaveLength(examples.reduce((n, x) => n + x.differ.length, 0));
    const sixth = rows.find((row) => row['example'] === 'LSTM: forget gate of the first step' && row['number'] === '6');
    expect(sixth).toMatchObject({ against: 'print', expected: '0.599', decimals: '3', agrees: 'no' });
    expect(Number(sixth?.['computed'])).toBeCloseTo(0.8455, 4);
  });

  it('as CSV has the gradient at each step, of an LSTM by both states', () => {
    const rows = parse(csvOf(gradientsTable(norms)), { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(norms.reduce((n, x) => n + x.norms.length + (x.cellNorms?.length ?? 0), 0));
    expect(rows.at(-1)).toMatchObject({ cell: 'GRU', spectral_radius: '1.2', state: 'h', step: '40', gradient_norm: '1' });
    expect(rows.filter((row) => row['state'] === 'c').every((row) => row['cell'] === 'LSTM')).toBe(true);
  });

  it.each(['en', 'id'] as const)('is a long table for LaTeX in plain ASCII, its groups closed (%s)', (language) => {
    const text = equationsLatex(examples, language);
    expect([...text].filter((c) => c.charCodeAt(0) > 126)).toEqual([]);
    expect(text.match(/^ {2}.* & .* & .* & .* \\\\$/gm)).toHaveLength(examples.length + 2); // the head stands on every page
    expect(text.split('\\begin{longtable}')).toHaveLength(2);
    expect(text).toContain(String.raw`$h_1 = o_1 \odot \tanh(c_1)$`);
    const open = text.replaceAll(/\\[{}]/g, '');
    expect(open.split('{').length).toBe(open.split('}').length);
    expect(open.split('$').length % 2).toBe(1);
    expect(text).toContain(language === 'id' ? '1 dari 6 berbeda pada 3 desimal' : '1 of 6 differs at 3 decimals');
  });

  it('is a plain table for word processors', () => {
    const text = htmlOf(examplesTable(examples, 'id'), 'id');
    expect(text).not.toMatch(/<style|class=/);
    expect(text.match(/<tr>/g)).toHaveLength(examples.length + 1);
    expect(text).toContain('>kernel saraf</th>');
    expect(text).toContain('>13.44</td><td align="left">14.44</td>');
  });
});

describe('saraf equations', () => {
  it('writes a page, or JSON', async () => {
    const out = join(folder, 'pages', 'equations.html');
    const page = await saraf(['equations', '--out', out]);
    expect(page).toMatchObject({ code: 0, err: '' });
    expect(page.out).toMatch(/forget gate.*1 of 6 differs/);
    expect(readFileSync(out, 'utf8')).toContain('Equations, worked');
    const json = await saraf(['equations', '--json', '--out', join(folder, 'none.html')]);
    expect((JSON.parse(json.out) as { examples: unknown[] }).examples.length).toBe(examples.length);
    expect(existsSync(join(folder, 'none.html'))).toBe(false);
  });

  it('exports tables and chart for papers, in a language', async () => {
    const [out, into] = [join(folder, 'own', 'rumus.html'), join(folder, 'paper')];
    const { code, out: said, err } = await saraf(['equations', '--out', out, '--export', into, '--width', '500', '--language', 'id']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(said).toContain(`6 files in ${into}`);
    expect(readdirSync(into).sort()).toEqual(['equations.csv', 'equations.html', 'equations.tex', 'gradient-norms.csv', 'gradient-norms.png', 'gradient-norms.svg']); // prettier-ignore
    const svg = readFileSync(join(into, 'gradient-norms.svg'), 'utf8');
    expect(svg).toContain('Gradien sepanjang langkah');
    expect(svg).toMatch(/^<svg[^>]* width="5\d\d"/);
    expect(readFileSync(join(into, 'gradient-norms.png')).subarray(1, 4).toString('latin1')).toBe('PNG');
    expect(readFileSync(join(into, 'equations.tex'), 'utf8')).toContain('sama sampai 6 desimal');
    expect(readFileSync(out, 'utf8')).toContain('Contoh hitungan rumus');
  });

  it('refuses to put the tables where the page is, an unknown language, and tables beside JSON', async () => {
    const out = join(folder, 'same', 'equations.html');
    const same = await saraf(['equations', '--out', out, '--export', join(folder, 'same')]);
    expect(same.code).not.toBe(0);
    expect(same.err).toMatch(/\[equations\] expected --export to be another folder/);
    expect(existsSync(out)).toBe(false);
    expect((await saraf(['equations', '--language', 'nl', '--out', out])).err).toContain('Allowed choices are en, id');
    const both = await saraf(['equations', '--json', '--export', folder]);
    expect(both.code).not.toBe(0);
    expect(both.err).toContain('cannot be used with');
  });
});

describePage(
  'equations',
  () => {
    const path = join(folder, 'equations.html');
    const report = buildEquations(parts);
    writeEquations(path, report);
    return { path, charts: report.charts };
  },
  async (page) => {
    const lines = await page.$eval('#gradient-norms svg', (svg) => svg.querySelectorAll('.mark-line path').length);
    expect(lines).toBeGreaterThanOrEqual(8);
  },
);
