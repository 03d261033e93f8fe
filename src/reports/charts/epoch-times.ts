import { SarafError } from '../../errors.js';
import { SCHEMA, type ChartSpec } from './spec.js';

/** How long an epoch takes: here, or where the document says. */
export interface EpochTime {
  readonly experiment: string;
  readonly variant: string;
  readonly where: 'here' | 'document';
  readonly seconds: number;
}

/**
 * Seconds of an epoch on a logarithmic axis: a row per experiment, a mark per variant and per figure of the document.
 *
 * Throws: ERR_DATA if there is nothing to show.
 */
export function epochTimes(times: readonly EpochTime[], title: string): ChartSpec {
  const values = times.filter((t) => Number.isFinite(t.seconds) && t.seconds > 0);
  if (values.length === 0) throw new SarafError('ERR_DATA', 'epochTimes', 'expected at least one time above zero, received none');
  const names = [...new Set(values.map((v) => v.experiment))];
  const where = (['here', 'document'] as const).filter((w) => values.some((v) => v.where === w));
  const range = (of: readonly [string, string]): string[] => where.map((w) => (w === 'here' ? of[0] : of[1]));
  const legend = where.length > 1 ? { symbolOpacity: 1, symbolSize: 90 } : null;
  return {
    $schema: SCHEMA,
    description: `${title}: seconds of an epoch, a mark per variant, a row per experiment`,
    title: { text: title },
    width: 'container',
    height: 90 + 38 * names.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    mark: { type: 'point', filled: true, size: 70, opacity: 0.6 },
    encoding: {
      x: {
        field: 'seconds',
        type: 'quantitative',
        title: 'seconds of an epoch',
        scale: { type: 'log', nice: true, padding: 8 },
        axis: { tickCount: 5, format: '~g' },
      },
      y: {
        field: 'experiment',
        type: 'nominal',
        sort: names,
        title: null,
        axis: { grid: true, domain: false, ticks: false, labelPadding: 8, labelLimit: 220 },
      },
      color: { field: 'where', type: 'nominal', title: null, scale: { domain: [...where], range: range(['#0072b2', '#7f7f7f']) }, legend },
      shape: { field: 'where', type: 'nominal', title: null, scale: { domain: [...where], range: range(['circle', 'diamond']) }, legend },
      tooltip: [
        { field: 'experiment', type: 'nominal' },
        { field: 'variant', type: 'nominal' },
        { field: 'seconds', type: 'quantitative', format: '.3g' },
      ],
    },
  };
}
