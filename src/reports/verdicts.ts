import type { CellResult, Finding, VariantComparison } from '../experiments/results.js';
import { seedRange, seedsInWords } from './rows.js';

/** What is said of a claim or comparison: a label for pages and tables, and whether it is good news. null: these seeds cannot tell. */
export interface Verdict {
  readonly label: string;
  readonly holds: boolean | null;
}

const untold = (cells: readonly CellResult[]): string => `cannot be told with ${seedsInWords(cells)}`;

/** Of a claim that was looked at; where one seed was run it is about these runs. */
export function claimVerdict({ holds = null, scope, notRun }: Finding, cells: readonly CellResult[]): Verdict {
  if (notRun) return { holds: null, label: 'not run' };
  return {
    holds,
    label: holds === null ? untold(cells) : `${holds ? 'holds' : 'does not hold'}${scope === 'runs' ? ' for these runs' : ''}`,
  };
}

/** Whether the best variant is better than the other: the interval of the difference leaves zero out. With one seed: whether this network is. */
export function comparisonVerdict({ low, seeds: own }: VariantComparison, cells: readonly CellResult[]): Verdict {
  const seeds = own ?? seedRange(cells)[1];
  if (low > 0) return { holds: true, label: seeds === 1 ? 'yes, for these runs' : 'yes' };
  return { holds: null, label: `cannot be told with ${seeds === 1 ? 'one seed' : `${seeds} seeds`}` };
}
