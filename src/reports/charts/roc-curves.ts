import { SarafError } from '../../errors.js';
import type { ClassCurve } from '../../experiments/class-curves.js';
import { CATEGORY_COLOURS, SCHEMA, type ChartSpec } from './spec.js';

export interface RocCurvesOptions {
  readonly title?: string;
  readonly subtitle?: string;
}

/**
 * ROC curves, a line per class with its area; of more classes than there are colours, those with the smallest area.
 *
 * Throws: ERR_DATA without a curve.
 */
export function rocCurvesSpec(curves: readonly ClassCurve[], options: RocCurvesOptions = {}): ChartSpec {
  if (curves.length === 0) throw new SarafError('ERR_DATA', 'rocCurves', 'expected at least one class with a curve, received none');
  const most = CATEGORY_COLOURS.length;
  const shown = curves.length <= most ? curves : [...curves].sort((a, b) => a.auc - b.auc).slice(0, most);
  const label = (c: ClassCurve): string => `${c.name} ${c.auc.toFixed(3)}`;
  const left = curves.length - shown.length;
  const subtitle = [options.subtitle ?? '', left > 0 ? `the ${shown.length} smallest areas of ${curves.length}` : ''].filter((s) => s !== '').join(' · '); // prettier-ignore
  return {
    $schema: SCHEMA,
    description: `${options.title ?? 'ROC curves'}: true positive rate against false positive rate, a line per class against the rest`,
    ...(options.title ? { title: { text: options.title, ...(subtitle === '' ? {} : { subtitle }) } } : {}),
    width: 'container',
    height: 300,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: {
          values: [
            { x: 0, y: 0 },
            { x: 1, y: 1 },
          ],
        },
        mark: { type: 'line', color: '#9aa5b1', strokeDash: [4, 4], strokeWidth: 1 },
        encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
      },
      {
        data: { values: shown.flatMap((c) => c.points.map(([x, y], i) => ({ class: label(c), x, y, i }))) },
        mark: { type: 'line', strokeWidth: 2, interpolate: 'linear' },
        encoding: {
          x: { field: 'x', type: 'quantitative', title: 'false positive rate', scale: { domain: [0, 1] } },
          y: { field: 'y', type: 'quantitative', title: 'true positive rate', scale: { domain: [0, 1] } },
          order: { field: 'i', type: 'quantitative' },
          color: {
            field: 'class',
            type: 'nominal',
            title: 'class, area',
            scale: { domain: shown.map(label), range: CATEGORY_COLOURS.slice(0, shown.length) },
            legend: { columns: 2 },
          },
          tooltip: [
            { field: 'class', type: 'nominal', title: 'class, area' },
            { field: 'x', type: 'quantitative', title: 'false positive rate', format: '.3f' },
            { field: 'y', type: 'quantitative', title: 'true positive rate', format: '.3f' },
          ],
        },
      },
    ],
  };
}
