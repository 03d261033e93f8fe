import { SarafError } from '../../errors.js';
import { SCHEMA, titled, type ChartSpec } from './spec.js';

export interface ScorePoint {
  readonly variant: string;
  /** published, reproduced, leak-free */
  readonly kind: string;
  readonly value: number;
  /** Sample standard deviation, null for a single value. */
  readonly std: number | null;
}

export interface FactorScoresOptions {
  readonly title: string;
  readonly subtitle?: string;
  readonly metric: string;
  /** A vertical line: what a constant prediction scores. */
  readonly constant?: { readonly value: number; readonly label: string } | null;
}

const KINDS = ['published', 'reproduced', 'leak-free'] as const;
const COLOURS = ['#7f7f7f', '#0072b2', '#d55e00'] as const;
const SHAPES = ['diamond', 'circle', 'square'] as const;

/**
 * Published and own figures of one factor side by side: a row per variant, a mark per kind, ± one standard deviation.
 *
 * Throws: ERR_DATA if there is nothing to show.
 */
export function factorScores(points: readonly ScorePoint[], options: FactorScoresOptions): ChartSpec {
  const shown = points.filter((p) => Number.isFinite(p.value));
  if (shown.length === 0) throw new SarafError('ERR_DATA', 'factorScores', 'expected at least one finite figure, received none');
  const kinds = KINDS.filter((k) => shown.some((p) => p.kind === k));
  const variants = [...new Set(points.map((p) => p.variant))];
  const values = shown.map((p) => ({ ...p, low: p.value - (p.std ?? 0), high: p.value + (p.std ?? 0) }));
  const y = {
    field: 'variant',
    type: 'nominal',
    sort: variants,
    title: null,
    axis: { grid: true, domain: false, ticks: false, labelPadding: 8 },
  };
  const offset = { field: 'kind', type: 'nominal', sort: [...kinds], scale: { domain: [...kinds], paddingOuter: 0.4 } };
  const colour = {
    field: 'kind',
    type: 'nominal',
    title: null,
    scale: { domain: [...kinds], range: kinds.map((k) => COLOURS[KINDS.indexOf(k)]) },
    legend: { symbolOpacity: 1, symbolSize: 90 },
  };
  const axis = { tickCount: 6 };
  const scale = { zero: false, nice: true, padding: 12 };
  const rule = options.constant
    ? [
        {
          data: { values: [{ constant: options.constant.value, label: options.constant.label }] },
          mark: { type: 'rule', strokeDash: [3, 3], strokeWidth: 1.5 },
          encoding: {
            x: { field: 'constant', type: 'quantitative' },
            tooltip: [
              { field: 'label', type: 'nominal', title: 'reference' },
              { field: 'constant', type: 'quantitative', format: '.2f' },
            ],
          },
        },
      ]
    : [];
  return {
    $schema: SCHEMA,
    description: `${options.title}: ${options.metric}, ${kinds.join(', ')} per variant`,
    width: 'container',
    // With `fit` the height holds title, axis and legend too.
    ...titled(options, 120 + 22 * Math.max(kinds.length, 2) * variants.length),
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    layer: [
      ...rule,
      {
        mark: { type: 'rule', strokeWidth: 2, opacity: 0.7 },
        encoding: {
          y,
          yOffset: offset,
          x: { field: 'low', type: 'quantitative', scale, title: options.metric, axis },
          x2: { field: 'high' },
          color: colour,
        },
      },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1 },
        encoding: {
          y,
          yOffset: offset,
          x: { field: 'value', type: 'quantitative', scale, title: options.metric, axis },
          color: colour,
          shape: {
            field: 'kind',
            type: 'nominal',
            title: null,
            scale: { domain: [...kinds], range: kinds.map((k) => SHAPES[KINDS.indexOf(k)]) },
            legend: { symbolOpacity: 1, symbolSize: 90 },
          },
          tooltip: [
            { field: 'variant', type: 'nominal' },
            { field: 'kind', type: 'nominal' },
            { field: 'value', type: 'quantitative', format: '.2f' },
            { field: 'std', type: 'quantitative', format: '.2f', title: 'standard deviation' },
          ],
        },
      },
    ],
  };
}
