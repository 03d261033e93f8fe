import type { MeansResult } from '../../experiments/printed.js';
import { mean } from '../../experiments/statistics.js';
import type { CellResult, Results } from '../../experiments/results.js';
import { label, type Language } from '../language/index.js';
import { inLanguage } from './in-language.js';
import type { PaperColumn, PaperTable, PaperValue } from './paper-table.js';

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

/** `6 of 10`, `6 and 4 of 10` where the protocols differ. */
function settingsRun({ reproduced, leakFree, settings }: MeansRow): string {
  const counts = new Set([reproduced, leakFree].flatMap((m) => (m === null ? [] : [m.settings])));
  return `${counts.size === 0 ? '0' : [...counts].join(' and ')} of ${settings}`;
}

const text = (head: string): PaperColumn => ({ head, kind: 'text' });
const number = (head: string): PaperColumn => ({ head, kind: 'number' });
const metricOf = ({ cells }: Results, language: Language): string => label(cells[0]?.metric ?? '', language);

/** Whether no mean may be set against a printed one. */
export const isStandIn = (rows: readonly MeansRow[]): boolean =>
  rows.every((r) => r.reproduced?.comparable !== true && r.leakFree?.comparable !== true);

/** Means over a grid by one of its axes: printed, and over the settings that were run. */
export function meansTable(results: Results, means: MeansResult, language: Language = 'en'): PaperTable {
  const rows = meansRows(results, means);
  const differs = !isStandIn(rows);
  const columns = (own: MeanOfSettings | null, published: number | null): PaperValue[] => [
    own?.value ?? null,
    ...(differs ? [own?.comparable && published !== null ? own.value - published : null] : []),
  ];
  const difference: PaperColumn[] = differs ? [{ head: 'difference', kind: 'difference' }] : [];
  const metric = metricOf(results, language);
  const standIn = language === 'id' ? ' Pengganti: tidak dapat dibandingkan dengan angka terpublikasi.' : ' Stand-in: not comparable with the published figures.'; // prettier-ignore
  const caption =
    language === 'id'
      ? `${results.experiment}: rata-rata ${metric} atas grid menurut ${label(means.axis, language)} (skala ${results.scale}).`
      : `${results.experiment}: mean ${metric} over the grid by ${means.axis} (${results.scale} scale).`;
  return inLanguage(
    {
      subject: results.experiment,
      name: `means ${means.factor} ${means.axis}`,
      caption: `${caption}${differs ? '' : standIn}`,
      columns: [text(means.axis), number('published'), number('reproduced'), ...difference, number('leak-free'), ...difference, text('settings run')], // prettier-ignore
      rows: rows.map((r) => [
        r.at,
        r.published,
        ...columns(r.reproduced, r.published),
        ...columns(r.leakFree, r.published),
        settingsRun(r),
      ]),
      notes: means.note === undefined ? [] : [means.note],
    },
    language,
  );
}

/** Figures of others that the document quotes, each beside a baseline of its kind where one was run; null without any. */
export function quotedTable(results: Results, language: Language = 'en'): PaperTable | null {
  const quoted = results.printed?.quoted ?? [];
  if (quoted.length === 0) return null;
  const value = (name: string | undefined, protocol: CellResult['protocol']): number | null =>
    results.baselines.find((b) => b.name === name && b.protocol === protocol)?.value ?? null;
  const what =
    language === 'id'
      ? `angka peneliti lain yang dikutip dokumen, dan ${metricOf(results, language)} baseline sejenis di sini (skala ${results.scale}). Data atau kelasnya lain.`
      : `figures of others that the document quotes, and ${metricOf(results, language)} of the baselines here that are of the same kind (${results.scale} scale). They are on other rows or classes.`;
  return inLanguage(
    {
      subject: results.experiment,
      name: 'quoted',
      caption: `${results.experiment}: ${what}`,
      columns: [text('quoted'), text('of'), text('baseline'), number('published'), number('reproduced'), number('leak-free')],
      rows: quoted.map((q) => [
        q.name,
        q.of ?? null,
        q.baseline ?? null,
        q.value,
        value(q.baseline, 'published'),
        value(q.baseline, 'leak-free'),
      ]),
    },
    language,
  );
}
