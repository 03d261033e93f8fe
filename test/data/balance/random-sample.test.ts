import { describe, expect, it } from 'vitest';
import { classWeights } from '../../../src/data/balance/class-weights.js';
import { hybridSample, randomOverSample, randomUnderSample } from '../../../src/data/balance/random-sample.js';
import type { SamplingStrategy } from '../../../src/data/balance/strategy.js';
import { encodeLabels } from '../../../src/data/labels.js';
import { stratifiedSplit } from '../../../src/data/split.js';
import { Table } from '../../../src/data/table.js';
import { markPart, partOf } from '../../../src/tensor/part.js';
import { tensor, type Tensor } from '../../../src/tensor/tensor.js';
import { expectError } from '../../helpers/expect-error.js';

// 6 a, 3 b, 1 c.
const LABELS = ['a', 'b', 'a', 'a', 'c', 'b', 'a', 'a', 'b', 'a'];

const counts = (labels: readonly (string | number)[]): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const label of labels) found[label] = (found[label] ?? 0) + 1;
  return found;
};

describe('randomOverSample', () => {
  it('keeps every row and copies rows of the class until the classes are equal', () => {
    const { rows, labels, added } = randomOverSample(LABELS, { seed: 1 });
    expect([...rows.subarray(0, 10)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(added).toBe(8);
    expect(counts(labels)).toEqual({ a: 6, b: 6, c: 6 });
    expect([...rows].map((row) => LABELS[row])).toEqual(labels);
  });

  it('gives the same rows for the same seed, whatever the form of the labels', () => {
    const { rows } = randomOverSample(LABELS, { seed: 3 });
    expect(randomOverSample(LABELS, { seed: 3 }).rows).toEqual(rows);
    const many = Array.from({ length: 10 }, () => LABELS).flat();
    expect(randomOverSample(many, { seed: 4 }).rows).not.toEqual(randomOverSample(many, { seed: 3 }).rows);
    const encoded = encodeLabels(LABELS);
    const numbers = randomOverSample(encoded.labels, { seed: 3 });
    expect(numbers.rows).toEqual(rows);
    expect(numbers.labels.shape).toEqual([18]);
    expect([...numbers.labels.data()].map((i) => encoded.classes[i])).toEqual(randomOverSample(LABELS, { seed: 3 }).labels);
    expect(randomOverSample(encoded.labels.data() as Int32Array, { seed: 3 }).labels).toEqual(numbers.labels.data());
    // Written down once, so that every machine is held to it.
    expect([...rows.subarray(10)]).toMatchInlineSnapshot(`
      [
        1,
        5,
        5,
        4,
        4,
        4,
        4,
        4,
      ]
    `);
  });

  const cases: readonly [SamplingStrategy, Record<string, number>][] = [
    ['minority', { a: 6, b: 3, c: 6 }],
    ['not minority', { a: 6, b: 6, c: 1 }],
    ['not majority', { a: 6, b: 6, c: 6 }],
    ['all', { a: 6, b: 6, c: 6 }],
    [{ c: 4 }, { a: 6, b: 3, c: 4 }],
    [
      { a: 7, c: 1 },
      { a: 7, b: 3, c: 1 },
    ],
  ];
  it.each(cases)('samplingStrategy %o', (samplingStrategy, expected) => {
    expect(counts(randomOverSample(LABELS, { samplingStrategy }).labels)).toEqual(expected);
  });

  it('takes a ratio for two classes', () => {
    const two = [0, 0, 0, 0, 0, 0, 0, 1, 1];
    expect(counts(randomOverSample(two, { samplingStrategy: 0.5 }).labels)).toEqual({ 0: 7, 1: 3 });
    expectError(() => randomOverSample(two, { samplingStrategy: 0.1 }), 'ERR_ARG', '7', '0.1');
    expectError(() => randomOverSample(two, { samplingStrategy: 1.5 }), 'ERR_ARG', '(0,1]', '1.5');
    expectError(() => randomOverSample(LABELS, { samplingStrategy: 0.5 }), 'ERR_ARG', '3 classes', 'two classes');
  });

  it('refuses what cannot be', () => {
    expectError(() => randomOverSample(LABELS, { samplingStrategy: { d: 4 } }), 'ERR_ARG', '"a", "b", "c"', '"d"');
    expectError(() => randomOverSample(LABELS, { samplingStrategy: { a: 4 } }), 'ERR_ARG', 'at least the 6 rows', 'received 4', 'under');
    expectError(() => randomOverSample(LABELS, { samplingStrategy: { c: 2.5 } }), 'ERR_ARG', 'whole number', '2.5');
    expectError(() => randomOverSample(LABELS, { samplingStrategy: 'majority' }), 'ERR_ARG', '"not majority"', '"majority"');
    expectError(() => randomOverSample(['a', '', 'b']), 'ERR_DATA', 'row 1');
    expectError(() => randomOverSample([1, Number.NaN]), 'ERR_DATA', 'row 1');
    expectError(() => randomOverSample([]), 'ERR_DATA', 'at least one row');
    expectError(
      () =>
        randomOverSample(
          tensor([
            [0, 1],
            [1, 0],
          ]),
        ),
      'ERR_SHAPE',
      '(2,2)',
      'one-hot',
    );
  });

  it('takes the training part of a split, and no other', () => {
    const table = new Table(['label'], [LABELS.concat(LABELS)]);
    const { train, test } = stratifiedSplit(table.strings('label'), { testSize: 0.3 });
    const part = table.take(train);
    const { rows } = randomOverSample(part.strings('label'));
    expect(partOf(part.take(rows))).toBe('train');
    expectError(() => randomOverSample(table.take(test).strings('label')), 'ERR_ARG', 'over-sampling', 'test part');
    expectError(() => randomUnderSample(markPart([...LABELS], 'validation')), 'ERR_ARG', 'under-sampling', 'validation part');
    expectError(() => hybridSample(markPart([...LABELS], 'test')), 'ERR_ARG', 'test part');
    expectError(() => classWeights(encodeLabels(table.take(test).strings('label')).labels), 'ERR_ARG', 'class weights', 'test part');
  });
});

describe('randomUnderSample', () => {
  it('draws without replacement and keeps the order of the rows', () => {
    const many = Array.from({ length: 1000 }, (_, i) => (i % 5 === 0 ? 'few' : 'many'));
    const { rows, labels, added } = randomUnderSample(many, { seed: 2 });
    expect(counts(labels)).toEqual({ few: 200, many: 200 });
    expect(new Set(rows).size).toBe(400);
    expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
    expect(added).toBe(0);
    // A fair draw has as many rows from the first half as from the second; 4 standard deviations are 28.
    expect(Math.abs([...rows].filter((row) => many[row] === 'many' && row < 500).length - 100)).toBeLessThan(28);
  });

  const cases: readonly [SamplingStrategy, Record<string, number>][] = [
    ['auto', { a: 1, b: 1, c: 1 }],
    ['majority', { a: 1, b: 3, c: 1 }],
    ['not majority', { a: 6, b: 1, c: 1 }],
    ['not minority', { a: 1, b: 1, c: 1 }],
    [{ a: 4 }, { a: 4, b: 3, c: 1 }],
  ];
  it.each(cases)('samplingStrategy %o', (samplingStrategy, expected) => {
    expect(counts(randomUnderSample(LABELS, { samplingStrategy }).labels)).toEqual(expected);
  });

  it('takes a ratio for two classes, and no more rows than there are', () => {
    expect(counts(randomUnderSample([0, 0, 0, 0, 0, 0, 0, 1, 1], { samplingStrategy: 0.5 }).labels)).toEqual({ 0: 4, 1: 2 });
    expectError(() => randomUnderSample(LABELS, { samplingStrategy: { c: 2 } }), 'ERR_ARG', 'at most the 1 rows', 'over');
    expectError(() => randomUnderSample(LABELS, { samplingStrategy: 'minority' }), 'ERR_ARG', '"majority"');
  });
});

describe('hybridSample', () => {
  it('brings every class to the mean, or to what is asked for', () => {
    const { rows, labels, added } = hybridSample(LABELS, { seed: 5 });
    expect(counts(labels)).toEqual({ a: 3, b: 3, c: 3 });
    expect(added).toBe(2);
    expect([...rows.subarray(7)]).toEqual([4, 4]);
    expect(counts(hybridSample(LABELS, { samplingStrategy: { a: 2, c: 5 } }).labels)).toEqual({ a: 2, b: 3, c: 5 });
    expectError(() => hybridSample(LABELS, { samplingStrategy: 'all' as 'auto' }), 'ERR_ARG', '"auto"', '"all"');
  });
});

describe('classWeights', () => {
  it('is rows / (classes · rows of the class), worked by hand', () => {
    expect(classWeights([0, 0, 0, 0, 0, 0, 1, 1, 1, 2])).toEqual({ 0: 10 / 18, 1: 10 / 9, 2: 10 / 3 });
    const encoded: Tensor = encodeLabels(LABELS).labels;
    expect(classWeights(encoded)).toEqual({ 0: 10 / 18, 1: 10 / 9, 2: 10 / 3 });
  });

  it('wants class numbers', () => {
    expectError(() => classWeights(['a', 'b']), 'ERR_ARG', 'class numbers', '"a"', 'encodeLabels');
    expectError(() => classWeights([0.5, 1]), 'ERR_ARG', '"0.5"');
    expectError(() => classWeights([]), 'ERR_DATA', 'at least one row');
  });
});
