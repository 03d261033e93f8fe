import type { FrameLike } from '../../../data/frame.js';
import type { Table } from '../../../data/table.js';
import { SCHEMA, type ChartSpec } from '../spec.js';
import { classColour } from './colours.js';
import { textsOf } from './texts.js';

/** Bins of a histogram, about as many as can be told apart on a phone. */
const BINS = 24;

/** 1, 2 or 5 times a power of ten, at least `step`. */
function nice(step: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, step)));
  return power * ([1, 2, 5, 10].find((m) => m * power >= step) as number);
}

/** Histogram of words a text, one colour per class, with the median; the longest hundredth stands in the last bin. Throws ERR_DATA without texts. */
export function textLengthsSpec(source: Table | FrameLike, column: string, label: string | undefined, title: string): ChartSpec {
  const { texts, classes } = textsOf('textLengths', source, column, label);
  const lengths = texts.map(({ text }) => text.split(/\s+/).filter((word) => word !== '').length);
  const sorted = lengths.toSorted((a, b) => a - b);
  const quantile = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;
  const step = nice((quantile(0.99) + 1) / BINS);
  const last = Math.floor(quantile(0.99) / step);
  const counts = new Map(classes.map((name) => [name, Array.from({ length: last + 1 }, () => 0)]));
  for (const [i, { label: name }] of texts.entries()) {
    const bins = counts.get(name) as number[];
    const at = Math.min(last, Math.floor((lengths[i] as number) / step));
    bins[at] = (bins[at] as number) + 1;
  }
  const values = [...counts].flatMap(([name, bins]) => bins.map((rows, i) => ({ class: name, from: i * step, to: (i + 1) * step, rows })));
  const longest = sorted.at(-1) as number;
  const more = longest >= (last + 1) * step ? `; the last bar holds all longer ones` : '';
  return {
    $schema: SCHEMA,
    description: `${title}: words per text of ${column}`,
    title: { text: title, subtitle: [`median ${quantile(0.5)} words, 95 % up to ${quantile(0.95)}`, `longest ${longest}${more}`] },
    width: 'container',
    height: 280,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: { values: values.filter(({ rows }) => rows > 0) },
        mark: { type: 'bar', binSpacing: 1 },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative',
            bin: { binned: true, step },
            title: 'words a text',
            axis: { tickCount: 6, grid: false },
          },
          x2: { field: 'to' },
          y: { field: 'rows', type: 'quantitative', stack: 'zero', title: 'texts', axis: { tickCount: 5, format: '~s' } },
          color: classColour(classes),
          tooltip: [
            ...(classes.length > 1 ? [{ field: 'class', type: 'nominal' }] : []),
            { field: 'from', type: 'quantitative', title: 'words from' },
            { field: 'to', type: 'quantitative', title: 'to below' },
            { field: 'rows', type: 'quantitative', format: ',d', title: 'texts' },
          ],
        },
      },
      {
        data: { values: [{ median: quantile(0.5) }] },
        mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1.5 },
        encoding: { x: { field: 'median', type: 'quantitative' }, tooltip: [{ field: 'median', type: 'quantitative', title: 'median' }] },
      },
    ],
  };
}
