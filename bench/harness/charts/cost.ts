import { SCHEMA, type ChartSpec } from '../../../src/reports/charts/spec.js';
import type { Shape } from '../../suites/suite.js';
import { contenderColours } from './colours.js';
import type { Row } from '../types.js';

const MEANING: Readonly<Record<string, string>> = { T: 'sequence length', N: 'batch', U: 'width', M: 'side of the matrices' };

/** Time against the size that grows, both logarithmic: one chart for each such size and pass. Each contender at its best threads. */
export function costCharts(shapes: readonly Shape[], rows: readonly Row[]): ChartSpec[] {
  const families = new Map<string, { axis: string; label: string; values: { contender: string; size: number; ms: number }[] }>();
  for (const shape of shapes) {
    const { sweep: axis } = shape;
    if (axis === undefined) continue;
    const { pass } = shape as { pass?: string };
    const size = (shape as unknown as Readonly<Record<string, number>>)[axis] as number;
    const key = `${axis} ${pass ?? ''} ${shape.name.split('-', 1)[0] === 'text' ? 'text' : ''}`;
    const family = families.get(key) ?? { axis, label: pass ?? '', values: [] };
    families.set(key, family);
    const best = new Map<string, number>();
    for (const r of rows) {
      if (r.shape === shape.name && r.medianMs !== null) best.set(r.contender, Math.min(r.medianMs, best.get(r.contender) ?? Infinity));
    }
    for (const [contender, ms] of best) family.values.push({ contender, size, ms });
  }
  return [...families.values()].flatMap(({ axis, label, values }): ChartSpec[] => {
    if (new Set(values.map((v) => v.size)).size < 2) return [];
    const meaning = MEANING[axis] ?? axis;
    return [
      {
        $schema: SCHEMA,
        description: `Milliseconds against ${meaning}`,
        title: { text: `Cost against ${meaning}${label === '' ? '' : `, ${label}`}` },
        width: 'container',
        height: 260,
        autosize: { type: 'fit', contains: 'padding' },
        data: { values },
        mark: { type: 'line', point: true },
        encoding: {
          x: { field: 'size', type: 'quantitative', scale: { type: 'log', base: 2 }, title: `${meaning} ${axis}, logarithmic` },
          y: { field: 'ms', type: 'quantitative', scale: { type: 'log' }, title: 'milliseconds, logarithmic', axis: { tickCount: 5 } },
          color: {
            field: 'contender',
            type: 'nominal',
            title: null,
            scale: contenderColours(rows.filter((r) => values.some((v) => v.contender === r.contender))),
          },
          tooltip: [
            { field: 'contender', type: 'nominal' },
            { field: 'size', type: 'quantitative', title: meaning },
            { field: 'ms', type: 'quantitative', format: '.4~g', title: 'median ms' },
          ],
        },
      },
    ];
  });
}
