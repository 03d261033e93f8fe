import type { Language } from '../language/index.js';
import { escapeHtml } from '../page/escape.js';
import { groupsOf, isFigure, printed, type PaperTable } from './paper-table.js';

/** A table as a page of its own that a word processor takes over: plain rows and cells, no style sheet. */
export function htmlOf({ caption, columns, rows, notes = [] }: PaperTable, language: Language = 'en'): string {
  const cell = (tag: 'td' | 'th', value: string, i: number): string =>
    `<${tag} align="${columns[i] && isFigure(columns[i]) ? 'right' : 'left'}">${escapeHtml(value)}</${tag}>`;
  const body = rows.map((row) => `<tr>${columns.map((column, i) => cell('td', printed(row[i] ?? null, column), i)).join('')}</tr>`);
  const groups = groupsOf(columns).map((g) => `<th colspan="${g.columns}" align="center">${escapeHtml(g.name)}</th>`);
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(caption.split(':')[0] ?? '')}</title></head><body>
<table border="1" cellspacing="0" cellpadding="4">
<caption>${escapeHtml(caption)}</caption>
${groups.length === 0 ? '' : `<tr>${groups.join('')}</tr>\n`}<tr>${columns.map(({ head }, i) => cell('th', head, i)).join('')}</tr>
${body.join('\n')}
</table>
${notes.map((note) => `<p>${escapeHtml(note)}</p>\n`).join('')}</body></html>
`;
}
