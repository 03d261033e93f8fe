import { averageCounts, countsPerClass, scoresOf, type Average, type ClassCounts, type ClassScores } from '../metrics/scores.js';
import { mean, sampleStd } from '../experiments/statistics.js';
import type { PrintedClasses, PrintedScores } from '../experiments/printed.js';
import type { CellResult, Results } from '../experiments/results.js';
import { tableRows, type TableRow } from './rows.js';

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
  /** As the document prints it; null where it does not. */
  readonly published: PrintedScores | null;
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
  /** How many of the rows, from the first on, are classes; the others are averages. */
  readonly classes: number;
  /** null where the document prints no class of this variant. */
  readonly printed: PrintedClasses | null;
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

/** Scores of each class, of their averages, and of the mean of some. */
interface Scored {
  readonly classes: readonly ClassFigures[];
  readonly averages: readonly ClassFigures[];
  readonly some: ClassFigures;
}

/** null where there is no cell. `places`: the classes that `some` is the mean of. */
function scored(cell: CellResult | null, places: readonly number[]): Scored | null {
  const counts = cell === null ? null : countsOf(cell);
  if (counts === null) return null;
  const taken = (own: readonly ClassCounts[]): ClassCounts[] => places.map((k) => own[k] as ClassCounts);
  return {
    classes: (counts[0] ?? []).map((_, k) => figuresOf(counts.map((own) => scoresOf(own[k] as ClassCounts)))),
    averages: AVERAGES.map((average) => figuresOf(counts.map((own) => averageCounts(own, average, 'labels')))),
    some: figuresOf(counts.map((own) => averageCounts(taken(own), 'macro', 'labels'))),
  };
}

const printedOf = (results: Results, factor: string, variant?: string): PrintedClasses | undefined =>
  results.printed?.classes?.find((c) => c.factor === factor && (variant === undefined || c.variant === variant));

/**
 * The variant of a factor whose classes are shown: the one whose classes are printed, or the only one with a printed figure, or else the one that
 * would be chosen.
 */
function variantOf(results: Results, factor: string, mask: CellResult['mask']): string | undefined {
  const cells = results.cells.filter((c) => c.factor === factor && c.mask === mask);
  const document = printedOf(results, factor)?.variant;
  if (cells.some((c) => c.variant === document)) return document;
  const printed = new Set(cells.filter((c) => c.published !== null).map((c) => c.variant));
  if (printed.size === 1) return [...printed][0];
  const choices = results.choices.filter((c) => c.factor === factor && c.mask === mask);
  return (choices.find((c) => c.protocol === 'leak-free') ?? choices[0])?.variant ?? cells[0]?.variant;
}

/** The place of a printed class among all, or -1. */
const placeOf = (classNames: readonly string[], name: string): number =>
  classNames.findIndex((own) => own === name || own.startsWith(`${name} `));

/** What is printed of each class, in the order of `classNames`. */
function printedClasses(classNames: readonly string[], printed: PrintedClasses | null): (PrintedScores | null)[] {
  const found = classNames.map((): PrintedScores | null => null);
  for (const [name, precision, recall, f1] of printed?.classes ?? []) {
    const place = placeOf(classNames, name);
    if (place >= 0) found[place] = { precision, recall, f1 };
  }
  return found;
}

/** The mean of what is printed of classes; null where nothing is. */
function meanOf(scores: readonly PrintedScores[]): PrintedScores | null {
  if (scores.length === 0) return null;
  const over = (key: keyof PrintedScores): number => mean(scores.map((s) => s[key] ?? Number.NaN));
  return { precision: over('precision'), recall: over('recall'), f1: over('f1') };
}

/** Rows of one variant: its classes, their averages, and the mean of the printed classes where those are not all. */
function rowsOf(classNames: readonly string[], pair: TableRow, printed: PrintedClasses | null): ClassRow[] {
  const published = printedClasses(classNames, printed);
  const places = [...published.keys()].filter((k) => published[k] !== null);
  const ofAll = meanOf(published.filter((s) => s !== null));
  const [reproduced, leakFree] = [scored(pair.reproduced, places), scored(pair.leakFree, places)];
  const row = (name: string, own: PrintedScores | null, of: (s: Scored) => ClassFigures | undefined): ClassRow => ({
    name,
    published: own,
    reproduced: (reproduced && of(reproduced)) ?? null,
    leakFree: (leakFree && of(leakFree)) ?? null,
  });
  const whole = places.length === classNames.length;
  const { accuracy } = printed ?? {};
  // Where each row has one class, accuracy is precision, recall and F1 at once.
  const micro = accuracy === undefined ? null : { precision: accuracy, recall: accuracy, f1: accuracy };
  const averages = [printed?.macro ?? (whole ? ofAll : null), printed?.weighted ?? null, micro];
  return [
    ...classNames.map((name, k) => row(name, published[k] ?? null, (s) => s.classes[k])),
    ...(places.length === 0 || whole ? [] : [row(`mean of the ${places.length} printed classes`, ofAll, (s) => s.some)]),
    ...AVERAGES.map((average, i) => row(`${average} average`, averages[i] ?? null, (s) => s.averages[i])),
  ];
}

/** Precision, recall, F1 and support of every class and their averages: of one variant of a factor for each setting of the mask. */
export function classTables(results: Results, factor: string): ClassTable[] {
  const own = tableRows(results.cells.filter((c) => c.factor === factor));
  return [...new Set(own.map((r) => r.mask))].flatMap((mask): ClassTable[] => {
    const pair = own.find((r) => r.mask === mask && r.variant === variantOf(results, factor, mask));
    if (!pair) return [];
    const cells = [pair.reproduced, pair.leakFree].filter((c) => c !== null);
    if (cells.some((c) => countsOf(c) === null)) return [];
    const printed = printedOf(results, factor, pair.variant) ?? null;
    const { classNames } = results;
    return [{ factor, variant: pair.variant, mask, cells, printed, classes: classNames.length, rows: rowsOf(classNames, pair, printed) }];
  });
}

/** Whether both protocols were run and count and predict the same. */
export function isSame([first, second]: readonly CellResult[]): boolean {
  if (!first || !second) return false;
  return JSON.stringify([first.confusion, countsOf(first)]) === JSON.stringify([second.confusion, countsOf(second)]);
}
