import { describe, expect, test } from 'vitest';
import { Tensor, tensor, zeros } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';

describe('tensor', () => {
  test('of nested numbers', () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.shape).toEqual([2, 3]);
    expect(x.dtype).toBe('float32');
    expect(x.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(tensor(3).shape).toEqual([]);
    expect(tensor([true, false], undefined, 'uint8').toArray()).toEqual([1, 0]);
  });

  test('of a typed array, without a copy', () => {
    const values = Int32Array.of(1, 2, 3, 4);
    const x = tensor(values, [2, 2]);
    expect(x.dtype).toBe('int32');
    expect(x.data()).toBe(values);
    expect(tensor(values, [4], 'float64').data()).toEqual(Float64Array.of(1, 2, 3, 4));
  });

  test('keeps NaN and infinities', () => {
    expect(tensor([Number.NaN, Infinity]).toArray()).toEqual([Number.NaN, Infinity]);
  });

  test('empty', () => {
    expect(tensor([]).shape).toEqual([0]);
    expect(zeros([0, 3]).size).toBe(0);
    expect(zeros([0, 3]).rows(0, 0).shape).toEqual([0, 3]);
  });

  test('errors', () => {
    expectError(() => tensor([[1, 2], [3]]), 'ERR_SHAPE', 'row of 1', 'pad');
    expectError(() => tensor([[1, 2], 3]), 'ERR_SHAPE', 'depth');
    expectError(() => tensor(['1'] as never), 'ERR_DTYPE', 'string');
    expectError(() => tensor([1, 2, 3], [2, 2]), 'ERR_SHAPE', '4 values', '3');
    expectError(() => tensor([1, 2], [-1, -2]), 'ERR_SHAPE', '>= 0', '-1,-2');
    expectError(() => zeros([2, 1.5]), 'ERR_SHAPE', '1.5');
    expectError(() => tensor([1], [1], 'float16' as never), 'ERR_DTYPE', 'float32, float64', 'float16');
    expectError(() => tensor(new Float32Array(3), [2]), 'ERR_SHAPE', '2 values');
    expectError(() => new Tensor(new Float32Array(3), [4], 'float32'), 'ERR_SHAPE', '4 values');
  });
});

describe('Tensor', () => {
  const x = tensor(new Float32Array([0, 1, 2, 3, 4, 5]), [2, 3]);

  test('reshape shares memory', () => {
    expect(x.reshape([3, -1]).shape).toEqual([3, 2]);
    expect(x.reshape([6]).data()).toBe(x.data());
    expectError(() => x.reshape([4]), 'ERR_SHAPE', '(4)', '(2,3)');
    expectError(() => x.reshape([-1, -1]), 'ERR_SHAPE', 'at most one -1');
    expectError(() => x.reshape([4, -1]), 'ERR_SHAPE', '(4,-1)');
  });

  test('expandDims', () => {
    expect(x.expandDims(0).shape).toEqual([1, 2, 3]);
    expect(x.expandDims(1).shape).toEqual([2, 1, 3]);
    expect(x.expandDims(-1).shape).toEqual([2, 3, 1]);
    expectError(() => x.expandDims(4), 'ERR_ARG', 'axis');
  });

  test('rows is a view', () => {
    const view = x.rows(1, 2);
    expect(view.toArray()).toEqual([[3, 4, 5]]);
    expect(view.data().buffer).toBe(x.data().buffer);
    expectError(() => x.rows(1, 3), 'ERR_ARG', '1, 3');
    expectError(() => tensor(1).rows(0, 1), 'ERR_SHAPE', 'scalar');
  });

  test('clone has memory of its own', () => {
    const copy = x.clone();
    copy.data()[0] = 9;
    expect(x.data()[0]).toBe(0);
  });

  test('prints its head', () => {
    expect(String(tensor([1, 2]))).toBe('Tensor(float32, shape (2), [1, 2])');
    expect(String(zeros([7]))).toContain('…');
  });
});
