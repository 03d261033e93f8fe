import type { CellResult, Results, Trained } from '../experiments/results.js';
import { confusionMatrixSpec } from './charts/confusion-matrix.js';
import { factorScores, type ScorePoint } from './charts/factor-scores.js';
import { lossCurves, lossDomain, type LossSeries } from './charts/loss-curves.js';
import { maskLabel, tableRows } from './rows.js';
import { slug } from './slug.js';
import type { PlacedChart } from './page/document.js';

export interface FactorCharts {
  readonly scores: readonly PlacedChart[];
  readonly losses: readonly PlacedChart[];
  readonly confusions: readonly PlacedChart[];
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

/** Charts of loss: one per mask setting and protocol, but one for both protocols where they share their training. */
function lossCharts(trained: readonly Trained[], name: string, title: string): PlacedChart[] {
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
        id: slug('loss', name, maskLabel(mask), shared ? '' : protocol),
        subtitle: [maskLabel(mask), label].filter((s) => s !== '').join(' · '),
        series,
      });
    }
  }
  const drawable = groups.filter((g) => lossDomain([g.series]) !== undefined);
  const domain = lossDomain(drawable.map((g) => g.series));
  return drawable.map((g) => ({ id: g.id, spec: lossCurves(g.series, { title, subtitle: g.subtitle, ...(domain ? { domain } : {}) }) }));
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

/** Every chart of one factor. */
export function factorCharts(
  results: Results,
  trained: readonly Trained[],
  factor: { readonly name: string; readonly title: string },
): FactorCharts {
  return {
    scores: scoreCharts(results, factor.name, factor.title),
    losses: lossCharts(trained, factor.name, factor.title),
    confusions: confusionCharts(results, trained, factor.name),
  };
}
