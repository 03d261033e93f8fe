import { SarafError } from '../../errors.js';
import { SCHEMA, titled, type ChartSpec } from './spec.js';

/** A published figure and what came out here under one protocol. */
export interface DumbbellPoint {
  readonly variant: string;
  readonly kind: 'reproduced' | 'leak-free';
  /** null where the document prints none. */
  readonly published: number | null;
  readonly value: number;
  /** 95 % interval of `value`. */
  readonly low: number;
  readonly high: number;
}

export interface DumbbellOptions {
  readonly title: string;
  readonly subtitle?: string;
  readonly metric: string;
  /** Whether a line joins both ends: not where the two may not be compared. */
  readonly joined: boolean;
}

const KINDS = ['reproduced', 'leak-free'] as const;
const MARKS = ['published', ...KINDS] as const;
const COLOURS = ['#7f7f7f', '#0072b2', '#d55e00'] as const;
const SHAPES = ['diamond', 'circle', 'square'] as const;

/**
 * Published against own figures: a row per variant, in it a lane per protocol, a thin line from the published figure to the own one and a
 * broad one over its 95 % interval.
 *
 * Throws: ERR_DATA if there is nothing to show.
 */
export function dumbbell(points: readonly DumbbellPoint[], options: DumbbellOptions): ChartSpec {
  const shown = points.filter((p) => Number.isFinite(p.value));
  if (shown.length === 0) throw new SarafError('ERR_DATA', 'dumbbell', 'expected at least one finite figure, received none');
  const kinds = KINDS.filter((k) => shown.some((p) => p.kind === k));
  const marks = MARKS.filter((m) => (m === 'published' ? shown.some((p) => p.published !== null) : kinds.includes(m)));
  const variants = [...new Set(shown.map((p) => p.variant))];
  const printed = shown.filter((p) => p.published !== null);
  const y = {
    field: 'variant',
    type: 'nominal',
    sort: variants,
    title: null,
    axis: { grid: true, domain: false, ticks: false, labelPadding: 8 },
  };
  const yOffset = { field: 'lane', type: 'nominal', sort: [...kinds], scale: { domain: [...kinds], paddingOuter: 0.4 } };
  const x = (field: string): ChartSpec => ({
    field,
    type: 'quantitative',
    title: options.metric,
    scale: { zero: false, nice: true, padding: 12 },
    axis: { tickCount: 6 },
  });
  const range = (of: readonly string[]): string[] => marks.map((m) => of[MARKS.indexOf(m)] ?? '');
  const colour = {
    field: 'kind',
    type: 'nominal',
    title: null,
    scale: { domain: [...marks], range: range(COLOURS) },
    legend: { symbolOpacity: 1, symbolSize: 90, columns: 2 },
  };
  const shape = {
    field: 'kind',
    type: 'nominal',
    title: null,
    scale: { domain: [...marks], range: range(SHAPES) },
    legend: { symbolOpacity: 1, symbolSize: 90, columns: 2 },
  };
  const tooltip = [
    { field: 'variant', type: 'nominal' },
    { field: 'lane', type: 'nominal', title: 'protocol' },
    { field: 'published', type: 'quantitative', format: '.2f' },
    { field: 'value', type: 'quantitative', format: '.2f', title: 'here' },
    { field: 'low', type: 'quantitative', format: '.2f', title: '95 % interval from' },
    { field: 'high', type: 'quantitative', format: '.2f', title: 'to' },
  ];
  const both = printed.map((p) => ({ ...p, lane: p.kind, kind: 'published' }));
  return {
    $schema: SCHEMA,
    description: `${options.title}: ${options.metric}, published against ${kinds.join(' and ')} with 95 % interval, a row per variant`,
    width: 'container',
    ...titled(options, 125 + 26 * Math.max(kinds.length, 1) * variants.length),
    autosize: { type: 'fit', contains: 'padding' },
    data: { values: shown.map((p) => ({ ...p, lane: p.kind })) },
    layer: [
      ...(options.joined && printed.length > 0
        ? [
            {
              data: { values: both },
              mark: { type: 'rule', strokeWidth: 1.5 },
              encoding: { y, yOffset, x: x('published'), x2: { field: 'value' } },
            },
          ]
        : []),
      {
        mark: { type: 'rule', strokeWidth: 7, opacity: 0.35, strokeCap: 'round' },
        encoding: { y, yOffset, x: x('low'), x2: { field: 'high' }, color: colour },
      },
      ...(printed.length > 0
        ? [
            {
              data: { values: both },
              mark: { type: 'point', filled: true, size: 80, opacity: 1 },
              encoding: { y, yOffset, x: x('published'), color: colour, shape: shape, tooltip },
            },
          ]
        : []),
      {
        mark: { type: 'point', filled: true, size: 80, opacity: 1 },
        encoding: { y, yOffset, x: x('value'), color: colour, shape: shape, tooltip },
      },
    ],
  };
}
