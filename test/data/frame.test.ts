import { expect, test, vi } from 'vitest';
import { columnsToTensor, fromFrame, toFrame, type FrameLike } from '../../src/data/frame.js';
import { Table } from '../../src/data/table.js';

test('a danfojs frame and back, missing values included', async () => {
  const danfo = (await import('danfojs-node')) as unknown as { DataFrame: new (rows: object[]) => FrameLike };
  const frame = new danfo.DataFrame([
    { text: 'baik', n: 1, flag: true },
    { text: undefined, n: NaN, flag: false },
  ]);
  const table = fromFrame(frame);
  expect(table.columns).toEqual(['text', 'n', 'flag']);
  expect(table.data).toEqual([
    ['baik', null],
    [1, null],
    [true, false],
  ]);
  expect(columnsToTensor(frame, ['n', 'flag'], { missing: 'zero' }).toArray()).toEqual([
    [1, 1],
    [0, 0],
  ]);
  const again = await toFrame(
    new Table(
      ['t', 'x'],
      [
        ['a', 'b'],
        ['1', '2.5'],
      ],
    ),
  );
  expect(again.columns).toEqual(['t', 'x']);
  expect(Array.from(again.column('x').values)).toEqual([1, 2.5]);
  expect(fromFrame(again).strings('t')).toEqual(['a', 'b']);
});

const table = new Table(
  ['a', 'b', 'text'],
  [
    ['1', '2', '3'],
    [4.5, null, 6],
    ['x', 'y', 'z'],
  ],
);

test('columns to tensors: shapes, dtypes, missing values', () => {
  const y = columnsToTensor(table, ['a', 'b'], { missing: -1 });
  expect([y.dtype, y.shape]).toEqual(['float32', [3, 2]]);
  expect(y.toArray()).toEqual([
    [1, 4.5],
    [2, -1],
    [3, 6],
  ]);
  expect(columnsToTensor(table, 'b', { missing: 'mean' }).toArray()).toEqual([4.5, 5.25, 6]);
  const bytes = columnsToTensor(table, 'a', { dtype: 'uint8' });
  expect([bytes.dtype, bytes.shape]).toEqual(['uint8', [3]]);
  expect(columnsToTensor(table, 'a', { dtype: 'int32' }).dtype).toBe('int32');
});

test('values that do not fit are refused, naming column and row', () => {
  expect(() => columnsToTensor(table, ['b'])).toThrow(/column "b" at row 1, received none; pass missing/);
  expect(() => columnsToTensor(table, 'text')).toThrow(/column "text" at row 0, received "x"; encode/);
  expect(() => columnsToTensor(table, 'b', { dtype: 'int32', missing: 'zero' })).toThrow(
    /whole number that fits int32.*row 0, received 4.5/,
  );
  expect(() => columnsToTensor(new Table(['n'], [[256]]), 'n', { dtype: 'uint8' })).toThrow(/uint8/);
  expect(() => columnsToTensor(new Table(['n'], [[1, Infinity]]), 'n')).toThrow(/row 1, received null|row 1/);
  expect(() => columnsToTensor(new Table(['n'], [[null]]), 'n', { missing: 'mean' })).toThrow(/at least one value/);
  expect(() => columnsToTensor(new Table(['n'], [[null]]), 'n', { missing: 0.5, dtype: 'int32' })).toThrow(/for a missing value/);
  expect(() => columnsToTensor(table, 'c')).toThrow(/expected column "c"/);
  expect(() => columnsToTensor(table, 'a', { missing: 'median' as 'mean' })).toThrow(/missing/);
  expect(() => columnsToTensor(table, 'a', { dtype: 'int64' as 'int32' })).toThrow(/dtype/);
});

test('what is no frame is refused', () => {
  expect(() => fromFrame(null as unknown as FrameLike)).toThrow(/received null/);
  expect(() => fromFrame({ columns: ['a'] } as unknown as FrameLike)).toThrow(/an object/);
  const odd: FrameLike = { columns: ['d'], column: () => ({ values: [new Date()] }) };
  expect(() => fromFrame(odd)).toThrow(/column "d" at row 0, received an object \(Date\)/);
  expect(fromFrame({ columns: ['n'], column: () => ({ values: [5n] }) }).column('n')).toEqual([5]);
});

test('without danfojs installed, toFrame says what to install', async () => {
  vi.doMock('danfojs-node', () => {
    throw new Error("Cannot find package 'danfojs-node'");
  });
  const error = await toFrame(table).catch((e: Error) => e);
  vi.doUnmock('danfojs-node');
  expect(error).toMatchObject({ code: 'ERR_STATE' });
  expect((error as Error).message).toContain('run: npm install danfojs-node');
});
