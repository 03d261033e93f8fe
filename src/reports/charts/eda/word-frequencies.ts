import type { FrameLike } from '../../../data/frame.js';
import type { Table } from '../../../data/table.js';
import { SarafError } from '../../../errors.js';
import { countedWords, wordsOf, type WordOptions } from '../../../text/count-words.js';
import { SCHEMA, type ChartSpec } from '../spec.js';
import { classColour } from './colours.js';
import { checkedCount, textsOf } from './texts.js';

export interface WordFrequenciesOptions extends WordOptions {
  readonly title?: string;
  /** A column of classes: each bar is divided by them. */
  readonly label?: string;
  /** How many words. Default 20. */
  readonly top?: number;
}

/** The most frequent words, a bar each, divided by class. Throws ERR_DATA if nothing is left to count. */
export function wordFrequenciesSpec(source: Table | FrameLike, column: string, options: WordFrequenciesOptions): ChartSpec {
  const op = 'wordFrequencies';
  const { title = 'Most frequent words', label, top = 20 } = options;
  const { texts, classes } = textsOf(op, source, column, label);
  const counted = countedWords(
    texts.map(({ text }) => text),
    options,
  );
  const words = counted.slice(0, checkedCount(op, 'top', top)).map(([word]) => word);
  if (words.length === 0) throw new SarafError('ERR_DATA', op, 'expected words to count, received none; pass without: [] to count all');
  const shown = new Map(words.map((word) => [word, new Map<string, number>()]));
  const split = wordsOf(options);
  for (const { text, label: name } of texts) {
    for (const word of split(text)) {
      const of = shown.get(word);
      of?.set(name, (of.get(name) ?? 0) + 1);
    }
  }
  const values = [...shown].flatMap(([word, of]) => [...of].map(([name, count]) => ({ word, class: name, count })));
  return {
    $schema: SCHEMA,
    description: `${title}: the ${words.length} most frequent words of ${column}`,
    title: {
      text: title,
      subtitle: `of ${counted.length.toLocaleString('en')} different ones in ${texts.length.toLocaleString('en')} texts`,
    },
    width: 'container',
    height: 110 + 18 * words.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    mark: { type: 'bar', height: { band: 0.75 } },
    encoding: {
      y: {
        field: 'word',
        type: 'nominal',
        sort: words,
        title: null,
        axis: { domain: false, ticks: false, labelPadding: 6, labelLimit: 130 },
      },
      x: { field: 'count', type: 'quantitative', stack: 'zero', title: 'times', axis: { tickCount: 5, format: '~s' } },
      color: classColour(classes),
      order: { field: 'class', type: 'nominal', sort: 'ascending' },
      tooltip: [
        { field: 'word', type: 'nominal' },
        ...(classes.length > 1 ? [{ field: 'class', type: 'nominal' }] : []),
        { field: 'count', type: 'quantitative', format: ',d', title: 'times' },
      ],
    },
  };
}
