import type { CellResult, Results, Trained } from '../experiments/results.js';
import { lossDomain, type LossSeries } from './charts/loss-curves.js';
import { precisionCurves } from './charts/precision-curves.js';
import { formatDifference, formatDuration, formatMeanStd } from './format.js';
import { maskLabel } from './rows.js';
import { slug } from '../files/slug.js';
import type { PlacedChart } from './page/document.js';

const keyOf = (c: CellResult): string => JSON.stringify([c.factor, c.variant, c.mask, c.protocol]);

/** The same cell in the precision of the results and in the other one. */
export interface PrecisionRow {
  readonly cell: CellResult;
  readonly other: CellResult;
}

/** The names of both precisions, that of the results first; null where one alone was asked for. */
export function precisionsOf(results: Results): readonly [string, string] | null {
  return results.beside ? [results.precision ?? 'float32', results.beside.precision] : null;
}

export function precisionRows(results: Results): PrecisionRow[] {
  const others = new Map((results.beside?.cells ?? []).map((c) => [keyOf(c), c]));
  return results.cells.flatMap((cell) => {
    const other = others.get(keyOf(cell));
    return other ? [{ cell, other }] : [];
  });
}

const seconds = (c: CellResult): number => c.runs.reduce((sum, r) => sum + r.seconds, 0) / c.runs.length;

// Runs of seconds differ in tenths.
const formatRun = (s: number): string => (s < 60 ? `${s.toFixed(1)} s` : formatDuration(s));

/** A row per cell: what it is, the score in both precisions, the second less the first, and the mean time of a run in both. */
export function precisionTable(results: Results): { readonly heads: string[]; readonly rows: string[][]; readonly texts: number } {
  const names = precisionsOf(results) ?? ['', ''];
  const rows = precisionRows(results);
  const masked = rows.some((r) => r.cell.mask !== null);
  return {
    heads: ['variant', ...(masked ? ['mask'] : []), 'protocol', ...names, 'difference', ...names.map((n) => `time of a run, ${n}`)],
    texts: masked ? 3 : 2,
    rows: rows.map(({ cell, other }) => [
      `${cell.factor}: ${cell.variant}`,
      ...(masked ? [cell.mask ?? '–'] : []),
      cell.protocol,
      formatMeanStd(cell.mean, cell.std),
      formatMeanStd(other.mean, other.std),
      formatDifference(other.mean - cell.mean),
      formatRun(seconds(cell)),
      formatRun(seconds(other)),
    ]),
  };
}

/** Two charts per training, its loss on the training and on the validation part; one training may stand for both protocols. */
export function precisionCharts(results: Results, trained: readonly Trained[], besideTrained: readonly Trained[]): PlacedChart[] {
  const names = precisionsOf(results);
  if (names === null) return [];
  const others = new Map(besideTrained.map((t) => [keyOf(t.cell), t]));
  return trained.flatMap((own): PlacedChart[] => {
    const other = others.get(keyOf(own.cell));
    const shared = own.cell.sameTrainingAs !== null;
    if (!other || (shared && own.cell.protocol !== 'published')) return [];
    const { factor, variant, mask, protocol } = own.cell;
    const series: LossSeries[] = [own, other].map((t, i) => ({ name: names[i] ?? '', histories: t.histories }));
    const domain = lossDomain([series]);
    if (domain === undefined) return [];
    const label = shared ? '' : protocol === 'published' ? 'as published' : 'leak-free';
    const subtitle = [maskLabel(mask), label].filter((s) => s !== '').join(' · ');
    return (['training', 'validation'] as const)
      .filter((part) =>
        series.every((s) => s.histories.some((h) => (h[part === 'training' ? 'loss' : 'val_loss'] ?? []).some(Number.isFinite))),
      )
      .map((part) => ({
        id: slug('precision', factor, variant, maskLabel(mask), shared ? '' : protocol, part),
        spec: precisionCurves(series, { title: `${factor}: ${variant}`, part, domain, ...(subtitle === '' ? {} : { subtitle }) }),
      }));
  });
}
