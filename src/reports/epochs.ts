import type { CellResult, Results } from '../experiments/results.js';

/** Epochs that went through the same kind of rows: as many as the document's, or others. */
export interface EpochGroup {
  /** Whether the document's seconds may stand beside these; null: the document prints none. */
  readonly alike: boolean | null;
  readonly cells: readonly CellResult[];
}

/** Training rows of a cell: in older results those of the audit that names it. null where nobody noted them. */
export function rowsTrained({ audits = [] }: Results, { factor, variant, protocol, rowsTrained: rows }: CellResult): number | null {
  const audit = audits.find((a) => a.protocol === protocol && a.cells.includes(`${factor}: ${variant}`));
  return rows ?? audit?.rows.train ?? null;
}

/** A share of the document's rows by which others may differ: a few repeated rows change no epoch's cost. */
const ROWS_APART = 0.01;

/** The cells of an experiment by whether their epochs go through as many rows as those that the document prints seconds of. */
export function epochGroups(results: Results): EpochGroup[] {
  const timed = results.cells.filter((c) => c.runs.some((r) => (r.epochSeconds ?? 0) > 0));
  const { publishedEpochSeconds: printed, publishedEpochRows: rows } = results;
  if (!printed || printed.length === 0) return timed.length === 0 ? [] : [{ alike: null, cells: timed }];
  const alike = (c: CellResult): boolean => {
    const own = rowsTrained(results, c);
    return rows !== undefined && own !== null && Math.abs(own - rows) <= ROWS_APART * rows;
  };
  const groups = [
    { alike: true, cells: timed.filter(alike) },
    { alike: false, cells: timed.filter((c) => !alike(c)) },
  ];
  // The document's seconds are shown even where nothing may stand beside them.
  return groups.filter((g) => g.alike || g.cells.length > 0);
}

/** Seconds of an epoch of each run, once where cells share it. */
export function epochSeconds(cells: readonly CellResult[]): number[] {
  const runs = new Map(cells.flatMap((c) => c.runs.map((r) => [r.id, r.epochSeconds ?? 0] as const)));
  return [...runs.values()].filter((s) => s > 0);
}
