import { SarafError } from '../../errors.js';
import { CATEGORY_COLOURS, SCHEMA, titled, type ChartSpec } from './spec.js';

/** Histories of one variant, one per seed. */
export interface LossSeries {
  readonly name: string;
  readonly histories: readonly Readonly<Record<string, readonly number[]>>[];
}

export interface LossPoint {
  readonly epoch: number;
  readonly variant: string;
  readonly part: 'training' | 'validation';
  readonly loss: number;
  readonly low: number;
  readonly high: number;
}

/** Letters of a legend's line that fit a phone, and the height of such a line. */
const PHONE_LETTERS = 24;
const LEGEND_ROW = 17;

const PARTS = [
  ['loss', 'training'],
  ['val_loss', 'validation'],
] as const;

/** Mean, lowest and highest value over the seeds, per variant, part and epoch. Values that are not finite are left out. */
export function lossPoints(series: readonly LossSeries[], key = 'loss'): LossPoint[] {
  const points: LossPoint[] = [];
  for (const { name, histories } of series) {
    for (const [, part] of PARTS) {
      const metric = part === 'training' ? key : `val_${key}`;
      const epochs = Math.max(0, ...histories.map((h) => h[metric]?.length ?? 0));
      for (let e = 0; e < epochs; e++) {
        const values = histories.map((h) => h[metric]?.[e]).filter((v): v is number => v !== undefined && Number.isFinite(v));
        if (values.length === 0) continue;
        const loss = values.reduce((sum, v) => sum + v, 0) / values.length;
        points.push({ epoch: e + 1, variant: name, part, loss, low: Math.min(...values), high: Math.max(...values) });
      }
    }
  }
  return points;
}

export interface LossCurvesOptions {
  readonly title: string;
  readonly subtitle?: string;
  /** Lowest and highest loss shown, so that charts side by side can be compared. */
  readonly domain?: readonly [number, number];
  readonly legendTitle?: string;
  /** What the vertical axis shows. Default: loss. */
  readonly metric?: string;
}

/**
 * Training (solid) and validation (dashed) loss per epoch, a colour per variant, a band from the lowest to the highest seed.
 *
 * Throws: ERR_DATA if there is no finite loss at all.
 */
export function lossCurves(series: readonly LossSeries[], options: LossCurvesOptions): ChartSpec {
  const metric = options.metric ?? 'loss';
  const points = lossPoints(series, metric);
  if (points.length === 0)
    throw new SarafError('ERR_DATA', 'lossCurves', 'expected at least one finite loss, received none; has the model been fitted?');
  const names = series.map((s) => s.name);
  const columns = Math.max(1, Math.min(3, Math.floor(PHONE_LETTERS / Math.max(...names.map((n) => n.length)))));
  const legendRows = names.length > 1 ? Math.ceil(names.length / columns) : 0;
  const banded = points.some((p) => p.high > p.low);
  const scale = { zero: false, nice: true, ...(options.domain ? { domain: [...options.domain], nice: false, clamp: true } : {}) };
  const x = {
    field: 'epoch',
    type: 'quantitative',
    title: 'epoch',
    axis: { tickMinStep: 1, format: 'd', grid: false },
    scale: { nice: false },
  };
  const colour = {
    field: 'variant',
    type: 'nominal',
    title: names.length > 1 ? (options.legendTitle ?? null) : null,
    sort: names,
    // No colour twice.
    scale: {
      domain: names,
      ...(names.length > CATEGORY_COLOURS.length ? { scheme: 'category20' } : { range: CATEGORY_COLOURS.slice(0, names.length) }),
    },
    // Above the plot, and narrow: beside the other legend it would not fit a phone.
    legend: names.length > 1 ? { orient: 'top', columns, symbolType: 'stroke', symbolOpacity: 1, symbolStrokeWidth: 3 } : null,
  };
  const dash = {
    field: 'part',
    type: 'nominal',
    title: null,
    sort: ['training', 'validation'],
    scale: {
      domain: ['training', 'validation'],
      range: [
        [1, 0],
        [5, 4],
      ],
    },
    legend: { symbolType: 'stroke', symbolStrokeWidth: 2, symbolSize: 300 },
  };
  const band = {
    mark: { type: 'area', opacity: 0.14 },
    encoding: {
      x,
      y: { field: 'low', type: 'quantitative', scale, title: metric },
      y2: { field: 'high' },
      color: colour,
      detail: { field: 'part' },
    },
  };
  const tooltip = [
    { field: 'variant', type: 'nominal' },
    { field: 'part', type: 'nominal' },
    { field: 'epoch', type: 'quantitative', format: 'd' },
    { field: 'loss', type: 'quantitative', format: '.4f', title: `mean ${metric}` },
    { field: 'low', type: 'quantitative', format: '.4f', title: 'lowest seed' },
    { field: 'high', type: 'quantitative', format: '.4f', title: 'highest seed' },
  ];
  const dots = {
    mark: { type: 'point', filled: true, size: 22, opacity: 1 },
    encoding: { x, y: { field: 'loss', type: 'quantitative', scale, title: metric }, color: colour, tooltip },
  };
  const line = {
    mark: { type: 'line', strokeWidth: 2 },
    encoding: {
      x,
      y: { field: 'loss', type: 'quantitative', scale, title: metric },
      color: colour,
      strokeDash: dash,
    },
  };
  return {
    $schema: SCHEMA,
    description: `${options.title}: ${metric} per epoch for ${names.join(', ')}, training and validation`,
    width: 'container',
    ...titled(options, 300 + LEGEND_ROW * legendRows),
    autosize: { type: 'fit', contains: 'padding' },
    data: { values: points },
    layer: banded ? [band, line, dots] : [line, dots],
  };
}

/** Lowest and highest value over several groups of series, with a little room, for a common vertical axis. */
export function lossDomain(groups: readonly (readonly LossSeries[])[], metric = 'loss'): readonly [number, number] | undefined {
  const points = groups.flatMap((g) => lossPoints(g, metric));
  if (points.length === 0) return undefined;
  const low = Math.min(...points.map((p) => p.low));
  const high = Math.max(...points.map((p) => p.high));
  const room = Math.max((high - low) * 0.05, 1e-6);
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}
