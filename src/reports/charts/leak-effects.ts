import { SarafError } from '../../errors.js';
import { SCHEMA, type ChartSpec } from './spec.js';

/** What a variant scores under the published protocol above the leak-free one, in points. */
export interface LeakEffect {
  readonly experiment: string;
  readonly variant: string;
  readonly effect: number;
}

/**
 * Effects of the leaks: a row per experiment, a tick per variant, a line at zero. Right of it the published protocol scores higher.
 *
 * Throws: ERR_DATA if there is nothing to show.
 */
export function leakEffects(effects: readonly LeakEffect[], title: string): ChartSpec {
  const values = effects.filter((e) => Number.isFinite(e.effect));
  if (values.length === 0) throw new SarafError('ERR_DATA', 'leakEffects', 'expected at least one finite effect, received none');
  const names = [...new Set(values.map((v) => v.experiment))];
  const y = {
    field: 'experiment',
    type: 'nominal',
    sort: names,
    title: null,
    axis: { grid: true, domain: false, ticks: false, labelPadding: 8, labelLimit: 220 },
  };
  const x = {
    field: 'effect',
    type: 'quantitative',
    title: 'published less leak-free, points',
    scale: { zero: true, nice: true, padding: 8 },
  };
  return {
    $schema: SCHEMA,
    description: `${title}: published less leak-free in points, a mark per variant, a row per experiment`,
    title: { text: title, subtitle: 'a mark per variant, a bar at their mean' },
    width: 'container',
    height: 90 + 38 * names.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    layer: [
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: 'rule', strokeDash: [3, 3] },
        encoding: { x: { field: 'zero', type: 'quantitative' } },
      },
      {
        mark: { type: 'point', filled: true, size: 70, opacity: 0.55, color: '#0072b2' },
        encoding: {
          x,
          y,
          tooltip: [
            { field: 'experiment', type: 'nominal' },
            { field: 'variant', type: 'nominal' },
            { field: 'effect', type: 'quantitative', format: '+.2f' },
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
