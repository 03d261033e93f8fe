import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from '../experiments/results.js';
import { writeFileAtomic } from '../files/atomic.js';
import { bodyInLanguage, label, type Language } from './language/index.js';
import { plainDocument } from './page/document.js';
import { escapeHtml as e } from './page/escape.js';
import { runSheetSection } from './page/info-sheet.js';
import { withScale } from './page/sections.js';

/** The model info sheet of one run as a page of its own; null where no cell counts the run. */
export function runSheet(results: Results, id: string, language: Language = 'en'): string | null {
  const section = runSheetSection(results, id);
  if (section === '') return null;
  const body = `<header><h1>${e(results.title)}</h1><p class="quiet">${e(results.document)} · <code>${e(results.experiment)}</code> · ${results.scale}: ${e(results.scaleNote)} · <code>${e(id)}</code></p></header>
<main>
${withScale(section, [results])}
</main>
<footer>Written by saraf. What determines this run is in config.json beside this page, its scores in metrics.json.</footer>`;
  return plainDocument(`${label('Model info sheet', language)}: ${results.experiment} ${id}`, bodyInLanguage(body, language), language);
}

/** Writes info.html into the folder of each run that the results count, where it is not there as it would be. */
export function writeRunSheets(folder: string, results: Results, language: Language = 'en'): void {
  const cells = [...results.cells, ...(results.beside?.cells ?? [])];
  for (const id of new Set(cells.flatMap((c) => c.runs.map((r) => r.id)))) {
    const own = join(folder, 'runs', id);
    const page = existsSync(own) ? runSheet(results, id, language) : null;
    const path = join(own, 'info.html');
    if (page !== null && !(existsSync(path) && readFileSync(path, 'utf8') === page)) writeFileAtomic(path, page);
  }
}
