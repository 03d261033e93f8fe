import type { Results } from '../../experiments/results.js';
import { classTables, type ClassTable } from '../class-table.js';
import { factorsRun, maskLabel, seedRange, seedsInWords } from '../rows.js';
import { classPaperTable } from '../tables/class-paper-table.js';
import { escapeHtml as e } from './escape.js';
import { pageTable } from './page-table.js';

/** Rows of a table that is shown at once; a longer one opens when it is asked for. */
const MOST_SHOWN = 12;

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

/** Many classes open when they are asked for; their averages are seen at once. */
function classesOf(results: Results, classes: ClassTable): string {
  const paper = classPaperTable(results, classes);
  const { rows } = paper;
  const count = classes.classes;
  const shown =
    rows.length > MOST_SHOWN
      ? `${pageTable({ ...paper, rows: rows.slice(count) }, 0)}<details><summary>${count} classes</summary>${pageTable({ ...paper, rows: rows.slice(0, count) })}</details>`
      : pageTable(paper, count);
  return `${shown}<p class="quiet">${captionOf(classes)}</p>`;
}

const section = (results: Results, tables: readonly ClassTable[]): string =>
  tables.length === 0 ? '' : `<h3>Scores per class</h3>${tables.map((own) => classesOf(results, own)).join('\n')}`;

/** Precision, recall, F1 and support per class of one variant of a factor; nothing for results from before they were kept. */
export function classSection(results: Results, factor: string): string {
  return section(results, classTables(results, factor));
}

/** The same of those variants alone whose classes a document prints. */
export function printedClassSection(results: Results): string {
  return section(
    results,
    factorsRun(results).flatMap(({ name }) => classTables(results, name).filter((t) => t.printed !== null)),
  );
}
