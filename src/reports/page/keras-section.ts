import type { Results } from '../../experiments/results.js';
import { formatScore } from '../format.js';
import { escapeHtml as e } from './escape.js';
import { table } from './sections.js';

/** Models that Keras trained, run by these kernels. */
export function kerasSection({ keras = [] }: Results): string {
  if (keras.length === 0) return '';
  const rows = keras.map((c) => [
    e(c.model),
    e(c.keras ?? '–'),
    c.rows.toLocaleString('en'),
    formatScore(c.macroF1.keras),
    formatScore(c.macroF1.saraf),
    c.worst.toExponential(1),
    c.different === 0 ? '<strong class="yes">0</strong>' : `<strong class="no">${c.different}</strong>`,
  ]);
  return `<h2 id="keras">Keras' own networks, run here</h2>
<p class="quiet">Weights that Keras trained, and the same test rows. |Δp|: the largest difference of a probability.</p>
${table(
  [
    ['model', 'text'],
    ['Keras', 'text'],
    ['rows', 'number'],
    ['macro F1 in Keras', 'number'],
    ['macro F1 here', 'number'],
    ['largest |Δp|', 'number'],
    ['labels that differ', 'number'],
  ],
  rows,
)}`;
}
