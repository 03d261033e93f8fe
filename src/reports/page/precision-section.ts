import type { Results } from '../../experiments/results.js';
import { precisionsOf, precisionTable } from '../precision.js';
import type { PlacedChart } from './document.js';
import { escapeHtml as e } from './escape.js';
import { figures, table } from './sections.js';

/** Scores, times and loss curves of both precisions; nothing where one alone was run. */
export function precisionSection(results: Results, charts: readonly PlacedChart[]): string {
  const names = precisionsOf(results);
  if (names === null) return '';
  const [first, second] = names;
  const { heads, rows, texts } = precisionTable(results);
  const many = results.seeds.length > 1;
  const set = results.machine.bf16 ? ` (${e(results.machine.bf16)})` : '';
  return `<h2 id="precision">${e(second)} beside ${e(first)}</h2>
<p>The same seeds, rows and weights at the start; products in bfloat16${set} round their operands to eight bits and sum in float32, and differ in bits from other machines'. What stands elsewhere on this page is ${e(first)}.</p>
${table(
  heads.map((h, i) => [e(h), i < texts ? 'text' : 'number'] as const),
  rows.map((row) => row.map(e)),
)}
<p class="quiet">${e(results.cells[0]?.metric ?? '')} on the test part${many ? ', mean ± sample standard deviation over seeds' : ', one seed'}; difference: ${e(second)} less ${e(first)}. A run is training and prediction.</p>
<h3>Loss per epoch</h3><p class="quiet">${many ? 'Thick: mean over seeds, thin: each seed. ' : ''}${e(second)} is dashed.</p>
${figures(charts)}`;
}
