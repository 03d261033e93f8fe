import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import type { CellResult, Results } from '../experiments/results.js';
import { writeFileAtomic } from '../files/atomic.js';
import { makeFolder } from '../files/make-folder.js';
import { pngOf, renderSvg } from './charts/render.js';
import { isChartFile, type ChartSpec } from './charts/spec.js';
import { chartInLanguage, label, type Language } from './language/index.js';
import { escapeHtml } from './page/escape.js';
import type { OverviewEntry } from './page/overview-sections.js';
import { factorsRun, seedRange, seedsInWords, tableRows } from './rows.js';
import { slug } from './slug.js';

const quoted = (value: string): string => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** A row per cell, with a head: what it is, what was published, mean, deviation, 95 % interval. Numbers as they are, not rounded. */
export function resultsCsv(results: Results): string {
  const head = 'experiment,scale,factor,variant,mask,protocol,metric,comparable,published,mean,std,low,high,difference,validation,seeds,rows_tested'; // prettier-ignore
  const rows = results.cells.map((c) =>
    [
      results.experiment,
      results.scale,
      c.factor,
      c.variant,
      c.mask ?? '',
      c.protocol,
      c.metric,
      c.comparable,
      c.published ?? '',
      c.mean,
      c.std ?? '',
      c.interval?.low ?? '',
      c.interval?.high ?? '',
      c.difference ?? '',
      c.validation,
      c.runs.length,
      c.rowsTested,
    ]
      .map((value) => quoted(String(value)))
      .join(','),
  );
  return [head, ...rows, ''].join('\n');
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': String.raw`\textbackslash{}`,
  '~': String.raw`\textasciitilde{}`,
  '^': String.raw`\textasciicircum{}`,
  '×': String.raw`$\times$`,
  '–': '--',
  '≤': String.raw`$\leq$`,
  '≥': String.raw`$\geq$`,
};

/** Text as LaTeX shows it. */
export function escapeLatex(text: string): string {
  return text.replace(/[\\~^×–≤≥&%$#_{}]/g, (sign) => SPECIAL[sign] ?? `\\${sign}`);
}

const NONE = '–';
const figure = (cell: CellResult | null): string =>
  cell === null || !Number.isFinite(cell.mean) ? NONE : `${cell.mean.toFixed(2)}${cell.std === null ? '' : ` ± ${cell.std.toFixed(2)}`}`;
const interval = (cell: CellResult | null): string => (cell?.interval ? `[${cell.interval.low.toFixed(2)}, ${cell.interval.high.toFixed(2)}]` : NONE); // prettier-ignore

/** A factor's table as texts: published, and both protocols with their 95 % intervals. The first `texts` columns are words, the others figures. */
interface PaperTable {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly texts: number;
  readonly rows: readonly (readonly string[])[];
}

/** What a table shows, in a sentence. */
function captionOf(
  results: Results,
  factor: { readonly name: string; readonly title: string },
  metric: string,
  language: Language,
): string {
  const cells = results.cells.filter((c) => c.factor === factor.name);
  const [least, n] = seedRange(cells);
  const { title } = factor;
  if (language === 'id') {
    const standIn = results.standIn === null ? '' : ' Pengganti: tidak dapat dibandingkan dengan angka terpublikasi.';
    return `${title}: ${label(metric, language)} pada data uji, ${n === 1 ? 'satu seed' : `rata-rata ± simpangan baku dari ${least === n ? n : `${least} sampai ${n}`} seed`} (skala ${results.scale}).${standIn}`;
  }
  const standIn = results.standIn === null ? '' : ' Stand-in: not comparable with the published figures.';
  return `${title}: ${metric} on the test part, ${n === 1 ? 'one seed' : `mean ± standard deviation over ${seedsInWords(cells)}`} (${results.scale} scale).${standIn}`;
}

function paperTable(results: Results, factor: { readonly name: string; readonly title: string }, language: Language): PaperTable {
  const rows = tableRows(results.cells.filter((c) => c.factor === factor.name));
  const masked = rows.some((r) => r.mask !== null);
  const printed = rows.some((r) => r.published !== null);
  const repeated = rows.some((r) => r.reproduced !== null);
  const metric = results.cells.find((c) => c.factor === factor.name)?.metric ?? '';
  return {
    caption: captionOf(results, factor, metric, language),
    heads: ['variant', ...(masked ? ['mask'] : []), ...(printed ? ['published'] : []), ...(repeated ? ['reproduced', '95 % interval'] : []), repeated ? 'leak-free' : 'score', '95 % interval'].map((head) => label(head, language)), // prettier-ignore
    texts: masked ? 2 : 1,
    rows: rows.map((r) => [
      r.variant,
      ...(masked ? [r.mask ?? NONE] : []),
      ...(printed ? [r.published?.toFixed(2) ?? NONE] : []),
      ...(repeated ? [figure(r.reproduced), interval(r.reproduced)] : []),
      figure(r.leakFree),
      interval(r.leakFree),
    ]),
  };
}

/** A factor's table for LaTeX with the package booktabs. */
export function latexTable(results: Results, factor: { readonly name: string; readonly title: string }, language: Language = 'en'): string {
  const { caption, heads, texts, rows } = paperTable(results, factor, language);
  const cell = (value: string, i: number): string =>
    value === NONE ? '--' : i < texts ? escapeLatex(value) : `$${value.replace('±', String.raw`\pm`)}$`;
  return String.raw`% needs \usepackage{booktabs}
\begin{table}
  \centering
  \caption{${escapeLatex(caption).replaceAll('±', String.raw`$\pm$`)}}
  \label{tab:${slug(results.experiment, factor.name)}}
  \begin{tabular}{${'l'.repeat(texts)}${'r'.repeat(heads.length - texts)}}
    \toprule
    ${heads.map((head) => escapeLatex(head).replace(' \\%', String.raw`\,\%`)).join(' & ')} \\
    \midrule
${rows.map((row) => `    ${row.map(cell).join(' & ')} \\\\`).join('\n')}
    \bottomrule
  \end{tabular}
\end{table}
`;
}

/** A factor's table as a page of its own that a word processor takes over: plain rows and cells, no style sheet. */
export function htmlTable(results: Results, factor: { readonly name: string; readonly title: string }, language: Language = 'en'): string {
  const { caption, heads, texts, rows } = paperTable(results, factor, language);
  const cell = (tag: 'td' | 'th', value: string, i: number): string =>
    `<${tag} align="${i < texts ? 'left' : 'right'}">${escapeHtml(value)}</${tag}>`;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(factor.title)}</title></head><body>
<table border="1" cellspacing="0" cellpadding="4">
<caption>${escapeHtml(caption)}</caption>
<tr>${heads.map((head, i) => cell('th', head, i)).join('')}</tr>
${rows.map((row) => `<tr>${row.map((value, i) => cell('td', value, i)).join('')}</tr>`).join('\n')}
</table>
</body></html>
`;
}

/**
 * Writes for each experiment what a paper needs: results.csv, a table per factor for LaTeX and for word processors (HTML), and each chart of its report as SVG and PNG.
 *
 * Returns the number of files, and why there is no PNG among them if there is none. Units: width of charts in pixels.
 * Throws: ERR_FORMAT for a chart that is damaged.
 */
export async function exportResults(
  dir: string,
  entries: readonly OverviewEntry[],
  into: string,
  width = 640,
  language: Language = 'en',
): Promise<{ readonly files: number; readonly withoutPng: string | null }> {
  let files = 0;
  let withoutPng: string | null = null;
  const put = (folder: string, name: string, content: string | Uint8Array): void => {
    writeFileAtomic(join(folder, name), content);
    files++;
  };
  for (const { results } of entries) {
    const folder = join(into, results.experiment);
    makeFolder(folder);
    put(folder, 'results.csv', resultsCsv(results));
    for (const factor of factorsRun(results)) {
      put(folder, `${slug(factor.name)}.tex`, latexTable(results, factor, language));
      put(folder, `${slug(factor.name)}.html`, htmlTable(results, factor, language));
    }
    const charts = join(dir, results.experiment, 'charts');
    const names = existsSync(charts) ? readdirSync(charts).filter(isChartFile) : [];
    for (const name of names) {
      let spec: ChartSpec;
      try {
        spec = JSON.parse(readFileSync(join(charts, name), 'utf8')) as ChartSpec;
      } catch (cause) {
        throw new SarafError('ERR_FORMAT', 'report', `expected JSON in ${join(charts, name)}; run the experiment again`, { cause });
      }
      const svg = await renderSvg(chartInLanguage(spec, language), width);
      put(folder, name.replace(/\.v[lg]\.json$/, '.svg'), svg);
      if (withoutPng !== null) continue;
      try {
        put(folder, name.replace(/\.v[lg]\.json$/, '.png'), await pngOf(svg));
      } catch (error) {
        // No font on this machine: the rest is still of use.
        if (!(error instanceof SarafError && error.code === 'ERR_STATE')) throw error;
        withoutPng = error.message;
      }
    }
  }
  return { files, withoutPng };
}
