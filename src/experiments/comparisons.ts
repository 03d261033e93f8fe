import { bootstrapDifference, type SeededPredictions } from './bootstrap.js';
import type { CellJobs, ReadyExperiment } from './jobs.js';
import { sameTestRows } from './same-rows.js';
import type { CellResult, Compared, RunRecord, UncomparedVariants, VariantComparison } from './results.js';

/** How much the first cells of pairs score above the second ones, see `FindingContext.compare`. */
export type CompareCells = (pairs: readonly (readonly [CellResult, CellResult])[]) => Compared;

/** The trainings of a cell. */
export function jobsOf(ready: ReadyExperiment, cell: CellResult): CellJobs {
  const own = ready.cells.find(
    ({ cell: planned }) =>
      planned.precision === ready.plan.precisions[0] &&
      planned.factor === cell.factor &&
      planned.variant === cell.variant &&
      planned.mask === cell.mask &&
      planned.protocol === cell.protocol,
  );
  if (!own) throw new Error(`no cell ${cell.factor} ${cell.variant}`);
  return own;
}

/** Labels and predictions of the whole test part, with the rows that count. */
export function testPredictions({ prepared, jobs }: CellJobs, records: ReadonlyMap<string, RunRecord>): SeededPredictions {
  const { labels, keep } = prepared.test;
  return { labels, predictions: jobs.map((job) => records.get(job.id)?.testPredictions ?? []), ...(keep ? { keep } : {}) };
}

/** The same of some rows alone. */
export function takenRows({ labels, predictions }: SeededPredictions, rows: Int32Array): SeededPredictions {
  const taken = (values: ArrayLike<number>): Int32Array => rows.map((row) => values[row] as number);
  return { labels: taken(labels), predictions: predictions.map(taken) };
}

/**
 * How scores are set beside each other, in the table of comparisons and in every claim: by a paired bootstrap over the test rows that count for
 * all cells and over seeds (several pairs: over the pairs). Cells that were tested on parts of other rows cannot be paired.
 */
export function cellComparer(ready: ReadyExperiment, records: ReadonlyMap<string, RunRecord>): CompareCells {
  const classes = ready.loaded.classNames.length;
  const score = ready.plan.experiment.score ?? 'macroF1';
  return (pairs) => {
    const own = pairs.map(([a, b]) => [jobsOf(ready, a), jobsOf(ready, b)] as const);
    const all = own.flat();
    const [first] = all;
    const other = first && all.find(({ prepared }) => !sameTestRows(first.prepared, prepared));
    if (!first) return { why: 'nothing was run for it' };
    const rowsOf = ({ prepared }: CellJobs): string => prepared.test.labels.length.toLocaleString('en');
    if (other) return { why: `they were tested on other rows (test parts of ${rowsOf(first)} and ${rowsOf(other)})` };
    const counted = Int32Array.from(first.prepared.test.labels.keys()).filter((row) => all.every((c) => c.prepared.test.keep?.[row] !== 0));
    if (counted.length === 0) return { why: 'no test row counts for all of them' };
    const known = new Map(all.map((jobs) => [jobs, takenRows(testPredictions(jobs, records), counted)]));
    const side = (jobs: CellJobs): SeededPredictions => known.get(jobs) as SeededPredictions;
    const found = bootstrapDifference(
      own.map(([a, b]) => ({ a: side(a), b: side(b) })),
      classes,
      score,
    );
    const seeds = Math.min(...all.map((c) => c.jobs.length));
    return { ...found, rows: counted.length, sample: pairs.length > 1 ? pairs.length : seeds, of: pairs.length > 1 ? 'settings' : 'seeds' };
  };
}

export interface Comparisons {
  readonly comparisons: readonly VariantComparison[];
  readonly notCompared: readonly UncomparedVariants[];
}

/**
 * The best variant of each factor, mask and protocol against every other one. Variants whose test parts are of other rows cannot be paired with
 * the best one: they are named, and among themselves the best of those that share their rows is compared with the rest.
 */
export function compareVariants(ready: ReadyExperiment, cells: readonly CellResult[], compare: CompareCells): Comparisons {
  const groups = new Map<string, CellResult[]>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.factor, cell.mask, cell.protocol]);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const comparisons: VariantComparison[] = [];
  const notCompared: UncomparedVariants[] = [];
  const better = (a: CellResult, b: CellResult): CellResult => (b.mean > a.mean ? b : a);
  for (const group of groups.values()) {
    const parts: CellResult[][] = [];
    for (const cell of group) {
      const { prepared } = jobsOf(ready, cell);
      const part = parts.find(([one]) => one && sameTestRows(jobsOf(ready, one).prepared, prepared));
      if (part) part.push(cell);
      else parts.push([cell]);
    }
    const best = group.reduce(better);
    for (const part of parts) {
      const own = part.reduce(better);
      for (const cell of part) {
        const { factor, mask, protocol, variant: other } = cell;
        for (const against of new Set([best, own])) {
          if (against === cell) continue;
          const found = compare([[against, cell]]);
          const common = { factor, mask, protocol, best: against.variant, other };
          if ('why' in found) notCompared.push({ ...common, why: found.why });
          else {
            const { difference, low, high, rows, sample: seeds } = found;
            comparisons.push({ ...common, difference, low, high, rows, seeds });
          }
        }
      }
    }
  }
  return { comparisons, notCompared };
}
