import { SCHEMA, type ChartSpec } from '../../../src/reports/charts/spec.js';
import { suiteNamed } from '../../suites/index.js';
import type { BenchResults } from '../types.js';

/**
 * Speed against operations per byte that must be moved, under the roof that memory and arithmetic allow, at the largest number of
 * threads. null if the limits were not measured. What fits into caches may stand above the slope of memory, not above the one of the
 * second level of cache. The roof is the highest of the peaks measured beside the shapes, for the machine's speed moves.
 */
export function rooflineChart({ rows, limits }: BenchResults, own: string): ChartSpec | null {
  const threads = Math.max(0, ...Object.keys(limits.fp32Gflops).map(Number));
  const start = limits.fp32Gflops[String(threads)];
  const beside = rows.flatMap((r) => (r.threads === threads && r.peakGflops !== null ? [r.peakGflops] : []));
  const bandwidth = limits.readGBs[String(threads)];
  const points = rows.flatMap((r) => {
    const suite = suiteNamed(r.suite);
    const shape = suite?.shapes.find((s) => s.name === r.shape);
    if (r.contender !== own || r.threads !== threads || r.gflops === null || !suite || !shape || suite.bytes(shape) === 0) return [];
    return [
      { suite: r.suite, shape: r.shape, intensity: suite.flops(shape) / suite.bytes(shape), gflops: r.gflops, share: r.percentOfPeak },
    ];
  });
  if (start === undefined || bandwidth === undefined || points.length === 0) return null;
  const peak = Math.max(start, ...beside);
  const ridge = peak / bandwidth;
  const left = Math.min(ridge / 10, ...points.map((p) => p.intensity));
  const right = Math.max(ridge * 10, ...points.map((p) => p.intensity));
  const cache = limits.readL2GBs[String(threads)];
  const slopes = [{ from: 'memory', rate: bandwidth }, ...(cache === undefined ? [] : [{ from: 'second level of cache', rate: cache }])];
  const roof = slopes.flatMap(({ from, rate }) =>
    [left, peak / rate, right]
      .filter((intensity) => intensity >= left)
      .map((intensity) => ({ from, intensity, gflops: Math.min(peak, rate * intensity) })),
  );
  const sources = slopes.map(({ from, rate }) => `${Number(rate.toPrecision(3))} GB/s from ${from}`).join(', ');
  const x = {
    field: 'intensity',
    type: 'quantitative',
    scale: { type: 'log' },
    title: 'operations per byte that must be moved',
    axis: { tickCount: 6 },
  };
  const y = { field: 'gflops', type: 'quantitative', scale: { type: 'log' }, title: 'GFLOP/s', axis: { tickCount: 6 } };
  return {
    $schema: SCHEMA,
    description: `Roofline of ${own} on ${threads} threads: ${peak} GFLOP/s, ${sources}`,
    title: { text: `Roofline, ${threads} thread${threads === 1 ? '' : 's'}`, subtitle: `${peak} GFLOP/s, ${sources}` },
    width: 'container',
    height: 360,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: { values: roof },
        mark: { type: 'line', strokeWidth: 2, color: '#7f7f7f' },
        encoding: { x, y, strokeDash: { field: 'from', type: 'nominal', title: 'read from', sort: null } },
      },
      {
        data: { values: points },
        mark: { type: 'point', filled: true, size: 60, opacity: 0.8 },
        encoding: {
          x,
          y,
          color: { field: 'suite', type: 'nominal', title: null },
          tooltip: [
            { field: 'suite', type: 'nominal' },
            { field: 'shape', type: 'nominal' },
            { field: 'gflops', type: 'quantitative', format: '.3~r', title: 'GFLOP/s' },
            { field: 'share', type: 'quantitative', format: '.3~r', title: '% of peak' },
            { field: 'intensity', type: 'quantitative', format: '.3~r', title: 'operations per byte' },
          ],
        },
      },
    ],
  };
}
