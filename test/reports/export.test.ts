import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { saraf } from '../cli/capture.js';
import { escapeLatex, htmlTable, latexTable, resultsCsv } from '../../src/reports/export.js';
import { pngOf } from '../../src/reports/charts/render.js';
import { writeReport } from '../../src/reports/report.js';
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

  it('as LaTeX: a table per factor, signs of its own escaped', () => {
    expect(escapeLatex('50 % & a_b {3×3} \\ ~^#$')).toBe(
      String.raw`50 \% \& a\_b \{3$\times$3\} \textbackslash{} \textasciitilde{}\textasciicircum{}\#\$`,
    );
    const tex = latexTable(results, { name: 'direction', title: 'Direction & more' });
    expect(tex).toContain(String.raw`\begin{tabular}{llrrrrr}`);
    expect(tex).toMatch(/uni & off & \$18\.30\$ & \$16\.64 \\pm 0\.00\$ & \$\[14\.14, 19\.14\]\$ & .* \\\\/);
    expect(tex).toContain(String.raw`Direction \& more: macro F1 \% on the test part, mean $\pm$ standard deviation over 3 seeds`);
    expect(tex).toContain(String.raw`\label{tab:nusax-lstm-direction}`);
    expect(tex).not.toContain('Stand-in');
    const sweep = syntheticSweep().results;
    expect(latexTable(sweep, { name: 'sweep', title: 'Sweep' })).toContain('Stand-in: not comparable');
  });

  it('as LaTeX without columns for what was not run or printed', () => {
    const cells = results.cells
      .filter((c) => c.protocol === 'leak-free')
      .map(({ interval: _interval, ...c }) => ({ ...c, published: null, mask: null, std: null }));
    const tex = latexTable({ ...results, cells, seeds: [1] }, { name: 'direction', title: 'Direction' });
    expect(tex).toContain(String.raw`\begin{tabular}{lrr}`);
    expect(tex).toContain(String.raw`variant & score & 95\,\% interval \\`);
    expect(tex).toMatch(/uni & \$\d+\.\d\d\$ & -- \\\\/);
  });
});

describe('for a word processor', () => {
  it('is a table of plain cells, figures to the right', () => {
    const html = htmlTable(results, { name: 'direction', title: 'Direction <&> more' });
    expect(html).toContain('<caption>Direction &lt;&amp;&gt; more: macro F1 % on the test part, mean ± standard deviation over 3 seeds');
    expect(html).toContain(
      '<td align="left">uni</td><td align="left">off</td><td align="right">18.30</td><td align="right">16.64 ± 0.00</td>',
    );
    expect(html).not.toContain('class=');
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
    expect(files).toEqual([...charts, 'direction.html', 'direction.tex', 'results.csv'].sort());
    expect(seen.out).toContain(`${files.length} files in ${into}`);
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
    writeFileSync(join(out, 'nusax-lstm', 'charts', 'cut.vl.json'), '{"mark":');
    expect(await saraf(['report', out, '--export', join(folder, 'b')])).toMatchObject({ code: 1, err: expect.stringContaining('cut.vl.json') as string }); // prettier-ignore
    mkdirSync(join(folder, 'none'));
    expect((await saraf(['report', join(folder, 'none'), '--export', join(folder, 'c')])).code).toBe(1);
    expect((await saraf(['report', out, '--width', '0'])).code).toBe(2);
  });
});
