import { join } from 'node:path';
import type { Results, Trained } from '../../experiments/results.js';
import { formatShare } from '../format.js';
import { maskLabel } from '../rows.js';
import { escapeHtml as e } from './escape.js';
import { shellWords } from '../../files/shell-words.js';
import { table } from './sections.js';

/** Rows that a report shows. */
const MOST_SHOWN = 12;
/** Characters of a text that a report shows. */
const MOST_CHARACTERS = 400;

function shortened(text: string): string {
  const chars = Array.from(text);
  return chars.length <= MOST_CHARACTERS ? text : `${chars.slice(0, MOST_CHARACTERS - 1).join('')}…`;
}

/** The command that lists all, with the sentence that it stands in. */
function listingAll(results: Results, id: string, out: string | null): string {
  const command = (run: string): string => `<code>npx saraf errors ${e(shellWords([run]))}</code>`;
  return out === null
    ? `in the folder of this page ${command(`runs/${id}`)} lists all`
    : `${command(join(out, results.experiment, 'runs', id))} lists all`;
}

/** The rows that the variant of the highest validation score got wrong with the most confidence; nothing where no run kept them. `out`: see `buildReport`. */
export function errorsSection(results: Results, trained: readonly Trained[], out: string | null): string {
  const known = trained.filter((t) => t.wrong !== undefined && Number.isFinite(t.cell.validation));
  const leakFree = known.filter((t) => t.cell.protocol === 'leak-free');
  const among = leakFree.length > 0 ? leakFree : known;
  const [first] = among;
  if (!first) return '';
  const best = among.reduce((a, b) => (b.cell.validation > a.cell.validation ? b : a));
  const { cell, wrong = [] } = best;
  const [run] = cell.runs;
  const where = [`${cell.factor}: ${cell.variant}`, maskLabel(cell.mask), cell.protocol, `seed ${run?.seed ?? ''}`].filter((s) => s !== '').join(' · '); // prettier-ignore
  if (wrong.length === 0) return `<h2 id="errors">Where the model is wrong</h2><p>No test row that counts is wrong (${e(where)}).</p>`;
  const rows = wrong
    .slice(0, MOST_SHOWN)
    .map((r) => [
      formatShare(r.probability),
      e(r.label),
      e(r.predicted),
      r.picture
        ? `<img class="row" alt="test row ${r.row}" src="${e(r.picture)}" width="64" height="64">`
        : r.text === undefined
          ? `row ${r.row}`
          : `<bdi>${e(shortened(r.text))}</bdi>`,
    ]);
  return `<h2 id="errors">Where the model is wrong, and sure of it</h2>
<p>The variant with the highest score on the validation part: ${e(where)}. Of its wrong test rows those with the highest probability; ${listingAll(results, run?.id ?? '', out)}.</p>
${table(
  [
    ['probability', 'number'],
    ['is', 'text'],
    ['called', 'text'],
    [wrong.some((r) => r.picture) ? 'picture' : 'row', 'text'],
  ],
  rows,
)}`;
}
