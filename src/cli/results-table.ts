import type { CellResult, Results } from '../experiments/results.js';
import { setInWords } from '../experiments/settings.js';
import { formatDifference, formatMeanStd, formatScore } from '../reports/format.js';
import { precisionsOf, precisionTable } from '../reports/precision.js';
import { cellStandIns, factorsRun, seedsInWords, tableRows } from '../reports/rows.js';
import { textTable } from './text-table.js';

const score = (cell: CellResult | null): string => (cell === null ? '–' : formatMeanStd(cell.mean, cell.std));

/** Variants that a line names; of more it says how many. */
const MOST_NAMED = 3;

const someOf = (names: readonly string[]): string =>
  names.length <= MOST_NAMED ? names.join(', ') : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`;

/** The report's tables for a terminal: published, reproduced, leak-free, and the differences where they mean something. */
export function resultsTable(results: Results): string {
  const parts: string[] = [];
  for (const factor of factorsRun(results)) {
    const rows = tableRows(results.cells.filter((c) => c.factor === factor.name));
    const masked = rows.some((r) => r.mask !== null);
    const differs = results.standIn === null && rows.some((r) => r.published !== null);
    const own = rows.every((r) => r.published === null && r.reproduced === null);
    const heads = [
      'variant',
      ...(masked ? ['mask'] : []),
      ...(own ? [] : ['published', 'reproduced']),
      ...(differs ? ['diff.'] : []),
      own ? 'score' : 'leak-free',
      ...(differs ? ['diff.'] : []),
    ];
    const first = masked ? 2 : 1;
    const body = rows.map((row) => [
      row.variant,
      ...(masked ? [row.mask ?? '–'] : []),
      ...(own ? [] : [formatScore(row.published), score(row.reproduced)]),
      ...(differs ? [formatDifference(row.reproduced?.difference ?? null)] : []),
      score(row.leakFree),
      ...(differs ? [formatDifference(row.leakFree?.difference ?? null)] : []),
    ]);
    const seeds = seedsInWords(results.cells.filter((c) => c.factor === factor.name));
    parts.push(
      `${results.experiment}: ${factor.title} (${results.cells[0]?.metric ?? ''}, ${results.scale} scale, ${seeds})`,
      textTable(
        heads,
        body,
        heads.map((_, i) => i).filter((i) => i >= first),
      ),
      '',
    );
  }
  const precisions = precisionsOf(results);
  if (precisions !== null) {
    const { heads, rows, texts } = precisionTable(results);
    const numbers = heads.map((_, i) => i).filter((i) => i >= texts);
    parts.push(
      `${precisions[1]} beside ${precisions[0]} (difference: ${precisions[1]} less ${precisions[0]})`,
      textTable(heads, rows, numbers),
      '',
    );
  }
  if (results.set) parts.push(`Set here: ${setInWords(results.set)}.`);
  for (const r of results.repeats)
    parts.push(
      `Noise of the published figures: ${r.configuration} is printed as ${r.values.map(formatScore).join(', ')} (spread ${r.spread.toFixed(2)}).`,
    );
  if (results.cells.some((c) => c.sameTrainingAs !== null))
    parts.push('Both protocols determine the same training: each seed was trained once and counted under both.');
  for (const { protocol, cells, findings } of results.audits ?? []) {
    if (findings.length === 0) continue;
    const leaks = findings.map((f) => `${f.kind} (${f.leakType}) ${f.count} of ${f.of} test rows`);
    const alone = results.audits?.filter((a) => a.protocol === protocol).length === 1;
    parts.push(`Leaks, ${protocol}${alone ? '' : `, ${someOf(cells)}`}: ${leaks.join('; ')}.`);
  }
  for (const reason of cellStandIns(results.cells)) parts.push(`Stand-in, ${reason}`);
  if (results.standIn !== null) parts.push(`Stand-in, so no difference is printed: ${results.standIn}`);
  return parts.join('\n').trimEnd();
}
