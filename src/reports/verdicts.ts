import type { CellResult, Finding, VariantComparison } from '../experiments/results.js';
import { seedsInWords } from './rows.js';

/** What is said of a claim or comparison: a label for pages and tables, and whether it is good news. null: these seeds cannot tell. */
export interface Verdict {
  readonly label: string;
  readonly holds: boolean | null;
}

const untold = (cells: readonly CellResult[]): string => `cannot be told with ${seedsInWords(cells)}`;

/** Of a claim that was looked at. */
export function claimVerdict({ holds = null }: Finding, cells: readonly CellResult[]): Verdict {
  return { holds, label: holds === null ? untold(cells) : holds ? 'holds' : 'does not hold' };
}

/** Whether the best variant is better than the other: the interval of the difference leaves zero out. */
export function comparisonVerdict({ low }: VariantComparison, cells: readonly CellResult[]): Verdict {
  return low > 0 ? { holds: true, label: 'yes' } : { holds: null, label: untold(cells) };
}
