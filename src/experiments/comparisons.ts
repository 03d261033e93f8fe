import { pairedBootstrap, type SeededPredictions } from './bootstrap.js';
import type { CellJobs, ReadyExperiment } from './jobs.js';
import type { CellResult, RunRecord, VariantComparison } from './results.js';

interface Candidate {
  readonly cell: CellResult;
  readonly side: SeededPredictions;
}

/** The best variant of each factor, mask and protocol against every other one that was tested on the same rows. */
export function compareVariants(
  ready: ReadyExperiment,
  records: ReadonlyMap<string, RunRecord>,
  cells: readonly CellResult[],
): VariantComparison[] {
  const groups = new Map<string, Candidate[]>();
  for (const cell of cells) {
    const own = ready.cells.find(
      ({ cell: planned }) =>
        planned.precision === ready.plan.precisions[0] &&
        planned.factor === cell.factor &&
        planned.variant === cell.variant &&
        planned.mask === cell.mask &&
        planned.protocol === cell.protocol,
    );
    if (!own) continue;
    const key = JSON.stringify([cell.factor, cell.mask, cell.protocol]);
    groups.set(key, [...(groups.get(key) ?? []), { cell, side: countedPredictions(own, records) }]);
  }
  const classes = ready.loaded.classNames.length;
  const score = ready.plan.experiment.score ?? 'macroF1';
  return [...groups.values()].flatMap((group) => {
    const best = group.reduce((a, b) => (b.cell.mean > a.cell.mean ? b : a));
    return group
      .filter((other) => other !== best && sameRows(best.side, other.side))
      .map(({ cell, side }): VariantComparison => {
        const { factor, mask, protocol, variant: other } = cell;
        // Seeds that both have, so that each is compared with itself.
        const seeds = Math.min(best.side.predictions.length, side.predictions.length);
        const shared = (all: SeededPredictions): SeededPredictions => ({ ...all, predictions: all.predictions.slice(0, seeds) });
        return {
          factor,
          mask,
          protocol,
          best: best.cell.variant,
          other,
          ...pairedBootstrap(shared(best.side), shared(side), classes, score),
        };
      });
  });
}

/** Labels and predictions of the test rows that count. */
export function countedPredictions(own: CellJobs, records: ReadonlyMap<string, RunRecord>): SeededPredictions {
  const { labels, keep } = own.prepared.test;
  const counted = Int32Array.from(labels.keys()).filter((row) => keep === undefined || keep[row] !== 0);
  const taken = (values: ArrayLike<number>): Int32Array => counted.map((row) => values[row] as number);
  return { labels: taken(labels), predictions: own.jobs.map((job) => taken(records.get(job.id)?.testPredictions ?? [])) };
}

const sameRows = ({ labels: a }: SeededPredictions, { labels: b }: SeededPredictions): boolean =>
  a.length === b.length && Array.from(a).every((label, row) => label === b[row]);
