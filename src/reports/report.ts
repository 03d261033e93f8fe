import { dirname, isAbsolute, join, relative } from 'node:path';
import { writeFileAtomic } from '../files/atomic.js';
import type { Results, Trained } from '../experiments/results.js';
import { writeCharts } from './chart-files.js';
import { factorCharts, wordCharts } from './place-charts.js';
import { errorsSection } from './page/errors-section.js';
import { auditSection } from './page/audit-section.js';
import { classSection } from './page/class-section.js';
import { classRowsCharts, classRowsSection } from './page/class-rows-section.js';
import { comparisonSection } from './page/comparison-section.js';
import { bodyInLanguage, chartInLanguage, label, type Language } from './language/index.js';
import { htmlDocument, type PlacedChart } from './page/document.js';
import {
  baselineSection,
  choicesSection,
  dataSection,
  factorTable,
  figures,
  findingsSection,
  statementSections,
  verdictSection,
  withScale,
} from './page/sections.js';
import { headerSection, runsSection } from './page/run-sections.js';
import { infoSheetSection } from './page/info-sheet.js';
import { escapeHtml } from './page/escape.js';
import { meansSection, quotedSection } from './page/printed-section.js';
import { kerasSection } from './page/keras-section.js';
import { writeRunSheets } from './run-sheets.js';
import { precisionSection } from './page/precision-section.js';
import { precisionCharts } from './precision.js';
import { factorsRun } from './rows.js';

export interface Report {
  readonly html: string;
  readonly charts: readonly PlacedChart[];
}

/** A page and its charts with their labels in a language. */
export function pageOf(title: string, body: string, charts: readonly PlacedChart[], language: Language): Report {
  const own = charts.map(({ id, spec }) => ({ id, spec: chartInLanguage(spec, language) }));
  return { html: htmlDocument(label(title, language), bodyInLanguage(body, language), own, language), charts: own };
}

/** "Loss", "Loss and accuracy". */
function curveNames({ curves = ['loss'] }: Results): string {
  const names = curves.join(' and ');
  return names.charAt(0).toUpperCase() + names.slice(1);
}

/**
 * The page and its charts, from the results and the runs behind them and behind what stands beside them. Writes nothing.
 *
 * `out`: the folder above the experiment's, as the page is to name it in commands; null where that is no business of its readers.
 */
export function buildReport(
  results: Results,
  trained: readonly Trained[],
  besideTrained: readonly Trained[] = [],
  language: Language = 'en',
  out: string | null = null,
): Report {
  const charts: PlacedChart[] = [];
  const factors = factorsRun(results).map((factor) => {
    const own = factorCharts(results, trained, factor);
    charts.push(...own.sweeps, ...own.scores, ...own.losses, ...own.confusions, ...own.rocs);
    const rest = `${own.left} further ${own.left === 1 ? 'variant is' : 'variants are'} in the table and in results.json; charts show those that a protocol would choose and the ends of what is published.`;
    return `<h2 id="factor-${escapeHtml(factor.name)}">${escapeHtml(factor.title)}</h2>
${factorTable(results, factor.name)}
${figures(own.sweeps)}
${own.left > 0 ? `<p class="quiet">${rest}</p>` : ''}
${figures(own.scores)}
${own.losses.length === 0 ? '' : `<h3>${curveNames(results)} per epoch</h3><p class="quiet">Solid: training, dashed: validation. Lines are means over seeds, bands reach from the lowest to the highest seed.</p>${figures(own.losses)}`}
<h3>Confusion matrices</h3>${figures(own.confusions, true)}
${classSection(results, factor.name)}
${meansSection(results, factor.name)}
${own.rocs.length === 0 ? '' : `<h3>ROC curves</h3><p class="quiet">Each class against the rest, of the first seed, with the area under its curve.</p>${figures(own.rocs, true)}`}`;
  });
  const classRows = classRowsCharts(results);
  const words = wordCharts(results);
  charts.push(...classRows, ...words);
  const beside = precisionCharts(results, trained, besideTrained);
  charts.push(...beside);
  const figuresOf = [
    ...factors,
    precisionSection(results, beside),
    verdictSection(results),
    kerasSection(results),
    comparisonSection(results),
    choicesSection(results),
    baselineSection(results),
    quotedSection(results),
    errorsSection(results, trained, out),
    auditSection(results),
  ];
  const body = `${headerSection(results)}
<main>
${withScale(figuresOf.join('\n'), [results])}
${findingsSection(results)}
${statementSections(results)}
${withScale(infoSheetSection(results), [results])}
${classRowsSection(results, classRows)}
${words.length === 0 ? '' : `<h2 id="words">Words of each class</h2><p class="quiet">The most frequent ones in the training texts, stop words left out.</p>${figures(words)}`}
${dataSection(results)}
${withScale(runsSection(results), [results])}
</main>
<footer>Written by saraf ${escapeHtml(results.versions.saraf)}. The numbers are in results.json beside this page, the charts in charts/.</footer>`;
  return pageOf(results.title, body, charts, language);
}

/** A folder as commands typed here name it; null if it lies elsewhere, where only a path of this machine leads. */
function seenFromHere(folder: string): string | null {
  const path = relative(process.cwd(), folder);
  return isAbsolute(path) || path.startsWith('..') ? null : path;
}

/**
 * Writes report.html and charts/*.vl.json (.vg.json: Vega) into an experiment's folder, replacing charts of an earlier selection, and a model info
 * sheet into the folder of each run. Returns the page's path.
 */
export function writeReport(
  folder: string,
  results: Results,
  trained: readonly Trained[],
  besideTrained: readonly Trained[] = [],
  language: Language = 'en',
): string {
  const { html, charts } = buildReport(results, trained, besideTrained, language, seenFromHere(dirname(folder)));
  writeCharts(folder, charts);
  writeRunSheets(folder, results, language);
  const path = join(folder, 'report.html');
  writeFileAtomic(path, html);
  return path;
}
