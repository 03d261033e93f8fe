import { SarafError } from '../../errors.js';
import { SCHEMA, type ChartSpec } from './spec.js';

const WHERE = ['here', 'here, other rows', 'document'] as const;
const COLOURS = ['#0072b2', '#56b4e9', '#7f7f7f'] as const;
const SHAPES = ['circle', 'triangle-up', 'diamond'] as const;

/** How long an epoch takes: here, here over another number of rows than the document's, or where the document says. */
export interface EpochTime {
  readonly experiment: string;
  readonly variant: string;
  readonly where: (typeof WHERE)[number];
  readonly seconds: number;
  /** Training rows, where they are known. */
  readonly rows?: number | null;
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
  const where = WHERE.filter((w) => values.some((v) => v.where === w));
  const range = (of: readonly string[]): string[] => where.map((w) => of[WHERE.indexOf(w)] ?? '');
  // Three beside each other are wider than a phone.
  const legend = where.length > 1 ? { symbolOpacity: 1, symbolSize: 90, columns: where.length > 2 ? 1 : 2 } : null;
  return {
    $schema: SCHEMA,
    description: `${title}: seconds of an epoch, a mark per variant, a row per experiment`,
    title: { text: title },
    width: 'container',
    height: 90 + 38 * names.length + (where.length > 2 ? 30 : 0),
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
      color: { field: 'where', type: 'nominal', title: null, scale: { domain: [...where], range: range(COLOURS) }, legend },
      shape: { field: 'where', type: 'nominal', title: null, scale: { domain: [...where], range: range(SHAPES) }, legend },
      tooltip: [
        { field: 'experiment', type: 'nominal' },
        { field: 'variant', type: 'nominal' },
        { field: 'seconds', type: 'quantitative', format: '.3g' },
        { field: 'rows', type: 'quantitative', format: ',', title: 'training rows' },
      ],
    },
  };
}
