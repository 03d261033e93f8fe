import { groupsOf, isFigure, printed, type PaperTable } from '../tables/paper-table.js';
import { escapeHtml as e } from './escape.js';
import { table } from './sections.js';

/** A table for papers as a page shows it: figures to the right, deviations quiet; the first word of each row from `strong` on is bold. */
export function pageTable({ columns, rows }: PaperTable, strong = rows.length): string {
  const cell = (text: string): string => e(text).replace(/ (± .*)$/, ' <span class="std">$1</span>');
  return table(
    columns.map((c) => [e(c.head), isFigure(c) ? 'number' : 'text'] as const),
    rows.map((row, k) =>
      columns.map((column, i) => {
        const text = printed(row[i] ?? null, column);
        return i === 0 && k >= strong ? `<strong>${e(text)}</strong>` : cell(text);
      }),
    ),
    groupsOf(columns).map((g) => [e(g.name), g.columns] as const),
  );
}
