import { join } from 'node:path';
import { SarafError } from '../errors.js';
import type { Results } from '../experiments/results.js';
import { writeFileAtomic } from '../files/atomic.js';
import { makeFolder } from '../files/make-folder.js';
import { classTables } from './class-table.js';
import { readCharts } from './chart-files.js';
import { pngOf, renderSvg } from './charts/render.js';
import { chartInLanguage, type Language } from './language/index.js';
import type { OverviewEntry } from './page/overview-sections.js';
import { factorsRun } from './rows.js';
import { slug } from './slug.js';
import { classPaperTable } from './tables/class-paper-table.js';
import { csvOf, resultsCsv } from './tables/csv.js';
import { factorTable } from './tables/factor-table.js';
import { htmlOf } from './tables/html.js';
import { latexOf } from './tables/latex.js';
import type { PaperTable } from './tables/paper-table.js';
import { meansTable, quotedTable } from './tables/printed-tables.js';
import { RESULT_TABLES } from './tables/result-tables.js';

/** The tables over all factors that have rows, of one experiment or several. */
export function resultTables(all: readonly Results[], language: Language): PaperTable[] {
  return RESULT_TABLES.map((build) => build(all, language)).filter((table) => table !== null);
}

/** The tables of one experiment: of its factors, of the classes of a variant of each, of what its document prints beyond them, and those over all factors. */
export function experimentTables(results: Results, language: Language): PaperTable[] {
  const factors = factorsRun(results);
  const ran = new Set(factors.map((f) => f.name));
  const means = (results.printed?.means ?? []).filter((m) => ran.has(m.factor));
  return [
    ...factors.map((factor) => factorTable(results, factor, language)),
    ...factors.flatMap(({ name }) => classTables(results, name).map((own) => classPaperTable(results, own, language))),
    ...means.map((own) => meansTable(results, own, language)),
    ...[quotedTable(results, language)].filter((table) => table !== null),
    ...resultTables([results], language),
  ];
}

/** Files that were written, and why there is no PNG among them if there is none. */
export interface Exported {
  readonly files: number;
  readonly withoutPng: string | null;
}

class Export {
  files = 0;
  withoutPng: string | null = null;
  private readonly width: number;
  private readonly language: Language;

  constructor(width: number, language: Language) {
    this.width = width;
    this.language = language;
  }

  put(folder: string, name: string, content: string | Uint8Array): void {
    makeFolder(folder);
    writeFileAtomic(join(folder, name), content);
    this.files++;
  }

  tables(folder: string, tables: readonly PaperTable[]): void {
    for (const table of tables) {
      const name = slug(table.name);
      this.put(folder, `${name}.csv`, csvOf(table));
      this.put(folder, `${name}.tex`, latexOf(table));
      this.put(folder, `${name}.html`, htmlOf(table, this.language));
    }
  }

  async charts(folder: string, pageFolder: string): Promise<void> {
    for (const { id, spec } of readCharts(pageFolder)) {
      const svg = await renderSvg(chartInLanguage(spec, this.language), this.width);
      this.put(folder, `${id}.svg`, svg);
      if (this.withoutPng !== null) continue;
      try {
        this.put(folder, `${id}.png`, await pngOf(svg));
      } catch (error) {
        // No font on this machine: the rest is still of use.
        if (!(error instanceof SarafError && error.code === 'ERR_STATE')) throw error;
        this.withoutPng = error.message;
      }
    }
  }
}

/**
 * Writes for each experiment what a paper needs: results.csv, each table as CSV, for LaTeX and for word processors
 * (HTML), and each chart of its report as SVG and PNG; and the same of the overview into a folder of that name.
 *
 * Units:  width of charts in pixels.
 * Throws: ERR_FORMAT for a chart that is damaged.
 */
export async function exportResults(
  dir: string,
  entries: readonly OverviewEntry[],
  into: string,
  width = 640,
  language: Language = 'en',
): Promise<Exported> {
  const out = new Export(width, language);
  for (const { results } of entries) {
    const folder = join(into, results.experiment);
    out.put(folder, 'results.csv', resultsCsv(results));
    out.tables(folder, experimentTables(results, language));
    await out.charts(folder, join(dir, results.experiment));
  }
  const all = entries.map((x) => x.results);
  const overview = join(into, 'overview');
  if (all.length > 1) out.tables(overview, resultTables(all, language));
  await out.charts(overview, dir);
  return { files: out.files, withoutPng: out.withoutPng };
}
