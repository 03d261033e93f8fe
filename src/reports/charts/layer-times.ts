import { SarafError } from '../../errors.js';
import { CATEGORY_COLOURS, SCHEMA, type ChartSpec } from './spec.js';

/** Time of one layer in one pass. */
export interface LayerTime {
  readonly layer: string;
  readonly pass: string;
  /** Per step. */
  readonly milliseconds: number;
  /** Of the step, in [0,1]. */
  readonly share: number;
  readonly bound: string | null;
}

/**
 * Where a step spends its time: a bar per layer, in the order of a step, a colour per pass.
 *
 * Throws: ERR_DATA if there is nothing to show.
 */
export function layerTimes(times: readonly LayerTime[], options: { readonly title: string; readonly subtitle?: string }): ChartSpec {
  if (times.length === 0) throw new SarafError('ERR_DATA', 'layerTimes', 'expected at least one time, received none');
  const layers = [...new Set(times.map((t) => t.layer))];
  const passes = [...new Set(times.map((t) => t.pass))];
  return {
    $schema: SCHEMA,
    description: `${options.title}: milliseconds of a step per layer and pass`,
    title: { text: options.title, ...(options.subtitle ? { subtitle: options.subtitle } : {}) },
    width: 'container',
    height: 24 * layers.length,
    autosize: { type: 'fit-x', contains: 'padding' },
    data: { values: times.map((t) => ({ ...t, bound: t.bound ?? 'not counted' })) },
    mark: { type: 'bar' },
    encoding: {
      y: { field: 'layer', type: 'nominal', sort: layers, title: null, axis: { ticks: false, domain: false } },
      x: { field: 'milliseconds', type: 'quantitative', aggregate: 'sum', title: 'ms of a step' },
      color: {
        field: 'pass',
        type: 'nominal',
        sort: passes,
        title: null,
        scale: { domain: passes, range: passes.map((_, i) => CATEGORY_COLOURS[i % CATEGORY_COLOURS.length]) },
      },
      tooltip: [
        { field: 'layer', type: 'nominal' },
        { field: 'pass', type: 'nominal' },
        { field: 'milliseconds', type: 'quantitative', aggregate: 'sum', format: '.3f' },
        { field: 'share', type: 'quantitative', aggregate: 'sum', format: '.1%' },
        { field: 'bound', type: 'nominal', title: 'bound by' },
      ],
    },
  };
}
