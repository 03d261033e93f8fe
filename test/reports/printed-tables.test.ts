import { describe, expect, it } from 'vitest';
import { mean } from '../../src/experiments/statistics.js';
import type { Results } from '../../src/experiments/results.js';
import { buildOverview } from '../../src/reports/overview.js';
import { meansSection, quotedSection } from '../../src/reports/page/printed-section.js';
import { buildReport } from '../../src/reports/report.js';
import { csvOf } from '../../src/reports/tables/csv.js';
import { printed, type PaperTable } from '../../src/reports/tables/paper-table.js';
import { meansRows, meansTable, quotedTable } from '../../src/reports/tables/printed-tables.js';
import { syntheticResults, syntheticSweep } from './synthetic.js';

const { results, trained } = syntheticSweep();
const [means] = results.printed?.means ?? [];
if (!means) throw new Error('expected printed means');

/** Heads, and rows as they are printed. */
function texts(table: PaperTable | null): { heads: string[]; rows: string[][] } {
  const { columns, rows } = table ?? { columns: [], rows: [] };
  return { heads: columns.map((c) => c.head), rows: rows.map((row) => columns.map((column, i) => printed(row[i] ?? null, column))) };
}

describe('printed means over a grid', () => {
  it('stand beside the means of what was run, with how many of how many', () => {
    const rows = meansRows(results, means);
    expect(rows.map((r) => r.at)).toEqual(['500', '1000', '2000', '4000', '5000']);
    const own = results.cells.filter((c) => c.protocol === 'leak-free' && c.variant.startsWith('500 / ')).map((c) => c.mean);
    expect(own).toHaveLength(4);
    expect(rows[0]?.leakFree).toEqual({ value: mean(own), settings: 4, comparable: false });
    const { heads, rows: shown } = texts(meansTable(results, means));
    expect(heads).toEqual(['documents', 'published', 'reproduced', 'leak-free', 'settings run']);
    expect(shown[0]).toEqual(['500', '8.33', (mean(own) + 1.5).toFixed(2), mean(own).toFixed(2), '4 of 4']);
    expect(shown[1]?.[1]).toBe('–');
    expect(shown[4]).toEqual(['5000', '83.33', '–', '–', '0 of 4']);
  });

  it('leave a value out that is neither printed nor run, and say where the protocols ran different numbers', () => {
    const cells = results.cells.filter(
      (c) => !c.variant.startsWith('1000 / ') && !(c.protocol === 'leak-free' && c.variant === '500 / 16 / 1e-3'),
    );
    const { rows } = texts(meansTable({ ...results, cells }, means));
    expect(rows.map((r) => r[0])).toEqual(['500', '2000', '4000', '5000']);
    expect(rows[0]?.at(-1)).toBe('4 and 3 of 4');
  });

  it('have a difference where all settings were run and none is a stand-in', () => {
    const comparable: Results = { ...results, cells: results.cells.map((c) => ({ ...c, comparable: 'yes' })) };
    const { heads, rows } = texts(meansTable(comparable, means));
    expect(heads.filter((h) => h === 'difference')).toHaveLength(2);
    const value = meansRows(comparable, means)[0]?.leakFree?.value ?? 0;
    expect(rows[0]?.[5]).toBe(`+${(value - 500 / 60).toFixed(2)}`);
    expect(rows[1]?.[5]).toBe('–');
    expect(meansSection(comparable, 'sweep')).not.toContain('stand-in');
    const fewer = { ...comparable, cells: comparable.cells.filter((c) => !c.variant.endsWith('256 / 1e-4')) };
    expect(texts(meansTable(fewer, means)).heads).not.toContain('difference');
  });

  it('are written for papers, marked as a stand-in, also in Indonesian', () => {
    const paper = meansTable(results, means);
    expect(paper).toMatchObject({ name: 'means sweep documents', subject: 'news-c-lstm', notes: ['Derived <b>.'] });
    expect(paper.caption).toBe('news-c-lstm: mean weighted F1 % over the grid by documents (quick scale). Stand-in: not comparable with the published figures.'); // prettier-ignore
    expect(csvOf(paper).split('\n')[5]).toBe(`5000,${5000 / 60},,,0 of 4`);
    expect(csvOf(meansTable(results, means, 'id')).split('\n')[0]).toBe(
      'dokumen,publikasi,reproduksi,bebas kebocoran,pengaturan dijalankan',
    );
    expect(quotedTable(results, 'id')?.caption).toContain('angka peneliti lain yang dikutip dokumen');
  });

  it('stand in the report and in the overview, and nowhere without them', () => {
    for (const { html } of [buildReport(results, trained), buildOverview([{ results, report: null }])]) {
      expect(html).toContain('<h3>Means over the grid</h3>');
      expect(html).toContain('Derived &lt;b&gt;.');
      expect(html).toContain('<span class="tag">stand-in</span> No difference is printed.');
    }
    expect(meansSection(syntheticResults().results, 'direction')).toBe('');
    expect(meansSection({ ...results, cells: [] }, 'sweep')).toBe('');
  });
});

describe('quoted figures', () => {
  it('stand beside a baseline of their kind', () => {
    const [first] = results.baselines;
    expect(texts(quotedTable(results)).rows).toEqual([
      ['Majority & co', 'accuracy, 2 classes', 'majority class', '20.50', first?.value.toFixed(2), '–'],
      ['Transformer', '–', '–', '85.21', '–', '–'],
    ]);
    const section = quotedSection(results);
    expect(section).toContain('Majority &amp; co');
    expect(buildReport(results, trained).html).toContain(section);
    expect(quotedSection(syntheticResults().results)).toBe('');
    expect(quotedTable(syntheticResults().results)).toBeNull();
  });
});
