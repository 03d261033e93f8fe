import { SarafError } from '../../errors.js';
import { meanOf, type SearchResult, type Trial } from '../../search/search-result.js';
import type { ParamValue } from '../../search/space.js';
import { HEAT_COLOURS, SCHEMA, type ChartSpec } from './spec.js';

export interface ParallelCoordinatesOptions {
  readonly title?: string;
}

/** Where values of an axis stand between 0 and 1, and what is written beside it. */
interface Axis {
  readonly name: string;
  readonly at: (trial: Trial) => number;
  readonly shown: (trial: Trial) => string;
  readonly ticks: readonly { readonly position: number; readonly label: string }[];
}

const BEST_COLOUR = '#d55e00';
/** Parameters of at most so many values get a tick for each. */
const MOST_VALUES = 8;
/** Numbers that span so much are spread by their logarithm. */
const LOGARITHMIC = 50;

/**
 * The choices of a search: a line each through the values of its parameters to its score, the best one on top.
 *
 * Throws: ERR_DATA if no choice has a finite score.
 */
export function parallelCoordinates(found: SearchResult, options: ParallelCoordinatesOptions = {}): ChartSpec {
  const scored = found.ranked.filter((t) => Number.isFinite(meanOf(t.scores)));
  const [best] = scored;
  if (!best) throw new SarafError('ERR_DATA', 'parallelCoordinates', 'expected at least one choice with a finite score, received none');
  const { name: monitor, larger } = found.monitor;
  const score = (trial: Trial): number => meanOf(trial.scores);
  const axes = [...Object.keys(best.params).map((name) => parameterAxis(name, scored)), numberAxis(monitor, scored, score)];
  const values = scored.flatMap((trial) =>
    axes.map((axis, order) => ({
      trial: trial.trial,
      axis: axis.name,
      order,
      position: axis.at(trial),
      score: score(trial),
      epochs: trial.epochs,
      best: trial === best,
      // Numbered: a parameter may be called as one of the fields above.
      ...Object.fromEntries(axes.map((a, i) => [`shown${i}`, a.shown(trial)])),
    })),
  );
  // An axis is a row: names and ticks have room beside and below it, on a telephone too.
  const y = {
    field: 'axis',
    type: 'ordinal',
    sort: axes.map((a) => a.name),
    scale: { type: 'point', padding: 0.5 },
    title: null,
    axis: { domain: false, ticks: false, labelPadding: 10, labelFontWeight: 600, labelLimit: 110 },
  };
  const x = { field: 'position', type: 'quantitative', scale: { domain: [-0.06, 1.06], nice: false, zero: false }, axis: null };
  const order = { field: 'order', type: 'quantitative' };
  const tooltip = [
    { field: 'trial', type: 'quantitative' },
    ...axes.map((axis, i) => ({ field: `shown${i}`, type: 'nominal', title: axis.name })),
    { field: 'epochs', type: 'quantitative' },
  ];
  const colours = larger ? HEAT_COLOURS.slice(1) : HEAT_COLOURS.slice(1).toReversed();
  return {
    $schema: SCHEMA,
    description: `${options.title ?? 'Search'}: ${scored.length} choices of ${Object.keys(best.params).join(', ')} by ${monitor}`,
    title: {
      text: options.title ?? `${scored.length} choices by ${monitor}`,
      subtitle: [
        `The best, in orange: ${show(score(best))} with`,
        Object.entries(best.params)
          .map(([name, value]) => `${name} ${show(value)}`)
          .join(', '),
      ],
    },
    width: 'container',
    height: 110 + 58 * axes.length,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: { values: axes.map((axis) => ({ axis: axis.name, low: 0, high: 1 })) },
        mark: { type: 'rule', strokeWidth: 1 },
        encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
      },
      {
        data: { values },
        mark: { type: 'line', opacity: 0.75, strokeWidth: 1.5 },
        encoding: {
          x,
          y,
          order,
          detail: { field: 'trial', type: 'nominal' },
          color: {
            field: 'score',
            type: 'quantitative',
            title: `mean ${monitor}`,
            scale: { range: [...colours], zero: false, nice: false },
            legend: { orient: 'bottom', gradientLength: 200, tickCount: 4, direction: 'horizontal' },
          },
          tooltip,
        },
      },
      {
        data: { values: values.filter((v) => v.best) },
        mark: { type: 'line', color: BEST_COLOUR, strokeWidth: 3, point: { color: BEST_COLOUR, size: 60, filled: true } },
        encoding: { x, y, order, tooltip },
      },
      {
        data: { values: axes.flatMap((axis) => axis.ticks.map((tick) => ({ axis: axis.name, ...tick }))) },
        mark: { type: 'text', baseline: 'top', dy: 6, fontSize: 11 },
        encoding: { x, y, text: { field: 'label', type: 'nominal' } },
      },
    ],
  };
}

function parameterAxis(name: string, trials: readonly Trial[]): Axis {
  const of = (trial: Trial): ParamValue => trial.params[name] as ParamValue;
  const values = [...new Set(trials.map(of))];
  if (values.length > MOST_VALUES && values.every((v) => typeof v === 'number'))
    return numberAxis(name, trials, of as (t: Trial) => number);
  const sorted = values.sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : 0));
  const position = (value: ParamValue): number => (sorted.length === 1 ? 0.5 : sorted.indexOf(value) / (sorted.length - 1));
  return {
    name,
    at: (trial) => position(of(trial)),
    shown: (trial) => show(of(trial)),
    ticks: sorted.map((value) => ({ position: position(value), label: show(value) })),
  };
}

function numberAxis(name: string, trials: readonly Trial[], of: (trial: Trial) => number): Axis {
  const values = trials.map(of);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const logarithmic = low > 0 && high / low >= LOGARITHMIC;
  const [from, to] = logarithmic ? [Math.log(low), Math.log(high)] : [low, high];
  const position = (value: number): number => (to === from ? 0.5 : ((logarithmic ? Math.log(value) : value) - from) / (to - from));
  const between = [0, 0.25, 0.5, 0.75, 1].map((share) => from + share * (to - from)).map((v) => (logarithmic ? Math.exp(v) : v));
  return {
    name,
    at: (trial) => position(of(trial)),
    shown: (trial) => show(of(trial)),
    ticks: (to === from ? [low] : between).map((value) => ({ position: position(value), label: show(value) })),
  };
}

const show = (value: ParamValue): string => (typeof value === 'number' ? String(Number(value.toPrecision(3))) : String(value));
