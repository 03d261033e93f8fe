import { SarafError } from '../../errors.js';
import { SCHEMA, type ChartSpec } from './spec.js';

/** What a variant scores under the published protocol above the leak-free one, in points, with its 95 % interval. */
export interface LeakEffect {
  readonly experiment: string;
  readonly variant: string;
  readonly effect: number;
  readonly low: number;
  readonly high: number;
}

/** Pixels of an experiment's band, and of a variant in it. */
const [LEAST_BAND, MOST_BAND, VARIANT] = [38, 170, 7];

/**
 * Effects of the leaks: a band per experiment, in it a point with its interval per variant, the smallest effect on top, and a line at zero. Right
 * of it the published protocol scores higher.
 *
 * Throws: ERR_DATA if there is nothing to show.
 */
export function leakEffects(effects: readonly LeakEffect[], title: string): ChartSpec {
  const finite = effects.filter((e) => Number.isFinite(e.effect));
  if (finite.length === 0) throw new SarafError('ERR_DATA', 'leakEffects', 'expected at least one finite effect, received none');
  const names = [...new Set(finite.map((v) => v.experiment))];
  const bands = names.map((name) => finite.filter((v) => v.experiment === name).sort((a, b) => a.effect - b.effect));
  const values = bands.flatMap((own) => own.map((v, i) => ({ ...v, place: (i + 0.5) / own.length })));
  const band = Math.min(MOST_BAND, Math.max(LEAST_BAND, VARIANT * Math.max(...bands.map((own) => own.length))));
  const y = {
    field: 'experiment',
    type: 'nominal',
    sort: names,
    title: null,
    axis: { grid: true, domain: false, ticks: false, labelPadding: 8, labelLimit: 220 },
  };
  const yOffset = { field: 'place', type: 'quantitative', scale: { domain: [0, 1] } };
  const x = {
    field: 'effect',
    type: 'quantitative',
    title: 'published less leak-free, points',
    scale: { zero: true, nice: false, padding: 8 },
  };
  return {
    $schema: SCHEMA,
    description: `${title}: published less leak-free in points, a mark per variant, a row per experiment`,
    title: { text: title, subtitle: 'marks: variants with 95 % interval, bar: mean' },
    width: 'container',
    height: 90 + band * names.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    layer: [
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: 'rule', strokeDash: [3, 3] },
        encoding: { x: { field: 'zero', type: 'quantitative' } },
      },
      {
        mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.6, color: '#0072b2' },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, yOffset },
      },
      {
        mark: { type: 'point', filled: true, size: 36, opacity: 0.8, color: '#0072b2' },
        encoding: {
          x,
          y,
          yOffset,
          tooltip: [
            { field: 'experiment', type: 'nominal' },
            { field: 'variant', type: 'nominal' },
            { field: 'effect', type: 'quantitative', format: '+.2f' },
            { field: 'low', type: 'quantitative', format: '+.2f', title: '95 % interval from' },
            { field: 'high', type: 'quantitative', format: '+.2f', title: 'to' },
          ],
        },
      },
      {
        mark: { type: 'tick', thickness: 3, size: 24, color: '#d55e00' },
        encoding: { x: { ...x, aggregate: 'mean' }, y },
      },
    ],
  };
}
