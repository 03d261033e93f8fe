import { oneLine } from './one-line.js';

/** Columns padded to their width; columns named in `right` are aligned to the right. Each row is one line, whatever the cells hold. */
export function textTable(heads: readonly string[], body: readonly (readonly string[])[], right: readonly number[] = []): string {
  const rows = body.map((row) => row.map((cell) => oneLine(cell, Infinity)));
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(heads), widths.map((w) => '─'.repeat(w)).join('  '), ...rows.map(line)].join('\n');
}
