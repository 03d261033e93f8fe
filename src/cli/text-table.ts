/** Columns padded to their width; columns named in `right` are aligned to the right. */
export function textTable(heads: readonly string[], rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(heads), widths.map((w) => '─'.repeat(w)).join('  '), ...rows.map(line)].join('\n');
}
