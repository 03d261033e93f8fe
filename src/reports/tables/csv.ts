import { csvLine } from '../../files/csv-line.js';
import type { Results } from '../../experiments/results.js';
import type { PaperColumn, PaperTable, PaperValue } from './paper-table.js';

/** Heads of a column: two where its values are. An interval right of a score is that score's, so that no two heads are the same. */
function headsOf({ group, head: own, kind }: PaperColumn, i: number, columns: readonly PaperColumn[]): string[] {
  const before = columns[i - 1];
  const name = kind === 'interval' && before?.kind === 'score' && before.group === group ? before.head : own;
  const head = group === undefined ? name : `${group} ${name}`;
  if (kind === 'score') return [head, `${head} std`];
  return kind === 'interval' ? [`${head} low`, `${head} high`] : [head];
}

function valuesOf(value: PaperValue, { kind }: PaperColumn): (string | number)[] {
  const figures = typeof value === 'object' ? (value ?? []) : [value];
  const width = kind === 'score' || kind === 'interval' ? 2 : 1;
  return Array.from({ length: width }, (_, i) => {
    const figure = figures[i] ?? '';
    return typeof figure === 'number' && !Number.isFinite(figure) ? '' : figure;
  });
}

/** A table as CSV: figures as they are, not rounded; mean and deviation, and the ends of an interval, in columns of their own. */
export function csvOf({ columns, rows }: PaperTable): string {
  const body = rows.map((row) => csvLine(columns.flatMap((column, i) => valuesOf(row[i] ?? null, column))));
  return [csvLine(columns.flatMap(headsOf)), ...body, ''].join('\n');
}

/** All cells of an experiment, with a head: what each is, what was published, mean, deviation, 95 % interval. For programs: the same in every language. */
export function resultsCsv(results: Results): string {
  const head = 'experiment,scale,factor,variant,mask,protocol,metric,comparable,published,mean,std,low,high,difference,validation,seeds,rows_tested'; // prettier-ignore
  const rows = results.cells.map((c) =>
    csvLine([
      results.experiment,
      results.scale,
      c.factor,
      c.variant,
      c.mask ?? '',
      c.protocol,
      c.metric,
      c.comparable,
      c.published ?? '',
      c.mean,
      c.std ?? '',
      c.interval?.low ?? '',
      c.interval?.high ?? '',
      c.difference ?? '',
      c.validation,
      c.runs.length,
      c.rowsTested,
    ]),
  );
  return [head, ...rows, ''].join('\n');
}
