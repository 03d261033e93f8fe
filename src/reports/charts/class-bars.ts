import { CATEGORY_COLOURS, SCHEMA, titled, type ChartSpec } from './spec.js';

export interface ClassBarsOptions {
  readonly title: string;
  readonly subtitle?: string;
  readonly classNames: readonly string[];
  /** Rows, or their share of the series: so that parts of different size can be compared. */
  readonly of: 'rows' | 'share';
}

/** A group of bars per class, a bar per series with its number of rows, or its share, behind it. */
export function classBars(
  series: readonly { readonly name: string; readonly counts: readonly number[] }[],
  { title, subtitle, classNames, of }: ClassBarsOptions,
): ChartSpec {
  const names = series.map((s) => s.name);
  const values = series.flatMap(({ name, counts }) => {
    const all = counts.reduce((sum, n) => sum + n, 0);
    return counts.map((rows, k) => {
      const share = all === 0 ? 0 : rows / all;
      return { class: classNames[k] ?? String(k), series: name, rows, share, text: of === 'rows' ? rows.toLocaleString('en') : `${(100 * share).toFixed(1)} %` }; // prettier-ignore
    });
  });
  const most = Math.max(...values.map((v) => v[of]));
  return {
    $schema: SCHEMA,
    description: `${title}: ${of} per class in ${names.join(', ')}`,
    width: 'container',
    ...titled({ title, ...(subtitle ? { subtitle } : {}) }, 90 + classNames.length * (12 + 16 * series.length)),
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    encoding: {
      y: { field: 'class', type: 'nominal', sort: [...classNames], title: null, axis: { domain: false, ticks: false, labelPadding: 6 } },
      yOffset: { field: 'series', type: 'nominal', sort: names },
      // Room for the numbers behind the longest bar.
      x: {
        field: of,
        type: 'quantitative',
        title: of,
        scale: { domain: [0, 1.2 * most], nice: false },
        axis: { tickCount: 4, format: of === 'rows' ? '~s' : '.0%' },
      },
    },
    layer: [
      {
        mark: { type: 'bar' },
        encoding: {
          color: {
            field: 'series',
            type: 'nominal',
            title: null,
            scale: { domain: names, range: CATEGORY_COLOURS.slice(0, names.length) },
            legend: { orient: 'top', columns: 1 },
          },
          tooltip: [
            { field: 'class', type: 'nominal' },
            { field: 'series', type: 'nominal' },
            { field: 'rows', type: 'quantitative', format: ',d' },
            { field: 'share', type: 'quantitative', format: '.1%' },
          ],
        },
      },
      { mark: { type: 'text', align: 'left', dx: 5, fontSize: 10 }, encoding: { text: { field: 'text', type: 'nominal' } } },
    ],
  };
}
