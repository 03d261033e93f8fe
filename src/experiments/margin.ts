import type { FindingContext } from './experiment.js';
import type { CellResult } from './results.js';
import { interval95, mean } from './statistics.js';

/** A variant, or several settings together, with what stands behind its figure. */
export interface Ordered {
  readonly name: string;
  readonly value: number | null;
  /** Of a figure of a history: the values that it is the mean of, one per seed. */
  readonly seeds?: readonly number[];
  /** Of a score: the cells that it is the mean of, by what pairs them with those of another one, and how they are compared. */
  readonly scored?: { readonly cells: ReadonlyMap<string, CellResult>; readonly compare: FindingContext['compare'] };
}

/** How far one figure lies above another, with its 95 % interval; `sample`: of how many what was drawn. `why`: why nothing is known of it. */
export type Margin =
  | { readonly difference: number; readonly low: number; readonly high: number; readonly sample: number; readonly over: string }
  | { readonly why: string };

const counted = (n: number, one: string): string => (n === 1 ? `one ${one}` : `${n} ${one}s`);

/**
 * How far `b` lies above `a`. The one rule for every verdict on an order:
 *
 * - A score rests on test rows: its difference is judged by the paired bootstrap over test rows and seeds, the very one that the table of
 *   comparisons shows; a mean over settings of a sweep by the same over test rows and pairs of settings, each with the seeds it has, so that what
 *   seeds do is in how the pairs differ. With one seed rows alone are drawn: a verdict is then about the networks that were run
 *   (`Finding.scope`), not about what other seeds would give.
 * - A figure of a history (a loss, say) rests on no rows that could be drawn: it is judged by Student's interval of the differences seed by seed.
 *   One seed says nothing of it.
 *
 * The claim is told where the interval leaves zero out.
 */
export function margin(a: Ordered, b: Ordered): Margin {
  if (a.scored && b.scored) {
    const [low, high] = [a.scored.cells, b.scored.cells];
    const pairs = [...high].flatMap(([setting, cell]): [CellResult, CellResult][] => {
      const other = low.get(setting);
      return other ? [[cell, other]] : [];
    });
    const found = a.scored.compare(pairs);
    if ('why' in found) return found;
    const { sample, of, rows } = found;
    return {
      ...found,
      over: `${rows.toLocaleString('en')} test rows and ${of === 'settings' ? `${sample} pairs of settings` : counted(sample, 'seed')}`,
    };
  }
  const seeds = Math.min(a.seeds?.length ?? 0, b.seeds?.length ?? 0);
  const differences = Array.from({ length: seeds }, (_, i) => (b.seeds?.[i] ?? 0) - (a.seeds?.[i] ?? 0));
  const interval = interval95(differences);
  if (interval === null) return { why: `${counted(seeds, 'seed')} cannot tell` };
  return { difference: mean(differences), low: interval[0], high: interval[1], sample: seeds, over: counted(seeds, 'seed') };
}
