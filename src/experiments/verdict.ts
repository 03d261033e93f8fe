import { interval95, mean } from './statistics.js';
import type { CellResult } from './results.js';

export interface Verdict {
  /** true: above the constant prediction, false: not above, null: the interval includes it. */
  readonly above: boolean | null;
  readonly interval: readonly [number, number] | null;
  readonly text: string;
}

/**
 * Whether a cell's metric lies above what a constant prediction scores: by the cell's 95 % interval over test rows and seeds (with one seed over
 * test rows, about that network alone). A network that only ever names one class is a constant prediction, whatever the rows.
 *
 * In results without such intervals Student's interval over seeds stands in; of one seed there is none, and it cannot be said.
 */
export function aboveConstant(cell: Pick<CellResult, 'runs' | 'interval' | 'largestShares'>, constant: number): Verdict {
  const values = cell.runs.map((r) => r.value);
  const overSeeds = interval95(values);
  const interval: Verdict['interval'] = cell.interval ? [cell.interval.low, cell.interval.high] : overSeeds;
  const seeds = values.length === 1 ? 'one seed' : `${values.length} seeds`;
  const line = constant.toFixed(1);
  if (cell.largestShares.length > 0 && cell.largestShares.every((share) => share === 1))
    return { above: false, interval, text: `not above ${line}: every run is a constant prediction` };
  if (interval === null) return { above: null, interval, text: `${mean(values).toFixed(1)} against ${line}, but of one seed without an interval` }; // prettier-ignore
  const over = cell.interval ? (values.length === 1 ? 'over test rows, of one seed' : `over test rows and ${seeds}`) : `over ${seeds}`;
  const range = `95 % interval ${over}: ${interval[0].toFixed(1)} to ${interval[1].toFixed(1)}`;
  if (interval[0] > constant) return { above: true, interval, text: `above ${line} (${range})` };
  if (interval[1] <= constant) return { above: false, interval, text: `not above ${line} (${range})` };
  return { above: null, interval, text: `${mean(values).toFixed(1)}, but ${line} is in the interval (${range})` };
}
