import type { Results } from '../../experiments/results.js';
import { classTables, classTableTexts, type ClassTable } from '../class-table.js';
import { maskLabel, seedRange, seedsInWords } from '../rows.js';
import { escapeHtml as e } from './escape.js';
import { table } from './sections.js';

/** Rows of a table that is shown at once; a longer one opens when it is asked for. */
const MOST_SHOWN = 12;

const cellOf = (text: string): string => e(text).replace(/ (± .*)$/, ' <span class="std">$1</span>');

function captionOf({ variant, mask, cells, rows }: ClassTable): string {
  const several = seedRange(cells)[1] > 1 ? `, mean ± sample standard deviation over ${seedsInWords(cells)}` : '';
  const empty = rows.some((r) => r.reproduced?.support === 0 || r.leakFree?.support === 0)
    ? ' A class without a test row has no scores and does not count in the macro average.'
    : '';
  return `${e([variant, maskLabel(mask)].filter((s) => s !== '').join(' · '))}: percent on the test part${several}. Where every row has one class the micro average is the accuracy.${empty}`;
}

/** Precision, recall, F1 and support per class of one variant of a factor; nothing for results from before they were kept. */
export function classSection(results: Results, factor: string): string {
  const own = classTables(results, factor).map((classes) => {
    const { groups, heads, rows } = classTableTexts(classes);
    const shown = table(
      heads.map((h, i) => [h, i === 0 ? 'text' : 'number'] as const),
      rows.map((row) => row.map(cellOf)),
      groups.length > 2 ? groups : [],
    );
    const count = results.classNames.length;
    const folded = count > MOST_SHOWN ? `<details><summary>${count} classes</summary>${shown}</details>` : shown;
    return `${folded}<p class="quiet">${captionOf(classes)}</p>`;
  });
  return own.length === 0 ? '' : `<h3>Scores per class</h3>${own.join('\n')}`;
}
