import { SCHEMA, type ChartSpec } from '../../../src/reports/charts/spec.js';
import type { Profile } from '../types.js';

/** More names than colours that can be told apart would say nothing. */
const MOST_PARTS = 9;
const REST = 'others';

/** Where the time goes, a bar of shares per shape, the same part in the same colour. null: nothing was profiled. */
export function profileChart(profiles: readonly Profile[]): ChartSpec | null {
  const sampled = profiles.filter((p) => p.samples > 0);
  if (sampled.length === 0) return null;
  const sums = new Map<string, number>();
  for (const { name, share } of sampled.flatMap((p) => p.parts)) if (name !== REST) sums.set(name, (sums.get(name) ?? 0) + share);
  const parts = [...sums]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, MOST_PARTS)
    .map(([name]) => name);
  const label = ({ suite, shape, contender, threads }: Profile): string => `${suite}/${shape}, ${contender} ×${threads}`;
  const values = sampled.flatMap((p) =>
    p.parts.map(({ name, share }) => {
      const part = parts.includes(name) ? name : REST;
      return { case: label(p), part, name, share, order: part === REST ? MOST_PARTS : parts.indexOf(part) };
    }),
  );
  return {
    $schema: SCHEMA,
    description: 'Share of the time in each part of the kernels, by shape',
    title: { text: 'Where the time goes', subtitle: 'share of samples over all threads; shapes on which a goal was missed' },
    width: 'container',
    height: 60 + 22 * sampled.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    mark: { type: 'bar' },
    encoding: {
      y: { field: 'case', type: 'nominal', sort: sampled.map(label), title: null, axis: { labelLimit: 320 } },
      x: {
        field: 'share',
        type: 'quantitative',
        aggregate: 'sum',
        title: 'share of the time',
        scale: { domain: [0, 1] },
        axis: { format: '%' },
      },
      order: { field: 'order', type: 'quantitative' },
      color: {
        field: 'part',
        type: 'nominal',
        title: null,
        sort: [...parts, REST],
        scale: { domain: [...parts, REST], scheme: 'tableau10' },
        legend: { orient: 'bottom', columns: 5, labelLimit: 220 },
      },
      tooltip: [
        { field: 'case', type: 'nominal' },
        { field: 'part', type: 'nominal' },
        { field: 'share', type: 'quantitative', aggregate: 'sum', format: '.1%' },
      ],
    },
  };
}
