import { describe, expect, it } from 'vitest';
import { evaluateClasses } from '../../src/experiments/evaluate.js';
import { mean, sampleStd } from '../../src/experiments/statistics.js';
import type { CellResult, Results } from '../../src/experiments/results.js';
import { classificationReport } from '../../src/metrics/classification-report.js';
import { classTables, type ClassTable } from '../../src/reports/class-table.js';
import { classSection } from '../../src/reports/page/class-section.js';
import { formatDifference } from '../../src/reports/format.js';
import { buildOverview } from '../../src/reports/overview.js';
import { buildReport } from '../../src/reports/report.js';
import { classPaperTable } from '../../src/reports/tables/class-paper-table.js';
import { csvOf } from '../../src/reports/tables/csv.js';
import { htmlOf } from '../../src/reports/tables/html.js';
import { latexOf } from '../../src/reports/tables/latex.js';
import { groupsOf, printed } from '../../src/reports/tables/paper-table.js';
import { syntheticResults, syntheticSweep } from './synthetic.js';

/** What stands above the columns, their heads, and the rows as they are printed. */
function texts(own: Results, table: ClassTable): { groups: (readonly [string, number])[]; heads: string[]; rows: string[][] } {
  const { columns, rows } = classPaperTable(own, table);
  return {
    groups: groupsOf(columns).map((g) => [g.name, g.columns] as const),
    heads: columns.map((c) => c.head),
    rows: rows.map((row) => columns.map((column, i) => printed(row[i] ?? null, column))),
  };
}

const { results, trained } = syntheticResults();
const withCells = (change: (cell: CellResult) => CellResult): Results => ({ ...results, cells: results.cells.map(change) });

describe('scores per class', () => {
  const [table] = classTables(results, 'direction');
  const own = trained.find((t) => t.cell.variant === 'bi' && t.cell.mask === 'off' && t.cell.protocol === 'leak-free');
  if (!table || !own) throw new Error('expected a table and its runs');

  it('are means and deviations over seeds of what each run scored, of the variant that would be chosen', () => {
    expect(table).toMatchObject({ factor: 'direction', variant: 'bi', mask: 'off' });
    expect(table.rows.map((r) => r.name)).toEqual([
      'negative',
      'neutral',
      'positive',
      'macro average',
      'weighted average',
      'micro average',
    ]);
    for (const [k, name] of results.classNames.entries()) {
      for (const score of ['precision', 'recall', 'f1'] as const) {
        const values = own.evaluations.map((e) => e.perClass[k]?.[score] ?? Number.NaN);
        expect(table.rows[k]?.leakFree?.[score].mean, name).toBeCloseTo(mean(values), 10);
        expect(table.rows[k]?.leakFree?.[score].std, name).toBeCloseTo(sampleStd(values) ?? Number.NaN, 10);
      }
      expect(table.rows[k]?.leakFree?.support).toBe(own.evaluations[0]?.perClass[k]?.support);
    }
    const [macro, weighted, micro] = table.rows.slice(3).map((r) => r.leakFree);
    expect(macro?.f1.mean).toBeCloseTo(mean(own.evaluations.map((e) => e.macroF1)), 10);
    expect(weighted?.f1.mean).toBeCloseTo(mean(own.evaluations.map((e) => e.weightedF1)), 10);
    expect(micro?.f1.mean).toBeCloseTo(mean(own.evaluations.map((e) => e.accuracy)), 10);
    expect([macro?.support, weighted?.support, micro?.support]).toEqual([400, 400, 400]);
  });

  it('of one seed follow from its confusion matrix, without a deviation', () => {
    const one = classTables(
      withCells((c) => ({ ...c, runs: c.runs.slice(0, 1).map(({ called: _called, hits: _hits, ...r }) => r), confusion: own.evaluations[0]?.confusion ?? [] })), // prettier-ignore
      'direction',
    )[0];
    const first = own.evaluations[0]?.perClass[1];
    expect(one?.rows[1]?.leakFree).toMatchObject({ f1: { mean: first?.f1, std: null }, support: first?.support });
  });

  it('leave a class without a test row out of the macro average, and print that it has none', () => {
    // The third class is predicted but has no row.
    const labels = [0, 0, 0, 1, 1, 1];
    const confusion = evaluateClasses(labels, [0, 0, 2, 1, 1, 0], results.classNames).confusion;
    const changed = withCells((c) => ({ ...c, confusion, runs: c.runs.slice(0, 1) }));
    const found = classTables(changed, 'direction')[0];
    if (!found) throw new Error('expected a table');
    const report = classificationReport(labels, [0, 0, 2, 1, 1, 0], { classNames: [...results.classNames], over: 'labels' });
    expect(found.rows[3]?.leakFree?.f1.mean).toBeCloseTo(100 * report.macro.f1, 10);
    expect(texts(changed, found).rows[2]).toEqual(['positive', '0', '–', '–', '–']);
    expect(buildReport(changed, trained).html).toContain('A class without a test row has no scores');
    expect(classPaperTable(changed, found).notes).toEqual(['A class without a test row has no scores and does not count in the macro average.']); // prettier-ignore
    expect(classPaperTable(changed, found, 'id').notes?.[0]).toContain('tanpa baris uji');
    expect(classPaperTable(results, table).notes).toEqual([]);
  });

  it('show both protocols at once where they give the same, and side by side where not', () => {
    expect(texts(results, table)).toMatchObject({
      groups: [['', 1], ['both protocols', 4]], // prettier-ignore
      heads: ['class', 'support', 'precision', 'recall', 'F1'],
    });
    const other = trained.find((t) => t.cell.variant === 'uni' && t.cell.mask === 'on')?.cell;
    if (!other) throw new Error('expected a cell');
    const changed = withCells((c) => (c.protocol === 'leak-free' ? { ...c, confusion: other.confusion, runs: other.runs } : c));
    const [differs] = classTables(changed, 'direction');
    if (!differs) throw new Error('expected a table');
    const { groups, rows } = texts(changed, differs);
    expect(groups).toEqual([['', 1], ['reproduced', 4], ['leak-free', 4]]); // prettier-ignore
    expect(rows[0]).toHaveLength(9);
    expect(rows[0]?.[4]).not.toBe(rows[0]?.[8]);
  });

  it('are those of the only variant with a printed figure, or else of the one that would be chosen', () => {
    const single = withCells((c) => (c.variant === 'uni' ? c : { ...c, published: null }));
    expect(classTables(single, 'direction').map((t) => [t.variant, t.mask])).toEqual([['uni', 'off'], ['uni', 'on']]); // prettier-ignore
    const { printed: document, ...sweep } = syntheticSweep().results;
    expect(classTables(sweep, 'sweep').map((t) => t.variant)).toEqual(['4000 / 16 / 1e-4']);
    expect(classTables(syntheticSweep().results, 'sweep').map((t) => t.variant)).toEqual(['4000 / 16 / 1e-3']);
    const cells = sweep.cells.filter((c) => c.variant !== '4000 / 16 / 1e-3');
    expect(classTables({ ...sweep, ...(document ? { printed: document } : {}), cells }, 'sweep').map((t) => t.variant)).toEqual([
      '4000 / 16 / 1e-4',
    ]);
    expect(classTables({ ...results, choices: [] }, 'direction')[0]?.variant).toBe('uni');
    expect(classTables(results, 'nothing')).toEqual([]);
  });

  it('stand in the report, and not in that of older results of several seeds', () => {
    const { html } = buildReport(results, trained);
    const section = html.slice(html.indexOf('<h3>Scores per class</h3>')).split('<h2')[0] ?? '';
    expect(section.match(/<table>/g)).toHaveLength(2);
    expect(section).toMatch(/<td>neutral<\/td><td class="number">133<\/td><td class="number">\d+\.\d\d <span class="std">± \d/);
    expect(section).toContain('bi · mask off: percent on the test part, mean ± sample standard deviation over 3 seeds.');
    const older = withCells((c) => ({ ...c, runs: c.runs.map(({ called: _called, hits: _hits, ...r }) => r) }));
    expect(buildReport(older, trained).html).not.toContain('Scores per class');
  });

  it('of many classes open when they are asked for', () => {
    const classNames = Array.from({ length: 44 }, (_, k) => `H${k}`);
    const confusion = classNames.map((_, i) => classNames.map((__, j) => (i === j ? i : 0)));
    const many = { ...withCells((c) => ({ ...c, confusion, runs: c.runs.slice(0, 1) })), classNames };
    expect(classSection(many, 'direction')).toContain('<details><summary>44 classes</summary><div class="scroll"');
  });

  it('stand beside the printed ones, with the mean of those that are printed', () => {
    const sweep = syntheticSweep();
    const [found] = classTables(sweep.results, 'sweep');
    if (!found) throw new Error('expected a table');
    const { heads, rows } = texts(sweep.results, found);
    expect(heads).toHaveLength(1 + 3 + 4);
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ['negative', '90.00', '80.00', '84.70'],
      ['neutral', '–', '–', '–'],
      ['positive', '70.00', '60.00', '64.60'],
      ['mean of the 2 printed classes', '80.00', '70.00', '74.65'],
      ['macro average', '–', '–', '–'],
      ['weighted average', '–', '–', '85.00'],
      ['micro average', '86.00', '86.00', '86.00'],
    ]);
    const [negative, , positive, some] = found.rows.map((r) => r.leakFree);
    expect(some?.f1.mean).toBeCloseTo(((negative?.f1.mean ?? 0) + (positive?.f1.mean ?? 0)) / 2, 10);
    expect(some?.support).toBe((negative?.support ?? 0) + (positive?.support ?? 0));
    for (const { html } of [buildReport(sweep.results, sweep.trained), buildOverview([{ results: sweep.results, report: null }])]) {
      expect(html).toContain('<td><strong>mean of the 2 printed classes</strong></td>');
      expect(html).toContain('Averages of &lt;what&gt; are not said. <span class="tag">stand-in</span> No difference is printed.');
      expect(html).toContain('<th scope="colgroup" colspan="3" class="group">published</th>');
    }
  });

  it('have the difference of F1 where the cell is no stand-in, and the macro average where every class is printed', () => {
    const names = results.classNames.map((name) => [name, 90, 80, 85] as const);
    const document = { classes: [{ factor: 'direction', variant: 'bi', classes: names }] };
    const [found] = classTables({ ...results, printed: document }, 'direction');
    if (!found) throw new Error('expected a table');
    const { groups, heads, rows } = texts({ ...results, printed: document }, found);
    expect(groups).toEqual([['', 1], ['published', 3], ['both protocols', 5]]); // prettier-ignore
    expect(heads.at(-1)).toBe('difference');
    expect(rows).toHaveLength(6);
    expect(rows[3]?.slice(0, 4)).toEqual(['macro average', '90.00', '80.00', '85.00']);
    expect(rows[0]?.at(-1)).toBe(formatDifference((found.rows[0]?.reproduced?.f1.mean ?? 0) - 85));
    expect(rows[5]?.at(-1)).toBe('–');
    expect(classSection({ ...results, printed: document }, 'direction')).toContain('The difference is that of F1.');
  });

  it('are written as CSV, for LaTeX and for word processors, with what stands above the columns', () => {
    const paper = classPaperTable(results, table);
    expect(paper).toMatchObject({ name: 'classes direction mask off', subject: 'nusax-lstm' });
    const csv = csvOf(paper).split('\n');
    expect(csv[0]).toContain('class,both protocols support,both protocols precision,both protocols precision std,');
    expect(csv[1]).toContain(`negative,134,${String(table.rows[0]?.leakFree?.precision.mean)},`);
    const tex = latexOf(paper);
    expect(tex).toContain(String.raw`    & \multicolumn{4}{c}{both protocols} \\ \cmidrule(lr){2-5}`);
    expect(tex).toContain(String.raw`class & support & precision & recall & F1 \\`);
    expect(tex).toMatch(/macro average & \$400\$ & \$\d+\.\d\d \\pm \d/);
    expect(tex).toContain(String.raw`\caption{nusax-lstm: scores per class in percent on the test part, direction: bi, mask off, mean $\pm$ standard deviation over 3 seeds (quick scale).}`); // prettier-ignore
    const html = htmlOf(paper);
    expect(html).toContain('<tr><th colspan="1" align="center"></th><th colspan="4" align="center">both protocols</th></tr>\n<tr><th align="left">class</th>'); // prettier-ignore
    const id = htmlOf(classPaperTable(results, table, 'id'), 'id');
    for (const text of ['kedua protokol', 'presisi', 'rata-rata makro', 'tanpa masking']) expect(id).toContain(text);
  });

  it('say for papers that they are a stand-in, and why', () => {
    const { results: sweep } = syntheticSweep();
    const [found] = classTables(sweep, 'sweep');
    if (!found) throw new Error('expected a table');
    const paper = classPaperTable(sweep, found);
    expect(paper.caption).toContain('Stand-in: not comparable with the published figures.');
    expect(paper.notes).toEqual(['Averages of <what> are not said.', 'Other articles than the document’s.']);
    expect(csvOf(paper)).toContain('mean of the 2 printed classes,80,70,74.65,');
  });
});
