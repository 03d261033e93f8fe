import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import type { Results } from '../experiments/results.js';
import { writeFileAtomic } from '../files/atomic.js';
import { makeFolder } from '../files/make-folder.js';
import { pngOf, renderSvg } from './charts/render.js';
import { isChartFile, type ChartSpec } from './charts/spec.js';
import { chartInLanguage, type Language } from './language/index.js';
import type { OverviewEntry } from './page/overview-sections.js';
import { factorsRun } from './rows.js';
import { slug } from './slug.js';
import { csvOf, resultsCsv } from './tables/csv.js';
import { factorTable } from './tables/factor-table.js';
import { htmlOf } from './tables/html.js';
import { latexOf } from './tables/latex.js';
import type { PaperTable } from './tables/paper-table.js';
import { RESULT_TABLES } from './tables/result-tables.js';

/** A table per factor, then those over all factors that have rows. */
function tablesOf(results: Results, language: Language): PaperTable[] {
  const own = RESULT_TABLES.map((build) => build([results], language)).filter((table) => table !== null);
  return [...factorsRun(results).map((factor) => factorTable(results, factor, language)), ...own];
}

/**
 * Writes for each experiment what a paper needs: results.csv, each table as CSV, for LaTeX and for word processors
 * (HTML), and each chart of its report as SVG and PNG.
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
    for (const table of tablesOf(results, language)) {
      put(folder, `${slug(table.name)}.csv`, csvOf(table));
      put(folder, `${slug(table.name)}.tex`, latexOf(table));
      put(folder, `${slug(table.name)}.html`, htmlOf(table, language));
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
