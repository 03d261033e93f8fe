import { expect, test } from 'vitest';
import { padSequences, type PadSequencesOptions } from '../../src/text/pad-sequences.js';
import { cases, fixtures, valuesOf, whyNoFixtures, type FixtureArray } from './fixtures.js';

test('both sides, both ends', () => {
  const rows = [[1, 2, 3], [4], []];
  expect(padSequences(rows).toArray()).toEqual([
    [1, 2, 3],
    [0, 0, 4],
    [0, 0, 0],
  ]);
  expect(padSequences(rows, { maxlen: 2, padding: 'post', truncating: 'post', value: -1 }).toArray()).toEqual([
    [1, 2],
    [4, -1],
    [-1, -1],
  ]);
  expect(padSequences(rows, { maxlen: 2 }).toArray()).toEqual([
    [2, 3],
    [0, 4],
    [0, 0],
  ]);
  expect(padSequences([]).shape).toEqual([0, 0]);
  expect(padSequences([[1.5]], { dtype: 'float32' }).dtype).toBe('float32');
});

test('what cannot be is refused, naming the place', () => {
  expect(() => padSequences([[1], [2, 0.5]])).toThrow(/received 0.5 in row 1 at 1; pass dtype/);
  expect(() => padSequences([[NaN]], { dtype: 'float32' })).toThrow(/received NaN in row 0/);
  expect(() => padSequences([[2 ** 31]])).toThrow(/int32/);
  expect(() => padSequences([[1]], { value: 0.5 })).toThrow(/to fill up with/);
  expect(() => padSequences([[1]], { maxlen: -1 })).toThrow(/maxlen/);
  expect(() => padSequences([[1]], { padding: 'left' as 'pre' })).toThrow(/padding/);
  expect(() => padSequences([[1]], { dtype: 'uint8' as 'int32' })).toThrow(/dtype/);
});

interface PaddingCase {
  sequences: number[][];
  kwargs: { maxlen?: number | null; padding?: 'pre' | 'post'; truncating?: 'pre' | 'post'; value?: number; dtype?: 'float32' };
  output: FixtureArray;
}

test.skipIf(!fixtures).for(cases<PaddingCase>('text', 'pad-sequences'))('Keras: %s', ([, c]) => {
  const { maxlen, ...rest } = c.kwargs;
  const options: PadSequencesOptions = { ...rest, maxlen: maxlen ?? undefined };
  const y = padSequences(c.sequences, options);
  expect([y.shape, y.dtype]).toEqual([c.output.shape, c.output.dtype]);
  expect(Array.from(y.data())).toEqual(valuesOf(c.output));
});

test('reference cases of Keras are there to be walked', ({ skip }) => {
  if (!fixtures) skip(whyNoFixtures);
  expect(cases('text', 'pad-sequences').length).toBeGreaterThan(10);
});
