import { bootstrapDifference } from './bootstrap.js';
import { jobsOf, testPredictions } from './comparisons.js';
import type { ReadyExperiment } from './jobs.js';
import type { CellResult, LeakEffect, RunRecord } from './results.js';
import { sameTestRows } from './same-rows.js';

/**
 * How much each variant scores under the published protocol above the leak-free one, with a 95 % interval over seeds and test rows. Where both
 * protocols test the same raw rows these are drawn for both alike, each scoring those that it counts; else those of each by themselves.
 */
export function leakEffectsOf(ready: ReadyExperiment, records: ReadonlyMap<string, RunRecord>, cells: readonly CellResult[]): LeakEffect[] {
  const classes = ready.loaded.classNames.length;
  const score = ready.plan.experiment.score ?? 'macroF1';
  return cells.flatMap((published): LeakEffect[] => {
    const { factor, variant, mask, protocol } = published;
    if (protocol !== 'published') return [];
    const free = cells.find((c) => c.factor === factor && c.variant === variant && c.mask === mask && c.protocol === 'leak-free');
    if (!free) return [];
    const [one, other] = [jobsOf(ready, published), jobsOf(ready, free)];
    const paired = sameTestRows(one.prepared, other.prepared);
    const sides = { a: testPredictions(one, records), b: testPredictions(other, records) };
    const { difference, low, high } = bootstrapDifference([sides], classes, score, paired ? 'shared' : 'apart');
    const seeds = Math.min(one.jobs.length, other.jobs.length);
    return [{ factor, variant, mask, effect: difference, low, high, paired, seeds }];
  });
}
