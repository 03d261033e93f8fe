import type { MeansResult } from '../experiments/printed.js';
import { mean } from '../experiments/statistics.js';
import type { CellResult, Results } from '../experiments/results.js';
import { formatDifference, formatScore } from './format.js';

/** The mean over the settings of a grid that were run with one value of an axis. */
export interface MeanOfSettings {
  readonly value: number;
  readonly settings: number;
  /** Whether it may be set against a printed mean: all settings were run, none of them a stand-in. */
  readonly comparable: boolean;
}

export interface MeansRow {
  readonly at: string;
  readonly published: number | null;
  readonly settings: number;
  readonly reproduced: MeanOfSettings | null;
  readonly leakFree: MeanOfSettings | null;
}

function meanAt(cells: readonly CellResult[], place: number, at: string, settings: number): MeanOfSettings | null {
  const own = cells.filter((c) => c.variant.split(' / ')[place] === at && Number.isFinite(c.mean));
  if (own.length === 0) return null;
  const comparable = own.length === settings && own.every((c) => c.comparable === 'yes');
  return { value: mean(own.map((c) => c.mean)), settings: own.length, comparable };
}

/** A row per value of the axis that was run or has a printed mean. */
export function meansRows(results: Results, { factor, axis, values }: MeansResult): MeansRow[] {
  const place = results.factors.find((f) => f.name === factor)?.axes?.indexOf(axis) ?? -1;
  const of = (protocol: CellResult['protocol']): CellResult[] =>
    results.cells.filter((c) => c.factor === factor && c.protocol === protocol);
  return values
    .map(({ at, published, settings }) => ({
      at,
      published,
      settings,
      reproduced: meanAt(of('published'), place, at, settings),
      leakFree: meanAt(of('leak-free'), place, at, settings),
    }))
    .filter((row) => row.published !== null || row.reproduced !== null || row.leakFree !== null);
}

/** A table as texts. The first `texts` columns are words, the others figures. */
export interface TextTable {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly texts: number;
}

/** `6 of 10`, `6 and 4 of 10` where the protocols differ. */
function settingsRun({ reproduced, leakFree, settings }: MeansRow): string {
  const counts = new Set([reproduced, leakFree].flatMap((m) => (m === null ? [] : [m.settings])));
  return `${counts.size === 0 ? '0' : [...counts].join(' and ')} of ${settings}`;
}

export function meansTable(results: Results, means: MeansResult): TextTable {
  const rows = meansRows(results, means);
  const differs = rows.some((r) => r.published !== null && (r.reproduced?.comparable === true || r.leakFree?.comparable === true));
  const columns = (own: MeanOfSettings | null, published: number | null): string[] => [
    formatScore(own?.value ?? null),
    ...(differs ? [formatDifference(own?.comparable && published !== null ? own.value - published : null)] : []),
  ];
  const difference = differs ? ['difference'] : [];
  return {
    heads: [means.axis, 'published', 'reproduced', ...difference, 'leak-free', ...difference, 'settings run'],
    texts: 1,
    rows: rows.map((r) => [r.at, formatScore(r.published), ...columns(r.reproduced, r.published), ...columns(r.leakFree, r.published), settingsRun(r)]), // prettier-ignore
  };
}

/** Figures of others that the document quotes, each beside a baseline of its kind where one was run. */
export function quotedTable(results: Results): TextTable {
  const value = (name: string | undefined, protocol: CellResult['protocol']): string =>
    formatScore(results.baselines.find((b) => b.name === name && b.protocol === protocol)?.value ?? null);
  return {
    heads: ['quoted', 'of', 'baseline', 'published', 'reproduced', 'leak-free'],
    texts: 3,
    rows: (results.printed?.quoted ?? []).map((q) => [
      q.name,
      q.of ?? '–',
      q.baseline ?? '–',
      formatScore(q.value),
      value(q.baseline, 'published'),
      value(q.baseline, 'leak-free'),
    ]),
  };
}
