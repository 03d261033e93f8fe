import type { Table } from '../../data/table.js';
import { SarafError } from '../../errors.js';
import { CATEGORY_COLOURS, SCHEMA, type ChartSpec } from './spec.js';

export interface WordMapOptions {
  readonly title?: string;
  /** A group for each word, in the order of the rows: told apart by colour. */
  readonly groups?: readonly string[];
}

/** Words where `projectWords` put them. Throws ERR_DATA for a table that is none of its, ERR_ARG for as many groups as words. */
export function wordMapSpec(points: Table, options: WordMapOptions = {}): ChartSpec {
  for (const name of ['word', 'x', 'y'])
    if (!points.columns.includes(name))
      throw new SarafError('ERR_DATA', 'wordMap', `expected columns word, x, y, received ${points.columns.join(', ')}; pass what projectWords gives`); // prettier-ignore
  const { groups, title = 'Words' } = options;
  if (groups && groups.length !== points.rows)
    throw new SarafError('ERR_ARG', 'wordMap', `expected a group for each of ${points.rows} words, received ${groups.length}`);
  const [words, x, y] = [points.strings('word'), points.numbers('x'), points.numbers('y')];
  const values = words.map((word, i) => ({ word, x: x[i], y: y[i], ...(groups ? { group: groups[i] } : {}) }));
  const axis = (field: 'x' | 'y'): object => ({
    field,
    type: 'quantitative',
    axis: null,
    scale: { zero: false, nice: false, padding: 28 },
  });
  const colour = groups ? { color: { field: 'group', type: 'nominal', title: null, scale: { range: [...CATEGORY_COLOURS] } } } : {};
  return {
    $schema: SCHEMA,
    description: `${title}: ${words.length} words in the plane`,
    title: { text: title, subtitle: `${words.length} words; near is alike, the axes have no unit` },
    width: 'container',
    height: 420,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    encoding: {
      x: axis('x'),
      y: axis('y'),
      tooltip: [{ field: 'word', type: 'nominal' }, ...(groups ? [{ field: 'group', type: 'nominal' }] : [])],
    },
    layer: [
      {
        mark: { type: 'point', filled: true, size: 22, opacity: 0.8, ...(groups ? {} : { color: CATEGORY_COLOURS[0] }) },
        encoding: colour,
      },
      { mark: { type: 'text', dy: -7, fontSize: 10 }, encoding: { text: { field: 'word', type: 'nominal' }, ...colour } },
    ],
  };
}
