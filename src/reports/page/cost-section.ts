import type { Results } from '../../experiments/results.js';
import { epochGroups, epochSeconds, rowsTrained } from '../epochs.js';
import { formatDuration } from '../format.js';
import type { PlacedChart } from './document.js';
import { escapeHtml as e } from './escape.js';
import { runsOf, seedsOf, type OverviewEntry } from './overview-sections.js';
import { figures, table } from './sections.js';

const rangeOf = (values: readonly number[], text: (value: number) => string): string => {
  if (values.length === 0) return '–';
  const [low, high] = [text(Math.min(...values)), text(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
};

const secondsRange = (values: readonly number[]): string => {
  const range = rangeOf(values, (s) => (s < 99.5 ? s.toPrecision(2) : s.toFixed(0)));
  return range === '–' ? range : `${range} s`;
};

const rowsRange = (values: readonly number[]): string => rangeOf(values, (n) => n.toLocaleString('en'));

/** Seconds that all trainings would take with five seeds each. A run that several cells share counts once. */
function withFiveSeeds(results: Results): number {
  const each = new Map<string, { seconds: number; seeds: number }>();
  for (const { runs } of results.cells)
    for (const { id, seconds } of runs) each.set(id, { seconds, seeds: Math.max(runs.length, each.get(id)?.seeds ?? 0) });
  return [...each.values()].reduce((sum, { seconds, seeds }) => sum + (seconds * 5) / seeds, 0);
}

/** Seconds of an epoch by its rows: the document's stand beside epochs of as many rows alone. */
function epochRows(results: Results): string[][] {
  return epochGroups(results).map(({ alike, cells }) => {
    const rows = cells.map((c) => rowsTrained(results, c)).filter((n) => n !== null);
    const own = alike === true ? [...rows, results.publishedEpochRows ?? Number.NaN].filter(Number.isFinite) : rows;
    return [
      e(results.experiment),
      rowsRange(own),
      secondsRange(epochSeconds(cells)),
      alike === true ? secondsRange(results.publishedEpochSeconds ?? []) : '–',
    ];
  });
}

/** Seconds of an epoch here and where the document prints them, and of everything. */
export function costSection(entries: readonly OverviewEntry[], charts: readonly PlacedChart[]): string {
  const rows = entries.map(({ results }) => {
    const runs = runsOf(results);
    return [
      e(results.experiment),
      seedsOf(results),
      String(runs.length),
      formatDuration(runs.reduce((sum, r) => sum + r.seconds, 0)),
      formatDuration(withFiveSeeds(results)),
    ];
  });
  return `<h2 id="cost">What it costs</h2>
${table(
  [
    ['experiment', 'text'],
    ['seeds', 'text'],
    ['trainings', 'number'],
    ['all trainings', 'number'],
    ['with five seeds', 'number'],
  ],
  rows,
)}
<p class="quiet">Sums of the trainings' own seconds: trainings that ran side by side (<code>--jobs</code>) overlap, so that the wall time is shorter.</p>
<h3>Seconds of an epoch</h3>
${table(
  [
    ['experiment', 'text'],
    ['training rows', 'number'],
    ['an epoch here', 'number'],
    ['an epoch in the document', 'number'],
  ],
  entries.flatMap(({ results }) => epochRows(results)),
)}
<p class="quiet">On the machine named above, validation included; a document's seconds are those of its author's machine, and stand beside epochs of as many training rows alone.</p>
${figures(charts)}`;
}
