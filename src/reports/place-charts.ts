import type { CellResult, Results, Trained } from '../experiments/results.js';
import { confusionMatrixSpec } from './charts/confusion-matrix.js';
import { factorScores, type ScorePoint } from './charts/factor-scores.js';
import { lossCurves, lossDomain, type LossSeries } from './charts/loss-curves.js';
import { rocCurvesSpec } from './charts/roc-curves.js';
import { wordCloudOf } from './charts/eda/word-cloud.js';
import { sweepCurves } from './charts/sweep-curves.js';
import { maskLabel, tableRows } from './rows.js';
import { slug } from '../files/slug.js';
import type { PlacedChart } from './page/document.js';

export interface FactorCharts {
  readonly sweeps: readonly PlacedChart[];
  readonly scores: readonly PlacedChart[];
  readonly losses: readonly PlacedChart[];
  readonly confusions: readonly PlacedChart[];
  readonly rocs: readonly PlacedChart[];
  /** Variants that are in no chart of scores, loss or confusion. */
  readonly left: number;
}

/** Variants of a factor of which a chart shows each. */
const MOST_VARIANTS = 12;

/**
 * The variants of a factor that charts show: all of a few; of many the ones that a protocol would choose and the best and the lowest of those
 * with a published figure.
 */
export function shownVariants(results: Results, factor: string): { readonly names: ReadonlySet<string>; readonly left: number } {
  const cells = results.cells.filter((c) => c.factor === factor);
  const all = new Set(cells.map((c) => c.variant));
  if (all.size <= MOST_VARIANTS) return { names: all, left: 0 };
  const printed = cells.filter((c) => c.published !== null).sort((a, b) => (a.published ?? 0) - (b.published ?? 0));
  const ends = [printed[0], printed.at(-1)].flatMap((c) => (c ? [c.variant] : []));
  const chosen = results.choices.filter((c) => c.factor === factor).map((c) => c.variant);
  const names = new Set([...all].filter((v) => ends.includes(v) || chosen.includes(v)));
  return { names, left: all.size - names.size };
}

/** Curves over the first axis of a factor that is a grid, per mask setting and protocol. `prefix` goes before the names of the charts. */
export function sweepCharts(
  results: Results,
  factor: { readonly name: string; readonly title: string; readonly axes?: readonly string[] },
  prefix = '',
): PlacedChart[] {
  const { axes } = factor;
  const cells = results.cells.filter((c) => c.factor === factor.name && Number.isFinite(c.mean));
  if (axes === undefined || axes.length < 2) return [];
  return masksOf(cells).flatMap((mask) =>
    (['published', 'leak-free'] as const).flatMap((protocol) => {
      const own = cells.filter((c) => c.mask === mask && c.protocol === protocol);
      const parts = own.map((c) => ({ at: c.variant.split(' / '), value: c.mean, published: c.published }));
      // Of an axis of names, such as optimizers, there is no curve.
      if (new Set(parts.map((p) => p.at[0])).size < 2 || parts.some((p) => !Number.isFinite(Number(p.at[0])))) return [];
      const published = parts.flatMap((p) => (p.published === null ? [] : [{ at: p.at[0] ?? '', value: p.published }]));
      const subtitle = [maskLabel(mask), protocol === 'published' ? 'as published' : 'leak-free', published.length > 0 ? 'diamonds: printed figures' : ''].filter((s) => s !== '').join(' · '); // prettier-ignore
      return [
        {
          id: slug(prefix, 'sweep', factor.name, maskLabel(mask), protocol),
          spec: sweepCurves(parts, { title: factor.title, subtitle, metric: own[0]?.metric ?? '', axes, published }),
        },
      ];
    }),
  );
}

function masksOf(cells: readonly CellResult[]): CellResult['mask'][] {
  return [...new Set(cells.map((c) => c.mask))];
}

function scoreCharts(results: Results, name: string, title: string): PlacedChart[] {
  const cells = results.cells.filter((c) => c.factor === name);
  return masksOf(cells).map((mask) => {
    const points = tableRows(cells.filter((c) => c.mask === mask)).flatMap((row): ScorePoint[] => [
      ...(row.published === null ? [] : [{ variant: row.variant, kind: 'published', value: row.published, std: null }]),
      ...(row.reproduced === null
        ? []
        : [{ variant: row.variant, kind: 'reproduced', value: row.reproduced.mean, std: row.reproduced.std }]),
      ...(row.leakFree === null ? [] : [{ variant: row.variant, kind: 'leak-free', value: row.leakFree.mean, std: row.leakFree.std }]),
    ]);
    const metric = cells[0]?.metric ?? '';
    const constant = results.constant;
    const subtitle = [maskLabel(mask), constant ? `dashed: constant ${constant.value.toFixed(1)}` : ''].filter((s) => s !== '').join(' · ');
    return {
      id: slug('scores', name, maskLabel(mask)),
      spec: factorScores(points, { title, metric, constant, ...(subtitle === '' ? {} : { subtitle }) }),
    };
  });
}

/** Charts of the loss or another metric: one per mask setting and protocol, but one for both protocols where they share their training. */
function lossCharts(trained: readonly Trained[], name: string, title: string, metric: string): PlacedChart[] {
  const own = trained.filter((t) => t.cell.factor === name);
  const groups: { id: string; subtitle: string; series: LossSeries[] }[] = [];
  for (const mask of masksOf(own.map((t) => t.cell))) {
    const atMask = own.filter((t) => t.cell.mask === mask);
    const protocols = [...new Set(atMask.map((t) => t.cell.protocol))];
    const shared = protocols.length > 1 && atMask.every((t) => t.cell.sameTrainingAs !== null);
    for (const protocol of shared ? protocols.slice(0, 1) : protocols) {
      const series = atMask.filter((t) => t.cell.protocol === protocol).map((t) => ({ name: t.cell.variant, histories: t.histories }));
      const label = shared ? 'both protocols, one training' : protocol === 'published' ? 'as published' : 'leak-free';
      groups.push({
        id: slug(metric, name, maskLabel(mask), shared ? '' : protocol),
        subtitle: [maskLabel(mask), label].filter((s) => s !== '').join(' · '),
        series,
      });
    }
  }
  const drawable = groups.filter((g) => lossDomain([g.series], metric) !== undefined);
  const domain = lossDomain(
    drawable.map((g) => g.series),
    metric,
  );
  return drawable.map((g) => ({
    id: g.id,
    spec: lossCurves(g.series, { title, subtitle: g.subtitle, metric, ...(domain ? { domain } : {}) }),
  }));
}

function confusionCharts(results: Results, trained: readonly Trained[], name: string): PlacedChart[] {
  const charts: PlacedChart[] = [];
  const own = trained.filter((t) => t.cell.factor === name).map((t) => t.cell);
  for (const cell of own) {
    const twin = own.find((c) => c !== cell && c.variant === cell.variant && c.mask === cell.mask);
    const same = twin !== undefined && JSON.stringify(twin.confusion) === JSON.stringify(cell.confusion);
    if (same && cell.protocol !== 'published') continue;
    const label = same ? 'both protocols' : cell.protocol === 'published' ? 'as published' : 'leak-free';
    const runs = cell.runs.length === 1 ? '1 run' : `sum of ${cell.runs.length} runs`;
    charts.push({
      id: slug('confusion', name, cell.variant, maskLabel(cell.mask), same ? '' : cell.protocol),
      spec: confusionMatrixSpec(cell.confusion, results.classNames, {
        title: cell.variant,
        subtitle: [maskLabel(cell.mask), label, runs].filter((s) => s !== '').join(' · '),
      }),
    });
  }
  return charts;
}

/** ROC curves of each variant's first run; a variant whose protocols share training and rows has them once. */
function rocCharts(trained: readonly Trained[], name: string): PlacedChart[] {
  const own = trained.filter((t) => t.cell.factor === name && t.curves !== undefined && t.curves.length > 0);
  return own.flatMap(({ cell, curves = [] }) => {
    const twin = own.find((t) => t.cell !== cell && t.cell.variant === cell.variant && t.cell.mask === cell.mask);
    const same = twin !== undefined && JSON.stringify(twin.curves) === JSON.stringify(curves);
    if (same && cell.protocol !== 'published') return [];
    const label = same ? 'both protocols' : cell.protocol === 'published' ? 'as published' : 'leak-free';
    const subtitle = [maskLabel(cell.mask), label].filter((s) => s !== '').join(' · ');
    return [
      {
        id: slug('roc', name, cell.variant, maskLabel(cell.mask), same ? '' : cell.protocol),
        spec: rocCurvesSpec(curves, { title: cell.variant, subtitle }),
      },
    ];
  });
}

/** A cloud of words per class for each set of training texts. */
export function wordCharts(results: Results): PlacedChart[] {
  return (results.words ?? []).map(({ factor, title, classes }) => ({
    id: slug('words', factor),
    spec: wordCloudOf(classes, title, 'most frequent words of each class in the training texts'),
  }));
}

/** Every chart of one factor. */
export function factorCharts(
  results: Results,
  trained: readonly Trained[],
  factor: { readonly name: string; readonly title: string; readonly axes?: readonly string[] },
): FactorCharts {
  const { names, left } = shownVariants(results, factor.name);
  const some = { ...results, cells: results.cells.filter((c) => c.factor !== factor.name || names.has(c.variant)) };
  const shown = trained.filter((t) => t.cell.factor !== factor.name || names.has(t.cell.variant));
  return {
    sweeps: sweepCharts(results, factor),
    scores: scoreCharts(some, factor.name, factor.title),
    losses: (results.curves ?? ['loss']).flatMap((metric) => lossCharts(shown, factor.name, factor.title, metric)),
    confusions: confusionCharts(some, shown, factor.name),
    rocs: rocCharts(shown, factor.name),
    left,
  };
}
