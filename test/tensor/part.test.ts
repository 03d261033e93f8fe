import { expect, it } from 'vitest';
import { columnsToTensor } from '../../src/data/frame.js';
import { encodeLabels } from '../../src/data/labels.js';
import { groupedSplit, kFold, stratifiedSplit, trainTestSplit } from '../../src/data/split.js';
import { Table } from '../../src/data/table.js';
import { markPart, partOf, refuseTestRows, samePart } from '../../src/tensor/part.js';
import { expectError } from '../helpers/expect-error.js';

const table = (): Table =>
  new Table(
    ['text', 'label', 'n'],
    [Array.from({ length: 10 }, (_, i) => `t${i}`), Array.from({ length: 10 }, (_, i) => i % 2), Array.from({ length: 10 }, (_, i) => i)],
  );

it('a split knows its sides, and so does what is made of their rows', () => {
  const labels = table().numbers('label');
  const splits = [trainTestSplit(10), stratifiedSplit(labels), groupedSplit(labels), ...kFold(10, 2)];
  for (const split of splits) {
    const [train, test] = [table().take(split.train), table().take(split.test)];
    for (const [rows, part] of [
      [train, 'train'],
      [test, 'test'],
    ] as const) {
      expect(partOf(rows)).toBe(part);
      expect(partOf(rows.strings('text'))).toBe(part);
      expect(partOf(rows.select(['text']).column('text'))).toBe(part);
      expect(partOf(columnsToTensor(rows, ['n']))).toBe(part);
      expect(partOf(encodeLabels(rows.column('label')).labels)).toBe(part);
    }
  }
  expect(partOf(table().strings('text'))).toBeNull();
});

it('of several parts the one that may be learnt from least', () => {
  const test = markPart(table(), 'test');
  expect(partOf(test.take(trainTestSplit(10).train))).toBe('test');
  const [train, validation] = [markPart([1], 'train'), markPart([2], 'validation')];
  expect(partOf(samePart([], train, validation, [3]))).toBe('validation');
  expect(partOf(samePart([], [3]))).toBeNull();
});

it('refuses test and validation rows, and takes what is not marked', () => {
  refuseTestRows('op', 'fit', [1], markPart([1], 'train'), null, 'text');
  for (const part of ['test', 'validation'] as const)
    expectError(() => refuseTestRows('op', 'fit', [1], markPart([1], part)), 'ERR_ARG', '[op]', 'fit', `rows of the ${part} part`);
  expectError(() => markPart([1], 'dev' as 'test'), 'ERR_ARG', 'train, validation, test', '"dev"');
  expectError(() => markPart('text' as never, 'test'), 'ERR_ARG', 'string');
});
