import { SarafError } from '../../errors.js';
import { lossPoints, type LossPoint, type LossSeries } from './loss-curves.js';
import { CATEGORY_COLOURS, SCHEMA, type ChartSpec } from './spec.js';

export interface PrecisionCurvesOptions {
  readonly title: string;
  readonly part: LossPoint['part'];
  readonly subtitle?: string;
  /** Lowest and highest loss shown, so that charts side by side can be compared. */
  readonly domain?: readonly [number, number];
}

interface SeedPoint {
  readonly epoch: number;
  readonly precision: string;
  /** `seed 1`, …; empty for the mean of all. */
  readonly seed: string;
  readonly loss: number;
}

/**
 * Loss per epoch of the same training in several precisions, on one part: thick the mean over seeds, thin and pale each seed, so
 * that what the precision does can be set against what chance does. Each of `series` is a precision.
 *
 * Throws: ERR_DATA if there is no finite loss at all.
 */
export function precisionCurves(series: readonly LossSeries[], options: PrecisionCurvesOptions): ChartSpec {
  const points: SeedPoint[] = series.flatMap(({ name, histories }) => {
    const of = (some: LossSeries['histories'], seed: string): SeedPoint[] =>
      lossPoints([{ name, histories: some }])
        .filter((p) => p.part === options.part)
        .map(({ epoch, loss }) => ({ epoch, precision: name, seed, loss }));
    return [...of(histories, ''), ...(histories.length > 1 ? histories.flatMap((h, i) => of([h], `seed ${i + 1}`)) : [])];
  });
  if (points.length === 0)
    throw new SarafError('ERR_DATA', 'precisionCurves', `expected at least one finite loss of the ${options.part} part, received none`);
  const names = series.map((s) => s.name);
  const scale = { zero: false, nice: true, ...(options.domain ? { domain: [...options.domain], nice: false, clamp: true } : {}) };
  const x = {
    field: 'epoch',
    type: 'quantitative',
    title: 'epoch',
    axis: { tickMinStep: 1, format: 'd', grid: false },
    scale: { nice: false },
  };
  const colour = {
    field: 'precision',
    type: 'nominal',
    title: null,
    sort: names,
    scale: { domain: names, range: names.map((_, i) => CATEGORY_COLOURS[i % CATEGORY_COLOURS.length]) },
    legend: { orient: 'top', symbolType: 'stroke', symbolOpacity: 1, symbolStrokeWidth: 3 },
  };
  // The second precision is dashed, so that it shows where both lie on each other.
  const dash = {
    field: 'precision',
    type: 'nominal',
    sort: names,
    scale: {
      domain: names,
      range: [
        [1, 0],
        [5, 4],
      ],
    },
    legend: null,
  };
  const y = { field: 'loss', type: 'quantitative', scale, title: `${options.part} loss` };
  const seeds = {
    transform: [{ filter: "datum.seed !== ''" }],
    mark: { type: 'line', strokeWidth: 1, opacity: 0.35 },
    encoding: { x, y, color: colour, detail: { field: 'seed' } },
  };
  const mean = {
    transform: [{ filter: "datum.seed === ''" }],
    mark: { type: 'line', strokeWidth: 2.5 },
    encoding: { x, y, color: colour, strokeDash: dash },
  };
  const dots = {
    transform: [{ filter: "datum.seed === ''" }],
    mark: { type: 'point', filled: true, size: 22, opacity: 1 },
    encoding: {
      x,
      y,
      color: colour,
      tooltip: [
        { field: 'precision', type: 'nominal' },
        { field: 'epoch', type: 'quantitative', format: 'd' },
        { field: 'loss', type: 'quantitative', format: '.4f', title: 'mean loss' },
      ],
    },
  };
  const many = points.some((p) => p.seed !== '');
  return {
    $schema: SCHEMA,
    description: `${options.title}: ${options.part} loss per epoch in ${names.join(' and ')}`,
    title: { text: options.title, ...(options.subtitle ? { subtitle: options.subtitle } : {}) },
    width: 'container',
    height: 250,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values: points },
    layer: many ? [seeds, mean, dots] : [mean, dots],
  };
}
