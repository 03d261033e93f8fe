import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { saraf } from '../cli/capture.js';
import { pngOf } from '../../src/reports/charts/render.js';
import { writeReport } from '../../src/reports/report.js';
import { csvOf, resultsCsv } from '../../src/reports/tables/csv.js';
import { factorTable } from '../../src/reports/tables/factor-table.js';
import { htmlOf } from '../../src/reports/tables/html.js';
import { latexOf } from '../../src/reports/tables/latex.js';
import type { PaperTable } from '../../src/reports/tables/paper-table.js';
import { baselinesTable, claimsTable, comparisonsTable, leaksTable } from '../../src/reports/tables/result-tables.js';
import { syntheticResults, syntheticSweep } from './synthetic.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { results, trained } = syntheticResults();

describe('results for papers', () => {
  it('as CSV: a row per cell, numbers whole, names quoted where they must be', () => {
    const [first] = results.cells;
    if (!first) throw new Error('expected a cell');
    const csv = resultsCsv({
      ...results,
      cells: [first, { ...first, variant: 'Bi-64, "Bi-32"', published: null, difference: null, std: null }],
    });
    const [head, one, two, end] = csv.split('\n');
    expect(head?.split(',')).toHaveLength(17);
    expect(one).toContain(`nusax-lstm,quick,direction,uni,off,published,macro F1 %,yes,18.3,${first.mean},${String(first.std)},`);
    expect(two).toContain('"Bi-64, ""Bi-32"""');
    expect(two).toContain(`yes,,${first.mean},,`);
    expect(end).toBe('');
    expect(resultsCsv({ ...results, cells: [] }).split('\n')).toHaveLength(2);
  });

  it('as LaTeX: a table per factor', () => {
    const tex = latexOf(factorTable(results, { name: 'direction', title: 'Direction & more' }));
    expect(tex).toContain(String.raw`\begin{tabular}{llrrrrr}`);
    expect(tex).toMatch(/uni & off & \$18\.30\$ & \$16\.64 \\pm 0\.00\$ & \$\[14\.14, 19\.14\]\$ & .* \\\\/);
    expect(tex).toContain(String.raw`Direction \& more: macro F1~\% on the test part, mean $\pm$ standard deviation over 3 seeds`);
    expect(tex).toContain(String.raw`\label{tab:nusax-lstm-direction}`);
    expect(tex).not.toMatch(/stand-in/i);
    const sweep = syntheticSweep().results;
    const standIn = latexOf(factorTable(sweep, { name: 'sweep', title: 'Sweep' }));
    expect(standIn).toContain('Stand-in: not comparable');
    expect(standIn).toContain("Other articles than the document's.");
  });

  it('as LaTeX without columns for what was not run or printed', () => {
    const cells = results.cells
      .filter((c) => c.protocol === 'leak-free')
      .map(({ interval: _interval, ...c }) => ({ ...c, published: null, mask: null, std: null }));
    const tex = latexOf(factorTable({ ...results, cells, seeds: [1] }, { name: 'direction', title: 'Direction' }));
    expect(tex).toContain(String.raw`\begin{tabular}{lrr}`);
    expect(tex).toContain(String.raw`variant & score & 95\,\% interval \\`);
    expect(tex).toMatch(/uni & \$\d+\.\d\d\$ & -- \\\\/);
  });
});

describe('for a word processor', () => {
  it('is a table of plain cells, figures to the right', () => {
    const html = htmlOf(factorTable(results, { name: 'direction', title: 'Direction <&> more' }));
    expect(html).toContain('<caption>Direction &lt;&amp;&gt; more: macro F1 % on the test part, mean ± standard deviation over 3 seeds');
    expect(html).toContain(
      '<td align="left">uni</td><td align="left">off</td><td align="right">18.30</td><td align="right">16.64 ± 0.00</td>',
    );
    expect(html).not.toContain('class=');
  });
});

describe('stand-ins of single cells', () => {
  const cells = results.cells.map((c) =>
    c.variant === 'uni' && c.protocol === 'published' ? { ...c, comparable: 'stand-in' as const, standIn: 'made-up rows' } : c,
  );
  const table = factorTable({ ...results, cells }, { name: 'direction', title: 'Direction' });

  it('are marked in their row, with the reason below, in every format', () => {
    expect(table.caption).toContain('Rows marked stand-in: not comparable with the published figures.');
    expect(latexOf(table)).toMatch(/uni & off & .* & reproduced: stand-in \\\\/);
    expect(latexOf(table)).toMatch(/bi & off & .* & yes \\\\/);
    expect(latexOf(table)).toContain(String.raw`\footnotesize uni: made-up rows\end{minipage}`);
    expect(htmlOf(table)).toContain('<td align="left">reproduced: stand-in</td>');
    expect(htmlOf(table)).toContain('<p>uni: made-up rows</p>');
    expect(csvOf(table).split('\n')[0]).toBe('variant,mask,published,reproduced,reproduced std,reproduced low,reproduced high,leak-free,leak-free std,leak-free low,leak-free high,comparable'); // prettier-ignore
    expect(csvOf(table).split('\n')[1]).toMatch(/^uni,off,18\.3,.*,reproduced: stand-in$/);
    expect(htmlOf(factorTable({ ...results, cells }, { name: 'direction', title: 'Arah' }, 'id'), 'id')).toContain('reproduksi: pengganti');
  });
});

describe('tables over all factors', () => {
  const lines = (table: PaperTable | null): string[] => (table ? csvOf(table).split('\n') : []);

  it('hold baselines, comparisons, claims with their verdicts, and effects of the leaks', () => {
    expect(lines(baselinesTable([results]))).toEqual([
      'baseline,protocol,metric,score,how',
      'majority class,published,macro F1 %,18.44,"always ""negative"""',
      '',
    ]);
    expect(lines(comparisonsTable([results])).slice(0, 3)).toEqual([
      'factor,mask,protocol,best,other,higher by,95 % interval low,95 % interval high,better?',
      'direction,off,published,bi,uni,52.7,48.1,57.9,yes',
      'direction,on,leak-free,<bi>,uni,1.2,-0.8,3.4,cannot be told with 3 seeds',
    ]);
    expect(lines(claimsTable([results]))).toEqual(['claim,verdict,what was seen', 'Learns,holds,"uni, mask on"', 'Not run,cannot be told with 3 seeds,…', '']); // prettier-ignore
    expect(lines(leaksTable([results]))).toHaveLength(4 + 2);
    expect(lines(leaksTable([results]))[0]).toBe('factor,variant,mask,metric,as published,as published std,leak-free,leak-free std,effect of the leak'); // prettier-ignore
  });

  it('print differences with their sign, words to the left, and say what they are', () => {
    const table = comparisonsTable([results]);
    if (!table) throw new Error('expected a table');
    expect(table.caption).toBe('nusax-lstm: The best variant against the others: difference and 95 % interval of a paired bootstrap over test rows, and over seeds where several were run (quick scale).'); // prettier-ignore
    expect(latexOf(table)).toContain(String.raw`$<$bi$>$ & uni & $+1.20$ & $[-0.80, 3.40]$ & cannot be told with 3 seeds \\`);
    expect(latexOf(table)).toContain(String.raw`\label{tab:nusax-lstm-comparisons}`);
    expect(htmlOf(table)).toContain('<td align="right">[−0.80, 3.40]</td>');
    const id = comparisonsTable([results], 'id');
    expect(id && htmlOf(id, 'id')).toContain('<td align="left">tidak dapat disimpulkan dengan 3 seed</td>');
  });

  it('say at a reduced scale that no figure is comparable', () => {
    const reduced = { ...results, reduced: true };
    expect(claimsTable([reduced])?.caption).toContain('(quick scale: all rows, 10 epochs; no figure is comparable).');
    expect(factorTable(reduced, { name: 'direction', title: 'Arah' }, 'id').caption).toContain('(skala quick: all rows, 10 epochs; tidak ada angka yang dapat dibandingkan)'); // prettier-ignore
    expect(claimsTable([results], 'id')?.caption).toContain('(skala quick).');
  });

  it('name the experiment where there are several, and leave out what nobody has', () => {
    const sweep = syntheticSweep().results;
    expect(claimsTable([results, sweep])?.columns[0]?.head).toBe('experiment');
    expect(claimsTable([results, sweep])?.rows).toHaveLength(4);
    expect(leaksTable([sweep])?.columns.map((c) => c.head)).not.toContain('mask');
    expect(baselinesTable([{ ...results, baselines: [] }])).toBeNull();
    const { comparisons: _comparisons, ...older } = results;
    expect(comparisonsTable([older])).toBeNull();
  });

  it('go over several pages in LaTeX where they are long', () => {
    const [first] = results.findings.filter((f) => f.kind === 'computed');
    const long = claimsTable([{ ...results, findings: Array.from({ length: 41 }, () => first ?? results.findings[0]!) }]);
    if (!long) throw new Error('expected a table');
    const tex = latexOf({ ...long, notes: ['A note & more.'] });
    expect(tex).toContain(String.raw`\usepackage{booktabs} \usepackage{longtable}`);
    expect(tex).toContain(String.raw`\begin{longtable}{lll}`);
    expect(tex).toContain(String.raw`{\footnotesize A note \& more.\par}`);
    expect(latexOf({ ...long, rows: long.rows.slice(0, 40) })).toContain(String.raw`\begin{tabular}`);
  });

  it('have a dash, or nothing in CSV, where there is no figure', () => {
    const table: PaperTable = {
      subject: 's',
      name: 'n',
      caption: 'c',
      columns: [
        { head: 'a', kind: 'score' },
        { head: 'b', kind: 'number', digits: 0 },
        { head: 'c', kind: 'interval' },
      ],
      rows: [[[Number.NaN, null], 7, null], [[1, null], null, [1, 2]]], // prettier-ignore
    };
    expect(csvOf(table)).toBe('a,a std,b,c low,c high\n,,7,,\n1,,,1,2\n');
    expect(latexOf(table)).toMatch(/-- & \$7\$ & -- \\\\\n {4}\$1\.00\$ & -- & \$\[1\.00, 2\.00\]\$/);
  });
});

describe('saraf report --export', () => {
  const out = join(folder, 'out');
  const write = (): void => {
    writeReport(join(out, 'nusax-lstm'), results, trained);
    writeFileSync(join(out, 'nusax-lstm', 'results.json'), JSON.stringify(results));
  };

  it('writes tables, and each chart as SVG and PNG', async () => {
    write();
    const into = join(folder, 'paper');
    const seen = await saraf(['report', out, '--export', into, '--width', '500']);
    expect(seen).toMatchObject({ code: 0, err: '' });
    const files = readdirSync(join(into, 'nusax-lstm')).sort();
    const charts = readdirSync(join(out, 'nusax-lstm', 'charts')).flatMap((name) =>
      ['.svg', '.png'].map((end) => name.replace('.vl.json', end)),
    );
    const tables = [
      'baselines',
      'claims',
      'classes-direction-mask-off',
      'classes-direction-mask-on',
      'comparisons',
      'direction',
      'leak-effects',
    ].flatMap((name) => ['.csv', '.html', '.tex'].map((end) => name + end));
    expect(files).toEqual([...charts, ...tables, 'results.csv'].sort());
    const overview = readdirSync(join(into, 'overview')).sort();
    expect(overview).toEqual(
      ['against-nusax-lstm-direction-mask-off', 'against-nusax-lstm-direction-mask-on', 'epoch-times'].flatMap((c) => [`${c}.png`, `${c}.svg`]), // prettier-ignore
    );
    expect(readFileSync(join(into, 'overview', 'epoch-times.svg'), 'utf8')).toContain('seconds of an epoch');
    expect(seen.out).toContain(`${files.length + overview.length} files in ${into}`);
    const svg = readFileSync(join(into, 'nusax-lstm', 'scores-direction-mask-off.svg'), 'utf8');
    expect(svg).toMatch(/^<svg/);
    expect(svg).toContain('width="500"');
    expect(svg).toContain('published');
    const png = readFileSync(join(into, 'nusax-lstm', 'scores-direction-mask-off.png'));
    expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
    // Twice as wide as the SVG, and the labels are drawn: the same without its texts has other pixels.
    expect(png.readUInt32BE(16)).toBe(1000);
    expect(Buffer.from(await pngOf(svg)).equals(png)).toBe(true);
    expect(Buffer.from(await pngOf(svg.replace(/<text[\s\S]*?<\/text>/g, ''))).equals(png)).toBe(false);
    await expect(pngOf(svg, 0)).rejects.toThrow('positive scale');
  });

  it('refuses its own folder and damaged charts', async () => {
    write();
    expect(await saraf(['report', out, '--export', out])).toMatchObject({
      code: 1,
      err: expect.stringContaining('another folder') as string,
    });
    const second = join(out, 'news-c-lstm');
    mkdirSync(second);
    writeFileSync(join(second, 'results.json'), JSON.stringify(syntheticSweep().results));
    expect((await saraf(['report', out, '--export', join(folder, 'two')])).code).toBe(0);
    expect(readFileSync(join(folder, 'two', 'overview', 'claims.csv'), 'utf8')).toMatch(
      /^experiment,claim,[^]*\nnews-c-lstm,[^]*\nnusax-lstm,/,
    );
    expect(readdirSync(join(folder, 'two', 'overview'))).toContain('leak-effects.png');
    rmSync(second, { recursive: true });
    writeFileSync(join(out, 'nusax-lstm', 'charts', 'cut.vl.json'), '{"mark":');
    expect(await saraf(['report', out, '--export', join(folder, 'b')])).toMatchObject({ code: 1, err: expect.stringContaining('cut.vl.json') as string }); // prettier-ignore
    mkdirSync(join(folder, 'none'));
    expect((await saraf(['report', join(folder, 'none'), '--export', join(folder, 'c')])).code).toBe(1);
    expect((await saraf(['report', out, '--width', '0'])).code).toBe(2);
  });
});
