import type { Results } from '../../experiments/results.js';
import { isStandIn, meansRows, meansTable, quotedTable } from '../tables/printed-tables.js';
import { escapeHtml as e } from './escape.js';
import { pageTable } from './page-table.js';

/** Means over a factor's grid that the document prints, beside ours over what was run; nothing where it prints none. */
export function meansSection(results: Results, factor: string): string {
  const own = (results.printed?.means ?? []).filter((m) => m.factor === factor && results.cells.some((c) => c.factor === factor));
  if (own.length === 0) return '';
  const standIn = isStandIn(own.flatMap((means) => meansRows(results, means)));
  const tables = own.map((means) => `${pageTable(meansTable(results, means))}${means.note ? `<p class="quiet">${e(means.note)}</p>` : ''}`);
  const metric = results.cells[0]?.metric ?? '';
  return `<h3>Means over the grid</h3>
${tables.join('\n')}
<p class="quiet">${e(metric.charAt(0).toUpperCase() + metric.slice(1))}, mean over the settings with that value: published over all of the document’s, here over those that were run, so that a mean of some of them is of another mix.${standIn ? ' <span class="tag">stand-in</span> No difference is printed.' : ''}</p>`;
}

/** Figures of others that the document sets its own against; nothing where it quotes none. */
export function quotedSection(results: Results): string {
  const quoted = quotedTable(results);
  if (quoted === null) return '';
  return `<h3>Figures of others that the document quotes</h3>
${pageTable(quoted)}
<p class="quiet">On other rows or classes, so no difference is printed: beside them ${e(results.cells[0]?.metric ?? '')} of the baselines here that are of the same kind.</p>`;
}
