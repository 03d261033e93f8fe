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
import { slug } from '../files/slug.js';
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
  /** Experiments beside whose report no charts lie. */
  readonly withoutCharts: readonly string[];
}

class Export {
  files = 0;
  private readonly names = new Set<string>();
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
      const name = this.free(folder, slug(table.name));
      this.put(folder, `${name}.csv`, csvOf(table));
      this.put(folder, `${name}.tex`, latexOf(table));
      this.put(folder, `${name}.html`, htmlOf(table, this.language));
    }
  }

  /** The name, with a number behind it where another table has it: a factor may be called as one of the others. */
  free(folder: string, name: string): string {
    const of = (n: number): string => (n === 1 ? name : `${name}-${n}`);
    let n = 1;
    while (this.names.has(join(folder, of(n)))) n++;
    this.names.add(join(folder, of(n)));
    return of(n);
  }

  /** Returns how many there are. */
  async charts(folder: string, pageFolder: string): Promise<number> {
    const charts = readCharts(pageFolder);
    for (const { id, spec } of charts) {
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
    return charts.length;
  }
}

/**
 * Writes for each experiment what a paper needs: results.csv; the tables of its factors, classes, comparisons, claims, leaks and baselines as
 * CSV, for LaTeX and for word processors (HTML); and each chart of its report as SVG and PNG. The same of the overview, where there are
 * several, into a folder of that name.
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
  const withoutCharts: string[] = [];
  for (const { results } of entries) {
    const folder = join(into, results.experiment);
    out.put(folder, `${out.free(folder, 'results')}.csv`, resultsCsv(results));
    out.tables(folder, experimentTables(results, language));
    if ((await out.charts(folder, join(dir, results.experiment))) === 0) withoutCharts.push(results.experiment);
  }
  const all = entries.map((x) => x.results);
  const overview = join(into, 'overview');
  if (all.length > 1) out.tables(overview, resultTables(all, language));
  await out.charts(overview, dir);
  return { files: out.files, withoutPng: out.withoutPng, withoutCharts };
}
