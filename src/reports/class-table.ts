import { averageCounts, countsPerClass, scoresOf, type Average, type ClassCounts, type ClassScores } from '../metrics/scores.js';
import { mean, sampleStd } from '../experiments/statistics.js';
import type { CellResult, Results } from '../experiments/results.js';
import { formatMeanStd } from './format.js';
import { tableRows } from './rows.js';

/** A mean over seeds, and their sample standard deviation; null where there was one. Units: percent. */
export interface Figure {
  readonly mean: number;
  readonly std: number | null;
}

/** Scores of a class, or their average over classes. `support` is the number of test rows. */
export interface ClassFigures {
  readonly support: number;
  readonly precision: Figure;
  readonly recall: Figure;
  readonly f1: Figure;
}

/** A class, or an average, under both protocols; null where it was not run, or where a class has no scores since no test row is of it. */
export interface ClassRow {
  readonly name: string;
  readonly reproduced: ClassFigures | null;
  readonly leakFree: ClassFigures | null;
}

/** Scores of every class of one variant. */
export interface ClassTable {
  readonly factor: string;
  readonly variant: string;
  readonly mask: CellResult['mask'];
  readonly cells: readonly CellResult[];
  readonly rows: readonly ClassRow[];
}

const AVERAGES = ['macro', 'weighted', 'micro'] as const satisfies readonly Average[];

/** Counts of each class, run by run; null where a file from before they were kept has only the sum over several runs. */
function countsOf({ confusion, runs }: CellResult): ClassCounts[][] | null {
  const sums = countsPerClass(confusion);
  if (runs.length === 1) return [sums];
  const all = runs.map(({ called, hits }) =>
    sums.map(({ support }, k) => ({ support: support / runs.length, called: called?.[k] ?? Number.NaN, hits: hits?.[k] ?? Number.NaN })),
  );
  return all.flat().some((c) => Number.isNaN(c.hits + c.called)) ? null : all;
}

/** Over the runs, in percent. */
function figuresOf(scores: readonly ClassScores[]): ClassFigures {
  const over = (of: (s: ClassScores) => number): Figure => {
    const values = scores.map((s) => 100 * of(s));
    return { mean: mean(values), std: sampleStd(values) };
  };
  return { support: scores[0]?.support ?? 0, precision: over((s) => s.precision), recall: over((s) => s.recall), f1: over((s) => s.f1) };
}

/** Figures of each class and of each average; `null` for no cell. */
function scored(cell: CellResult | null, classes: number): (ClassFigures | null)[] {
  const counts = cell === null ? null : countsOf(cell);
  if (counts === null) return Array.from({ length: classes + AVERAGES.length }, () => null);
  return [
    ...Array.from({ length: classes }, (_, k) => figuresOf(counts.map((own) => scoresOf(own[k] as ClassCounts)))),
    ...AVERAGES.map((average) => figuresOf(counts.map((own) => averageCounts(own, average, 'labels')))),
  ];
}

/** The variant of a factor whose classes are shown: the one with a printed figure if no other has one, otherwise the one that would be chosen. */
function variantOf(results: Results, factor: string, mask: CellResult['mask']): string | undefined {
  const cells = results.cells.filter((c) => c.factor === factor && c.mask === mask);
  const printed = new Set(cells.filter((c) => c.published !== null).map((c) => c.variant));
  if (printed.size === 1) return [...printed][0];
  const choices = results.choices.filter((c) => c.factor === factor && c.mask === mask);
  return (choices.find((c) => c.protocol === 'leak-free') ?? choices[0])?.variant ?? cells[0]?.variant;
}

/** Precision, recall, F1 and support of every class and their averages: of one variant of a factor for each setting of the mask. */
export function classTables(results: Results, factor: string): ClassTable[] {
  const { classNames } = results;
  const own = tableRows(results.cells.filter((c) => c.factor === factor));
  return [...new Set(own.map((r) => r.mask))].flatMap((mask): ClassTable[] => {
    const row = own.find((r) => r.mask === mask && r.variant === variantOf(results, factor, mask));
    if (!row) return [];
    const cells = [row.reproduced, row.leakFree].filter((c) => c !== null);
    if (cells.some((c) => countsOf(c) === null)) return [];
    const [reproduced, leakFree] = [scored(row.reproduced, classNames.length), scored(row.leakFree, classNames.length)];
    const rows = [...classNames, ...AVERAGES.map((average) => `${average} average`)].map((name, k) => ({
      name,
      reproduced: reproduced[k] ?? null,
      leakFree: leakFree[k] ?? null,
    }));
    return [{ factor, variant: row.variant, mask, cells, rows }];
  });
}

/** A table as texts. `groups` name what stands above so many columns; the first column is words, the others figures. */
export interface GroupedTable {
  readonly groups: readonly (readonly [name: string, columns: number])[];
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const NONE = '–';
const figure = ({ mean: centre, std }: Figure): string => formatMeanStd(centre, std);

function columnsOf(figures: ClassFigures | null): string[] {
  if (figures === null) return [NONE, NONE, NONE, NONE];
  const { support, precision, recall, f1 } = figures;
  return [support.toLocaleString('en'), ...(support === 0 ? [NONE, NONE, NONE] : [precision, recall, f1].map(figure))];
}

/** A class table as texts: each protocol that was run, or both at once where they give the same. */
export function classTableTexts({ cells, rows }: ClassTable): GroupedTable {
  const [first, second] = cells;
  const same =
    first && second && JSON.stringify([first.confusion, countsOf(first)]) === JSON.stringify([second.confusion, countsOf(second)]);
  const shown = (same ? cells.slice(0, 1) : cells).map((c) => (c.protocol === 'published' ? 'reproduced' : 'leakFree'));
  const named = { reproduced: 'reproduced', leakFree: 'leak-free' } as const;
  return {
    groups: [['', 1], ...shown.map((kind) => [same ? 'both protocols' : named[kind], 4] as const)],
    heads: ['class', ...shown.flatMap(() => ['support', 'precision', 'recall', 'F1'])],
    rows: rows.map((row) => [row.name, ...shown.flatMap((kind) => columnsOf(row[kind]))]),
  };
}
