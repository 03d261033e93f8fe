import { label, type Language } from '../language/index.js';
import type { PaperTable } from './paper-table.js';

/** A table with its heads and the words of its columns of labels in a language. */
export function inLanguage(table: PaperTable, language: Language): PaperTable {
  if (language === 'en') return table;
  return {
    ...table,
    columns: table.columns.map(({ group, ...column }) => ({
      ...column,
      head: label(column.head, language),
      ...(group === undefined ? {} : { group: label(group, language) }),
    })),
    rows: table.rows.map((row) =>
      row.map((value, i) => (table.columns[i]?.kind === 'label' && typeof value === 'string' ? label(value, language) : value)),
    ),
  };
}
