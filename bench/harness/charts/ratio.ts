import { SCHEMA, type ChartSpec } from '../../../src/reports/charts/spec.js';
import { speedOverBestPeer } from '../table.js';
import type { Row } from '../types.js';

/** Per shape how many times as fast as the best peer, each at its best number of threads: bars that start from 1, a tie. null: no peer. */
export function ratioChart(rows: readonly Row[], own: string): ChartSpec | null {
  const values = [...new Set(rows.map((r) => r.shape))].flatMap((shape) => {
    const speeds = rows
      .filter((r) => r.shape === shape && r.contender === own)
      .map((r) => speedOverBestPeer(rows, r, own))
      .filter((speed) => speed !== null);
    if (speeds.length === 0) return [];
    const speed = Math.max(...speeds);
    return [{ shape, speed, tie: 1, faster: speed >= 1 ? 'faster' : 'slower' }];
  });
  if (values.length === 0) return null;
  const y = { field: 'shape', type: 'nominal', sort: values.map((v) => v.shape), title: null, axis: { labelLimit: 240 } };
  const x = {
    type: 'quantitative',
    scale: { type: 'log' },
    title: 'times as fast as the best peer, logarithmic',
    axis: { grid: true, tickCount: 6 },
  };
  return {
    $schema: SCHEMA,
    description: `${own} against the best peer of each shape`,
    title: { text: `${own} against the best peer` },
    width: 'container',
    height: 60 + 20 * values.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    layer: [
      {
        mark: { type: 'bar' },
        encoding: {
          y,
          x: { ...x, field: 'tie' },
          x2: { field: 'speed' },
          color: {
            field: 'faster',
            type: 'nominal',
            legend: null,
            scale: { domain: ['faster', 'slower'], range: ['#0072b2', '#d55e00'] },
          },
          tooltip: [
            { field: 'shape', type: 'nominal' },
            { field: 'speed', type: 'quantitative', format: '.3~r', title: 'times as fast' },
          ],
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, fontSize: 10 },
        encoding: { y, x: { ...x, field: 'speed' }, text: { field: 'speed', type: 'quantitative', format: '.3~r' } },
      },
    ],
  };
}
