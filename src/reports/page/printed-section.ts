import type { Results } from '../../experiments/results.js';
import { meansRows, meansTable, quotedTable, type TextTable } from '../printed-tables.js';
import { escapeHtml as e } from './escape.js';
import { table } from './sections.js';

const shown = ({ heads, rows, texts }: TextTable): string =>
  table(
    heads.map((h, i) => [e(h), i < texts ? 'text' : 'number'] as const),
    rows.map((row) => row.map(e)),
  );

/** Means over a factor's grid that the document prints, beside ours over what was run; nothing where it prints none. */
export function meansSection(results: Results, factor: string): string {
  const own = (results.printed?.means ?? []).filter((m) => m.factor === factor && results.cells.some((c) => c.factor === factor));
  if (own.length === 0) return '';
  const standIn = own
    .flatMap((means) => meansRows(results, means))
    .every((r) => r.reproduced?.comparable !== true && r.leakFree?.comparable !== true);
  const tables = own.map((means) => `${shown(meansTable(results, means))}${means.note ? `<p class="quiet">${e(means.note)}</p>` : ''}`);
  return `<h3>Means over the grid</h3>
${tables.join('\n')}
<p class="quiet">${e(results.cells[0]?.metric ?? '')}, mean over the settings with that value: published over all of the document’s, here over those that were run.${standIn ? ' <span class="tag">stand-in</span> No difference is printed.' : ''}</p>`;
}

/** Figures of others that the document sets its own against; nothing where it quotes none. */
export function quotedSection(results: Results): string {
  if ((results.printed?.quoted ?? []).length === 0) return '';
  return `<h3>Figures of others that the document quotes</h3>
${shown(quotedTable(results))}
<p class="quiet">On other rows or classes, so no difference is printed: beside them ${e(results.cells[0]?.metric ?? '')} of the baselines here that are of the same kind.</p>`;
}
