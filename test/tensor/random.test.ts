import { describe, expect, test } from 'vitest';
import { backend } from '../../src/backend/current.js';
import { Philox, philox4x32, STREAM } from '../../src/tensor/random.js';
import { zeros } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';

const hex = (words: readonly number[]): string => words.map((w) => w.toString(16).padStart(8, '0')).join(' ');
const ALL = 0xffffffff;

describe('philox4x32', () => {
  // The known-answer vectors that its authors publish with Random123.
  test('known answers', () => {
    expect(hex(philox4x32([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    expect(hex(philox4x32([ALL, ALL, ALL, ALL], [ALL, ALL]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(hex(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    );
  });
});

describe('Philox', () => {
  test('gives the words of successive blocks', () => {
    const random = new Philox(3, 5, 7);
    const words = Array.from({ length: 8 }, () => random.uint32());
    expect(words).toEqual([...philox4x32([0, 0, 7, 0], [3, 5]), ...philox4x32([1, 0, 7, 0], [3, 5])]);
  });

  test('gives the words that the native generator uses', () => {
    const y = zeros([10]);
    backend().randomUniform(y.storage, 0, 1, 11, 13);
    const random = new Philox(11, 13);
    expect(Array.from(y.data())).toEqual(Array.from({ length: 10 }, () => (random.uint32() >>> 8) / 2 ** 24));
  });

  test('uniform stays inside its bounds and fills them', () => {
    const random = new Philox(1);
    const values = Array.from({ length: 10000 }, () => random.uniform(-2, 3));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values)).toBeLessThan(3);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan((5 * 5) / Math.sqrt(12 * values.length));
  });

  test('integers are spread evenly', () => {
    const random = new Philox(2);
    const counts = Array.from({ length: 7 }, () => 0);
    const total = 70000;
    for (let i = 0; i < total; i++) {
      const n = random.integer(7);
      counts[n] = (counts[n] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - total / 7)).toBeLessThan(5 * Math.sqrt(total / 7));
  });

  test('normal has mean 0 and variance 1', () => {
    const random = new Philox(3);
    const values = Array.from({ length: 20000 }, () => random.normal());
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(values.length));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));
  });

  test('a permutation has every number once, the same for the same key', () => {
    const first = new Philox(4, STREAM.shuffle, 1).permutation(1000);
    expect(Array.from(first).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(new Philox(4, STREAM.shuffle, 1).permutation(1000)).toEqual(first);
    expect(new Philox(4, STREAM.shuffle, 2).permutation(1000)).not.toEqual(first);
    expect(new Philox(4).permutation(0)).toEqual(new Int32Array(0));
  });

  test('errors', () => {
    expectError(() => new Philox(-1), 'ERR_ARG', 'seed', '-1');
    expectError(() => new Philox(1, 2 ** 32), 'ERR_ARG', 'stream');
    expectError(() => new Philox(1, 1, 0.5), 'ERR_ARG', 'counter', '0.5');
    expectError(() => new Philox(1).integer(0), 'ERR_ARG', '0');
  });
});
