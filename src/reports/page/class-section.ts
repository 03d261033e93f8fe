import type { Results } from '../../experiments/results.js';
import { classTables, classTableTexts, type ClassTable } from '../class-table.js';
import { factorsRun, maskLabel, seedRange, seedsInWords } from '../rows.js';
import { escapeHtml as e } from './escape.js';
import { table } from './sections.js';

/** Rows of a table that is shown at once; a longer one opens when it is asked for. */
const MOST_SHOWN = 12;

const cellOf = (text: string): string => e(text).replace(/ (± .*)$/, ' <span class="std">$1</span>');

function captionOf({ variant, mask, cells, rows, printed }: ClassTable): string {
  const several = seedRange(cells)[1] > 1 ? `, mean ± sample standard deviation over ${seedsInWords(cells)}` : '';
  const empty = rows.some((r) => r.reproduced?.support === 0 || r.leakFree?.support === 0)
    ? ' A class without a test row has no scores and does not count in the macro average.'
    : '';
  const own = `${e([variant, maskLabel(mask)].filter((s) => s !== '').join(' · '))}: percent on the test part${several}. Where every row has one class the micro average is the accuracy.${empty}`;
  if (printed === null) return own;
  const standIn = cells.every((c) => c.comparable === 'stand-in')
    ? ' <span class="tag">stand-in</span> No difference is printed.'
    : ' The difference is that of F1.';
  const derived = printed.macro === undefined ? ' Published means of classes are computed from the printed ones.' : '';
  return `${own}${derived}${printed.note ? ` ${e(printed.note)}` : ''}${standIn}`;
}

function classesOf(classes: ClassTable): string {
  const { groups, heads, rows } = classTableTexts(classes);
  const shown = table(
    heads.map((h, i) => [h, i === 0 ? 'text' : 'number'] as const),
    rows.map((row, k) => row.map((text, i) => (i === 0 && k >= classes.classes ? `<strong>${e(text)}</strong>` : cellOf(text)))),
    groups.length > 2 ? groups : [],
  );
  const folded = rows.length > MOST_SHOWN ? `<details><summary>${rows.length} rows</summary>${shown}</details>` : shown;
  return `${folded}<p class="quiet">${captionOf(classes)}</p>`;
}

/** Precision, recall, F1 and support per class of one variant of a factor; nothing for results from before they were kept. */
export function classSection(results: Results, factor: string): string {
  const tables = classTables(results, factor);
  return tables.length === 0 ? '' : `<h3>Scores per class</h3>${tables.map(classesOf).join('\n')}`;
}

/** The same of those variants alone whose classes a document prints. */
export function printedClassSection(results: Results): string {
  const tables = factorsRun(results).flatMap(({ name }) => classTables(results, name).filter((t) => t.printed !== null));
  return tables.length === 0 ? '' : `<h3>Scores per class</h3>${tables.map(classesOf).join('\n')}`;
}
