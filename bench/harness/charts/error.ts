import { SCHEMA, type ChartSpec } from '../../../src/reports/charts/spec.js';
import type { Row } from '../types.js';

/** Most that a fast algorithm may cost. */
export const MOST_ERROR = 8;

/** Errors of fast algorithms as multiples of the plain one's, against the double reference. null: none was compared. */
export function errorChart(rows: readonly Row[], own: string): ChartSpec | null {
  const most = Math.max(0, ...rows.map((r) => r.threads));
  const values = rows.flatMap((r) =>
    r.contender === own && r.threads === most && r.errorVsDirect != null
      ? [{ shape: r.shape, times: r.errorVsDirect, rms: r.errorRms, max: r.errorMax }]
      : [],
  );
  if (values.length === 0) return null;
  const y = { field: 'shape', type: 'nominal', sort: values.map((v) => v.shape), title: null, axis: { labelLimit: 240 } };
  const x = {
    type: 'quantitative',
    title: 'times the direct kernel’s error',
    axis: { grid: true },
    scale: { domain: [0, MOST_ERROR + 1] },
  };
  return {
    $schema: SCHEMA,
    description: `Error of ${own}’s fast algorithms over the direct kernel’s`,
    title: { text: 'Error of fast algorithms', subtitle: `against the double reference; the line is the most allowed, ${MOST_ERROR}` },
    width: 'container',
    height: 60 + 20 * values.length,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: { values },
        mark: { type: 'bar', color: '#0072b2' },
        encoding: {
          y,
          x: { ...x, field: 'times' },
          tooltip: [
            { field: 'shape', type: 'nominal' },
            { field: 'times', type: 'quantitative', format: '.3~r', title: 'times the direct error' },
            { field: 'rms', type: 'quantitative', format: '.2~e', title: 'relative error, l2' },
            { field: 'max', type: 'quantitative', format: '.2~e', title: 'largest error over the root mean square' },
          ],
        },
      },
      {
        data: { values: [{ most: MOST_ERROR }] },
        mark: { type: 'rule', color: '#d55e00', strokeWidth: 2 },
        encoding: { x: { ...x, field: 'most' } },
      },
    ],
  };
}
