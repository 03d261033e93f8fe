import { SarafError } from '../../errors.js';
import { HEAT_COLOURS, SCHEMA, type ChartSpec } from './spec.js';

export interface ConfusionMatrixOptions {
  readonly title?: string;
  readonly subtitle?: string;
}

/** Of more classes than this counts are not written into the cells, which would not hold them; pointing at one shows it. */
const MOST_WRITTEN = 20;

/**
 * Heat map of a confusion matrix: a row per true class, a column per predicted class, counts written in the cells of up to
 * twenty classes, colour by the share of the row. Rows of classes that do not occur are left out of larger ones.
 *
 * Shapes: counts (K,K), labels K.
 * Throws: ERR_SHAPE if the matrix is not square or labels do not fit; ERR_DATA for counts that are negative or not finite.
 */
export function confusionMatrixSpec(
  counts: readonly (readonly number[])[],
  labels: readonly string[],
  options: ConfusionMatrixOptions = {},
): ChartSpec {
  if (counts.length !== labels.length || counts.some((row) => row.length !== labels.length)) {
    throw new SarafError(
      'ERR_SHAPE',
      'confusionMatrix',
      `expected ${labels.length} rows of ${labels.length} counts, received rows of ${counts.map((r) => r.length).join(', ') || 'nothing'}`,
    );
  }
  if (counts.some((row) => row.some((n) => !Number.isFinite(n) || n < 0)))
    throw new SarafError('ERR_DATA', 'confusionMatrix', 'expected counts, received a negative or missing one');
  const many = labels.length > MOST_WRITTEN;
  const totals = counts.map((row) => row.reduce((sum, n) => sum + n, 0));
  const occurs = (k: number): boolean => !many || (totals[k] as number) > 0 || counts.some((row) => (row[k] as number) > 0);
  const values = counts.flatMap((row, i) => {
    const total = totals[i] as number;
    if (!occurs(i)) return [];
    return row.flatMap((count, j) =>
      occurs(j) ? [{ actual: labels[i], predicted: labels[j], count, share: total === 0 ? 0 : count / total }] : [],
    );
  });
  const small = labels.length > 5;
  const axis = { grid: false, domain: false, ticks: false };
  return {
    $schema: SCHEMA,
    description: `${options.title ?? 'Confusion matrix'}: true classes against predicted classes, counts`,
    ...(options.title ? { title: { text: options.title, ...(options.subtitle ? { subtitle: options.subtitle } : {}) } } : {}),
    width: 'container',
    height: many ? 90 + 11 * labels.filter((_, k) => occurs(k)).length : small ? 110 + 26 * labels.length : 80 + 44 * labels.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    encoding: {
      x: {
        field: 'predicted',
        type: 'nominal',
        sort: [...labels],
        title: 'predicted',
        axis: { ...axis, orient: 'bottom', ...(many ? { labels: false } : { labelAngle: small ? -45 : 0 }) },
      },
      y: { field: 'actual', type: 'nominal', sort: [...labels], title: 'true class', axis: many ? { ...axis, labelFontSize: 8 } : axis },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: many ? 0.3 : 1 },
        encoding: {
          color: { field: 'share', type: 'quantitative', scale: { domain: [0, 1], range: [...HEAT_COLOURS] }, legend: null },
          tooltip: [
            { field: 'actual', type: 'nominal', title: 'true class' },
            { field: 'predicted', type: 'nominal' },
            { field: 'count', type: 'quantitative' },
            { field: 'share', type: 'quantitative', format: '.1%', title: 'share of the true class' },
          ],
        },
      },
      ...(many
        ? []
        : [
            {
              mark: { type: 'text', fontSize: small ? 10 : 13 },
              encoding: {
                text: { field: 'count', type: 'quantitative', format: ',d' },
                color: { condition: { test: 'datum.share > 0.45', value: '#ffffff' }, value: '#1b2733' },
              },
            },
          ]),
    ],
  };
}
