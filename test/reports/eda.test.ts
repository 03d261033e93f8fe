import { describe, expect, it } from 'vitest';
import { Table } from '../../src/data/table.js';
import { charts } from '../../src/reports/index.js';
import { chartTheme } from '../../src/reports/charts/spec.js';
import { expectError } from '../helpers/expect-error.js';
import { schemaErrors } from './schema.js';

const texts = [
  'Makan enak, makanan ENAK sekali!',
  'enak dan murah 2x 100',
  'mahal',
  'tidak enak; mahal-mahal',
  ' ',
  'sangat panjang sekali sampai ke ujung jalan raya besar',
];
const table = new Table(['text', 'label'], [texts, ['positive', 'positive', 'negative', 'negative', 'neutral', 'neutral']]);

type Values = { readonly values: readonly Record<string, unknown>[] };
const valuesOf = (spec: Readonly<Record<string, unknown>>): readonly Record<string, unknown>[] => (spec['data'] as Values).values;

const all = {
  classes: charts.classProportions(table, 'label'),
  'lengths by class': charts.textLengths(table, 'text', { label: 'label' }),
  lengths: charts.textLengths(table, 'text'),
  'words by class': charts.wordFrequencies(table, 'text', { label: 'label', top: 5 }),
  words: charts.wordFrequencies(table, 'text', { title: 'All' }),
};

describe('charts of a corpus', () => {
  for (const [name, { spec, ...chart }] of Object.entries(all)) {
    it(`${name} follows Vega-Lite's schema, in both themes, and draws marks`, async () => {
      expect(chart).toEqual({});
      expect(schemaErrors(spec)).toEqual([]);
      expect(schemaErrors({ ...spec, config: chartTheme('dark') })).toEqual([]);
      const svg = await all[name as keyof typeof all].toSVG(370);
      expect(svg).not.toContain('NaN');
      expect(svg.match(/<path /g)?.length ?? 0).toBeGreaterThan(3);
    });
  }

  it('class proportions: rows and shares', () => {
    expect(valuesOf(all.classes.spec)).toEqual(
      ['negative', 'neutral', 'positive'].map((name) => ({ class: name, rows: 2, share: 1 / 3, text: '2 · 33.3 %' })),
    );
    expect(valuesOf(charts.classProportions(new Table(['stars'], [['10', '9', '9']]), 'stars').spec).map((v) => v['class'])).toEqual([
      '9',
      '10',
    ]);
  });

  it('text lengths: every text once, in the bin of its words', () => {
    const [bars] = all['lengths by class'].spec['layer'] as { data: Values }[];
    // 5, 5, 1, 3 and 9 words; the blank text is none.
    expect(bars?.data.values.map(({ class: name, from, rows }) => [name, from, rows])).toEqual([
      ['negative', 1, 1],
      ['negative', 3, 1],
      ['neutral', 9, 1],
      ['positive', 5, 2],
    ]);
    expect((all.lengths.spec['title'] as { subtitle: string[] }).subtitle[0]).toContain('median 5 words');
  });

  it('text lengths: the longest hundredth stands in the last bin, and that is said', () => {
    const long = Array.from({ length: 200 }, (_, i) => 'kata '.repeat(i === 0 ? 5000 : 10));
    const { spec } = charts.textLengths(new Table(['text'], [long]), 'text');
    const [bars] = spec['layer'] as { data: Values }[];
    expect(bars?.data.values).toEqual([{ class: '', from: 10, to: 11, rows: 200 }]);
    expect((spec['title'] as { subtitle: string[] }).subtitle[1]).toBe('longest 5000; the last bar holds all longer ones');
  });

  it('word frequencies: stop words and numbers are left out, ties go by the alphabet', () => {
    expect(valuesOf(all['words by class'].spec)).toEqual([
      { word: 'enak', class: 'positive', count: 3 },
      { word: 'enak', class: 'negative', count: 1 },
      { word: 'sekali', class: 'positive', count: 1 },
      { word: 'sekali', class: 'neutral', count: 1 },
      { word: '2x', class: 'positive', count: 1 },
      { word: 'besar', class: 'neutral', count: 1 },
      { word: 'jalan', class: 'neutral', count: 1 },
    ]);
    const own = charts.wordFrequencies(table, 'text', { words: (text) => text.toLowerCase().split(/\W+/), without: ['mahal'], top: 1 });
    expect(valuesOf(own.spec)).toEqual([{ word: 'enak', class: '', count: 4 }]);
    expect(valuesOf(charts.wordFrequencies(table, 'text', { without: [], top: 50 }).spec).map((v) => v['word'])).toContain('tidak');
  });

  it('take a frame', () => {
    const frame = { columns: ['label'], column: () => ({ values: ['a', 'b', 'b'] }) };
    expect(valuesOf(charts.classProportions(frame, 'label').spec).map((v) => v['rows'])).toEqual([1, 2]);
  });

  it('say what is missing', () => {
    const gaps = new Table(
      ['text', 'label'],
      [
        [null, 'baik'],
        ['a', null],
      ],
      { file: 'train.csv', lines: [2, 3] },
    );
    expectError(() => charts.classProportions(gaps, 'label'), 'ERR_DATA', 'column "label" at train.csv line 3');
    expectError(() => charts.textLengths(gaps, 'teks'), 'ERR_DATA', 'expected column "teks"');
    expectError(() => charts.textLengths(gaps.take([0]), 'text'), 'ERR_DATA', 'at least one text');
    expectError(() => charts.classProportions(new Table(['label'], [[]]), 'label'), 'ERR_DATA', 'at least one row');
    expectError(() => charts.wordFrequencies(table.take([2]), 'text', { without: ['mahal'] }), 'ERR_DATA', 'without: []');
    expectError(() => charts.wordFrequencies(table, 'text', { top: 0 }), 'ERR_ARG', 'top');
    expectError(() => charts.wordCloud(table.take([2]), 'text', { without: ['mahal'] }), 'ERR_DATA', 'without: []');
  });
});

/** Words of a drawing and where they are. */
function wordsIn(svg: string): { word: string; x: number; y: number; size: number }[] {
  const text = /<text [^>]*transform="translate\(([-\d.]+),([-\d.]+)\)"[^>]*font-size="(\d+)px"[^>]*>([^<]+)<\/text>/g;
  return [...svg.matchAll(text)].map(([, x, y, size, word]) => ({ word: word as string, x: Number(x), y: Number(y), size: Number(size) }));
}

describe('word cloud', () => {
  const many = Array.from({ length: 40 }, (_, i) =>
    Array.from({ length: 41 - i }, () => `kata${String.fromCharCode(97 + (i % 26), 97 + (i % 7))}`).join(' '),
  );
  const cloud = charts.wordCloud(new Table(['text', 'label'], [many, many.map((_, i) => (i % 2 === 0 ? 'genap' : 'ganjil'))]), 'text', {
    label: 'label',
    top: 15,
  });

  it("follows Vega's schema; a violation is found", () => {
    expect(schemaErrors(cloud.spec, 'vega')).toEqual([]);
    expect(schemaErrors({ ...cloud.spec, marks: 'cloud' }, 'vega')).not.toEqual([]);
  });

  it.each([370, 1200])('is laid out at %i px: no word over another, the most frequent the largest, the same each time', async (width) => {
    const svg = await cloud.toSVG(width);
    expect(svg).not.toContain('NaN');
    expect(await cloud.toSVG(width)).toBe(svg);
    const words = wordsIn(svg).filter(({ word }) => word.startsWith('kata'));
    expect(words.length).toBeGreaterThan(24);
    expect(Math.max(...words.map(({ size }) => size))).toBe(words.find(({ word }) => word === 'kataaa')?.size);
    // Two clouds, each in a frame of its own: what a word takes at least must be free of the others of its frame.
    for (const own of [words.slice(0, 15), words.slice(15)]) {
      for (const a of own)
        for (const b of own)
          if (a !== b)
            expect(
              Math.abs(a.y - b.y) >= 0.6 * Math.min(a.size, b.size) || Math.abs(a.x - b.x) >= 0.25 * 6 * (a.size + b.size),
              `${a.word} ${b.word}`,
            ).toBe(true);
    }
    expect(words.every(({ x }) => x > 0 && x < width)).toBe(true);
  });

  it('leaves no trace of the canvas that it was laid out on', async () => {
    await cloud.toSVG(400);
    expect('document' in globalThis).toBe(false);
  });

  it('stands one below the other where the page is narrow', async () => {
    const height = (svg: string): number => Number(/<svg[^>]* height="(\d+)/.exec(svg)?.[1]);
    expect(height(await cloud.toSVG(370))).toBeGreaterThan(height(await cloud.toSVG(1200)) + 200);
  });
});
