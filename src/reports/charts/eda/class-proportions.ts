import type { FrameLike } from '../../../data/frame.js';
import type { Table } from '../../../data/table.js';
import { SarafError } from '../../../errors.js';
import { CATEGORY_COLOURS, SCHEMA, type ChartSpec } from '../spec.js';
import { inOrder, labelsOf, tableOf } from './texts.js';

/** A bar per class, with its number of rows and its share. Throws ERR_DATA for a table without rows or a missing class. */
export function classProportionsSpec(source: Table | FrameLike, label: string, title: string): ChartSpec {
  const op = 'classProportions';
  const labels = labelsOf(op, tableOf(source), label);
  if (labels.length === 0) throw new SarafError('ERR_DATA', op, 'expected at least one row, received none');
  const classes = inOrder(labels);
  const values = classes.map((name) => {
    const rows = labels.filter((one) => one === name).length;
    const share = rows / labels.length;
    return { class: name, rows, share, text: `${rows.toLocaleString('en')} · ${(100 * share).toFixed(1)} %` };
  });
  const most = Math.max(...values.map(({ rows }) => rows));
  return {
    $schema: SCHEMA,
    description: `${title}: rows per class of ${label}`,
    title: { text: title, subtitle: `${labels.length.toLocaleString('en')} rows` },
    width: 'container',
    height: 90 + 30 * classes.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    encoding: {
      y: { field: 'class', type: 'nominal', sort: classes, title: null, axis: { domain: false, ticks: false, labelPadding: 6 } },
      // Room for the numbers behind the longest bar.
      x: {
        field: 'rows',
        type: 'quantitative',
        title: 'rows',
        scale: { domain: [0, 1.45 * most], nice: false },
        axis: { tickCount: 4, format: '~s' },
      },
    },
    layer: [
      {
        mark: { type: 'bar', color: CATEGORY_COLOURS[0], height: { band: 0.7 } },
        encoding: {
          tooltip: [
            { field: 'class', type: 'nominal' },
            { field: 'rows', type: 'quantitative', format: ',d' },
            { field: 'share', type: 'quantitative', format: '.1%' },
          ],
        },
      },
      { mark: { type: 'text', align: 'left', dx: 5, fontSize: 11 }, encoding: { text: { field: 'text', type: 'nominal' } } },
    ],
  };
}
