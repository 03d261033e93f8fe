import { SCHEMA, type ChartSpec } from '../../../src/reports/charts/spec.js';
import { contenderColours } from './colours.js';
import type { Row } from '../types.js';

/** How many times as fast as itself on one thread, a line per contender and shape. null: nobody ran with several. */
export function scalingChart(rows: readonly Row[]): ChartSpec | null {
  const values = rows.flatMap((r) => {
    const one = rows.find((o) => o.shape === r.shape && o.contender === r.contender && o.threads === 1);
    const several = rows.some((o) => o.shape === r.shape && o.contender === r.contender && o.threads > 1);
    if (!several || one?.medianMs == null || r.medianMs === null) return [];
    return [{ contender: r.contender, shape: r.shape, threads: r.threads, speed: one.medianMs / r.medianMs }];
  });
  if (values.length === 0) return null;
  const threads = [...new Set(values.map((v) => v.threads))].sort((a, b) => a - b);
  const most = threads.at(-1) as number;
  if (most === 1) return null;
  const x = {
    field: 'threads',
    type: 'quantitative',
    title: 'threads',
    axis: { values: threads, format: 'd', grid: false },
    scale: { domain: [1, most] },
  };
  const y = { field: 'speed', type: 'quantitative', title: 'times as fast as on one thread' };
  return {
    $schema: SCHEMA,
    description: 'Speed over the same contender on one thread, per number of threads',
    title: { text: 'Scaling over threads', subtitle: 'one line per shape; grey: as many times as fast as there are threads' },
    width: 'container',
    height: 260,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: {
          values: [
            { threads: 1, speed: 1 },
            { threads: most, speed: most },
          ],
        },
        mark: { type: 'line', color: '#7f7f7f', strokeDash: [4, 4] },
        encoding: { x, y },
      },
      {
        data: { values },
        mark: { type: 'line', point: true, opacity: 0.6 },
        encoding: {
          x,
          y,
          detail: { field: 'shape', type: 'nominal' },
          color: {
            field: 'contender',
            type: 'nominal',
            title: null,
            scale: contenderColours(rows.filter((r) => values.some((v) => v.contender === r.contender))),
          },
          tooltip: [
            { field: 'contender', type: 'nominal' },
            { field: 'shape', type: 'nominal' },
            { field: 'threads', type: 'quantitative' },
            { field: 'speed', type: 'quantitative', format: '.3~r', title: 'times as fast' },
          ],
        },
      },
    ],
  };
}
