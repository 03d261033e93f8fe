import { SarafError } from '../../errors.js';
import { CATEGORY_COLOURS, SCHEMA, titled, type ChartSpec } from './spec.js';

/** A point of a grid: the values of its axes in order, and what came out. */
export interface SweepPoint {
  readonly at: readonly string[];
  readonly value: number;
}

export interface SweepCurvesOptions {
  readonly title: string;
  readonly subtitle?: string;
  readonly metric: string;
  readonly axes: readonly string[];
  /** Points that the document prints, in the values of the first axis. */
  readonly published?: readonly { readonly at: string; readonly value: number }[];
}

/**
 * A score over the first axis of a grid: a colour per value of the second, a dash per value of the third.
 *
 * Throws: ERR_DATA if there is nothing to show, or the first axis is not of numbers.
 */
export function sweepCurves(points: readonly SweepPoint[], options: SweepCurvesOptions): ChartSpec {
  const [first = '', second, third] = options.axes;
  const values = points
    .filter((p) => Number.isFinite(p.value))
    .map((p) => ({ at: Number(p.at[0]), second: p.at[1] ?? '', third: p.at[2] ?? '', value: p.value }));
  if (values.length === 0) throw new SarafError('ERR_DATA', 'sweepCurves', 'expected at least one finite figure, received none');
  if (values.some((v) => !Number.isFinite(v.at)))
    throw new SarafError('ERR_DATA', 'sweepCurves', `expected numbers as ${first}, received ${points.map((p) => p.at[0]).join(', ')}`);
  const names = (key: 'second' | 'third'): string[] => [...new Set(values.map((v) => v[key]))];
  const [seconds, thirds] = [names('second'), names('third')];
  const published = (options.published ?? []).map((p) => ({ at: Number(p.at), value: p.value, name: 'published' }));
  const x = { field: 'at', type: 'quantitative', title: first, axis: { format: ',~g', grid: false }, scale: { zero: false, nice: true } };
  const y = { field: 'value', type: 'quantitative', title: options.metric, scale: { zero: false, nice: true } };
  const colour = {
    field: 'second',
    type: 'nominal',
    title: second ?? null,
    sort: seconds,
    scale: { domain: seconds, range: seconds.map((_, i) => CATEGORY_COLOURS[i % CATEGORY_COLOURS.length]) },
    legend: second === undefined ? null : { orient: 'top', columns: 3, symbolType: 'stroke', symbolStrokeWidth: 3 },
  };
  const dashes = [
    [1, 0],
    [5, 4],
    [2, 2],
    [8, 3],
  ];
  const dash = {
    field: 'third',
    type: 'nominal',
    title: third ?? null,
    sort: thirds,
    scale: { domain: thirds, range: thirds.map((_, i) => dashes[i % dashes.length]) },
    legend: third === undefined ? null : { symbolType: 'stroke', symbolStrokeWidth: 2, symbolSize: 300 },
  };
  const tooltip = [
    { field: 'at', type: 'quantitative', title: first, format: ',~g' },
    ...(second === undefined ? [] : [{ field: 'second', type: 'nominal', title: second }]),
    ...(third === undefined ? [] : [{ field: 'third', type: 'nominal', title: third }]),
    { field: 'value', type: 'quantitative', format: '.2f', title: options.metric },
  ];
  return {
    $schema: SCHEMA,
    description: `${options.title}: ${options.metric} against ${first}`,
    width: 'container',
    ...titled(options, 340),
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    layer: [
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, color: colour, strokeDash: dash } },
      { mark: { type: 'point', filled: true, size: 30, opacity: 1 }, encoding: { x, y, color: colour, tooltip } },
      ...(published.length === 0
        ? []
        : [
            {
              data: { values: published },
              mark: { type: 'point', shape: 'diamond', filled: true, size: 70, opacity: 1, color: '#7f7f7f' },
              encoding: {
                x,
                y,
                tooltip: [
                  { field: 'at', type: 'quantitative', title: first, format: ',~g' },
                  { field: 'value', type: 'quantitative', format: '.2f', title: 'published' },
                ],
              },
            },
          ]),
    ],
  };
}
