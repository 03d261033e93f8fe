import { SCHEMA, type ChartSpec } from '../../../src/reports/charts/spec.js';
import { contenderColours } from './colours.js';
import type { Row } from '../types.js';

/** A dot per contender at its median, a line from its fastest to its slowest repetition; time on a logarithmic axis. */
export function timesChart(title: string, rows: readonly Row[]): ChartSpec {
  const timed = rows.filter((r) => r.medianMs !== null);
  const values = timed.map((r) => ({
    contender: r.contender,
    row: `${r.contender}, ${r.threads} thread${r.threads === 1 ? '' : 's'}`,
    ms: r.medianMs,
    low: r.minMs,
    high: r.maxMs,
    gflops: r.gflops,
  }));
  const y = {
    field: 'row',
    type: 'nominal',
    sort: values.toSorted((a, b) => (a.ms as number) - (b.ms as number)).map((v) => v.row),
    title: null,
    axis: { grid: true, domain: false, ticks: false, labelLimit: 240 },
  };
  const x = {
    type: 'quantitative',
    scale: { type: 'log', nice: true },
    title: 'milliseconds, logarithmic',
    axis: { grid: false, tickCount: 5 },
  };
  const color = {
    field: 'contender',
    type: 'nominal',
    legend: null,
    scale: contenderColours(timed),
  };
  return {
    $schema: SCHEMA,
    description: `${title}: median time per contender in milliseconds`,
    title: { text: title },
    width: 'container',
    height: 90 + 26 * values.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    layer: [
      { mark: { type: 'rule', strokeWidth: 2, opacity: 0.6 }, encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' }, color } },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1 },
        encoding: {
          y,
          x: { ...x, field: 'ms' },
          color,
          tooltip: [
            { field: 'row', type: 'nominal', title: 'contender' },
            { field: 'ms', type: 'quantitative', format: '.4~g', title: 'median ms' },
            { field: 'low', type: 'quantitative', format: '.4~g', title: 'fastest' },
            { field: 'high', type: 'quantitative', format: '.4~g', title: 'slowest' },
            { field: 'gflops', type: 'quantitative', format: '.3~g', title: 'GFLOP/s' },
          ],
        },
      },
      {
        mark: { type: 'text', dy: -11, fontSize: 10 },
        encoding: { y, x: { ...x, field: 'ms' }, text: { field: 'ms', type: 'quantitative', format: ',.3~r' } },
      },
    ],
  };
}
