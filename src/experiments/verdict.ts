import { interval95, mean } from './statistics.js';
import type { CellResult } from './results.js';

export interface Verdict {
  /** true: above the constant prediction, false: not above, null: the seeds do not agree enough to say. */
  readonly above: boolean | null;
  readonly interval: readonly [number, number] | null;
  readonly text: string;
}

/**
 * Whether a cell's metric lies above what a constant prediction scores: by the 95 % interval of its mean over seeds, or for
 * a single seed by the figure alone, which the text says.
 */
export function aboveConstant(cell: Pick<CellResult, 'runs'>, constant: number): Verdict {
  const values = cell.runs.map((r) => r.value);
  const centre = mean(values);
  const interval = interval95(values);
  if (interval === null) {
    const above = centre > constant;
    return { above, interval, text: `${above ? 'above' : 'not above'} ${constant.toFixed(1)} (one seed, so no interval)` };
  }
  const range = `95 % interval ${interval[0].toFixed(1)} to ${interval[1].toFixed(1)}`;
  if (interval[0] > constant) return { above: true, interval, text: `above ${constant.toFixed(1)} (${range})` };
  if (centre <= constant) return { above: false, interval, text: `not above ${constant.toFixed(1)} (${range})` };
  return { above: null, interval, text: `mean ${centre.toFixed(1)} is above ${constant.toFixed(1)}, but the ${range} includes it` };
}
