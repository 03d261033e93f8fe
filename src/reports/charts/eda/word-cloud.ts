import type { FrameLike } from '../../../data/frame.js';
import type { Table } from '../../../data/table.js';
import { SarafError } from '../../../errors.js';
import type { ClassWords } from '../../../experiments/training-words.js';
import { countedWords, type WordOptions } from '../../../text/count-words.js';
import { VEGA_SCHEMA, type ChartSpec } from '../spec.js';
import { coloursOf } from './colours.js';
import { checkedCount, textsOf } from './texts.js';

export interface WordCloudOptions extends WordOptions {
  readonly title?: string;
  /** A column of classes: a cloud each. */
  readonly label?: string;
  /** How many words a cloud. Default 40; those that find no room are left out. */
  readonly top?: number;
}

const FONT = 'Helvetica, Arial, "Liberation Sans", "Noto Sans", sans-serif';
/** Pixels: a cloud is at least as wide as this, unless the page is narrower. */
const CELL = 340;
const HEIGHT = 230;
const HEAD = 26;
const SMALLEST = 10;

/**
 * A cloud of the most frequent words, one per class, laid out by Vega: size by the square root of the count. Side by side where there is
 * room, one below the other on a phone.
 *
 * Throws: ERR_DATA if nothing is left to show.
 */
export function wordCloudSpec(source: Table | FrameLike, column: string, options: WordCloudOptions): ChartSpec {
  const op = 'wordCloud';
  const { title = 'Words', label, top = 40 } = options;
  checkedCount(op, 'top', top);
  const { texts, classes } = textsOf(op, source, column, label);
  const clouds = classes.map((name): ClassWords => {
    const own = texts.filter((one) => one.label === name).map(({ text }) => text);
    return { name, texts: own.length, words: countedWords(own, options).slice(0, top) };
  });
  return wordCloudOf(clouds, title, `most frequent words of ${column}${label === undefined ? '' : ` for each class of ${label}`}`);
}

/** The same from words that are counted already; the class of a single cloud may be ''. Throws ERR_DATA if nothing is left to show. */
export function wordCloudOf(clouds: readonly ClassWords[], title: string, what: string): ChartSpec {
  const op = 'wordCloud';
  const classes = clouds.map(({ name }) => name);
  const values = clouds.flatMap(({ name, texts, words }, order) => {
    const head = name === '' ? '' : `${name} (${texts.toLocaleString('en')} texts)`;
    return words.map(([word, count]) => ({ class: name, order, head, word, count }));
  });
  const most = new Map(classes.map((name) => [name, Math.max(...values.filter((v) => v.class === name).map((v) => v.count))]));
  /** In sizes of the largest word, which a word is as large as the root of its share. */
  const sizeOf = ({ class: name, count }: (typeof values)[number]): number => Math.sqrt(count / (most.get(name) as number));
  // So large that the longest word fits into a cloud, and all of them, none smaller than can be read, cover half of it or a little more.
  const widest = Math.max(...values.map((value) => 0.8 * value.word.length * sizeOf(value)));
  const covered = (name: string, size: (value: (typeof values)[number]) => number): number =>
    values.filter((v) => v.class === name).reduce((sum, value) => sum + 0.75 * value.word.length * size(value) ** 2, 0);
  const fullest = Math.max(...classes.map((name) => covered(name, sizeOf)));
  const atLeast = Math.max(...classes.map((name) => covered(name, () => SMALLEST)));
  if (values.length === 0) throw new SarafError('ERR_DATA', op, 'expected words to show, received none; pass without: [] to show all');
  const container = 'isFinite(containerSize()[0]) ? containerSize()[0] : 480';
  return {
    $schema: VEGA_SCHEMA,
    description: `${title}: ${what}`,
    title: { text: title, anchor: 'start', offset: 8 },
    autosize: 'pad',
    padding: 0,
    signals: [
      { name: 'width', init: container, on: [{ events: 'window:resize', update: container }] },
      { name: 'columns', update: `max(1, min(${classes.length}, floor(width / ${CELL})))` },
      { name: 'cell', update: 'floor(width / columns)' },
      { name: 'height', update: `ceil(${classes.length} / columns) * ${HEIGHT}` },
      {
        name: 'largest',
        update: `min(56, cell / ${widest.toFixed(3)}, sqrt(max(1, 0.6 * cell * ${HEIGHT - HEAD} - ${atLeast.toFixed(0)}) / ${fullest.toFixed(3)}))`,
      },
    ],
    data: [{ name: 'words', values }],
    scales: [{ name: 'colour', type: 'ordinal', domain: classes, range: coloursOf(classes) }],
    marks: [
      {
        type: 'group',
        from: { facet: { data: 'words', name: 'own', groupby: ['class', 'order', 'head'] } },
        encode: {
          update: {
            x: { signal: '(datum.order % columns) * cell' },
            y: { signal: `floor(datum.order / columns) * ${HEIGHT}` },
            width: { signal: 'cell' },
            height: { value: HEIGHT },
          },
        },
        data: [
          {
            name: 'placed',
            source: 'own',
            transform: [
              {
                type: 'wordcloud',
                size: [{ signal: 'cell - 12' }, HEIGHT - HEAD - 6],
                text: { field: 'word' },
                font: FONT,
                fontWeight: '600',
                fontSize: { field: 'count' },
                fontSizeRange: [SMALLEST, { signal: `max(${SMALLEST + 4}, largest)` }],
                padding: 2,
              },
              { type: 'filter', expr: 'datum.fontSize > 0' },
            ],
          },
        ],
        marks: [
          {
            type: 'text',
            encode: {
              update: {
                text: { signal: 'parent.head' },
                x: { value: 2 },
                y: { value: 14 },
                font: { value: FONT },
                fontSize: { value: 12 },
                fontWeight: { value: 600 },
                // Readable on a light and on a dark page.
                fill: { value: '#768390' },
              },
            },
          },
          {
            type: 'text',
            from: { data: 'placed' },
            encode: {
              update: {
                text: { field: 'word' },
                x: { field: 'x', offset: 6 },
                y: { field: 'y', offset: HEAD },
                align: { value: 'center' },
                baseline: { value: 'alphabetic' },
                font: { field: 'font' },
                fontSize: { field: 'fontSize' },
                fontWeight: { field: 'fontWeight' },
                fill: { scale: 'colour', field: 'class' },
                tooltip: { signal: "{word: datum.word, times: format(datum.count, ',d')}" },
              },
            },
          },
        ],
      },
    ],
  };
}
