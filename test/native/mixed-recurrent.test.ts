import { expect, it } from 'vitest';
import { ACTIVATIONS, RECURRENT } from '../../src/backend/backend.js';
import { describeBf16 } from '../helpers/processor.js';
import { onEveryBf16Set, rounded } from './bfloat16.js';
import { accum, expectClose, expectError, native, output, randomFloats, toDouble } from './helpers.js';
import { backward, forward, inputsOf, maskOf, type Arrays, type CellCase } from './recurrent-cells.js';

const base: Omit<CellCase, 'cell'> = {
  N: 5,
  T: 7,
  D: 20,
  U: 18,
  flags: RECURRENT.bfloat16,
  mask: null,
  activation: ACTIVATIONS.tanh,
  bias: true,
  initial: true,
  dy: true,
  dT: true,
};
const CASES: [string, Partial<CellCase>][] = [
  ['odd sizes', {}],
  ['whole tiles', { N: 32, T: 6, D: 64, U: 32 }],
  ['more rows than a panel, wide', { N: 70, T: 3, D: 33, U: 100, bias: false, initial: false }],
  ['reversed, masked', { flags: RECURRENT.bfloat16 + RECURRENT.reverse, mask: maskOf('mixed', 5, 7) }],
  ['reset after, trailing mask', { flags: RECURRENT.bfloat16 + RECURRENT.resetAfter, mask: maskOf('trailing', 5, 7) }],
  ['the textbook’s form of the GRU', { flags: RECURRENT.bfloat16 + RECURRENT.textbook }],
  ['nothing valid', { mask: maskOf('nothing', 5, 7) }],
  ['long', { N: 3, T: 150, D: 16, U: 16 }],
];

/** Mean square of the difference over that of the expected values, as a root. */
function relative(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(expected[i])) continue;
    error += ((actual[i] as number) - (expected[i] as number)) ** 2;
    size += (expected[i] as number) ** 2;
  }
  return size === 0 ? Math.sqrt(error) : Math.sqrt(error / size);
}

describeBf16('recurrent layers in bfloat16', () => {
  for (const cell of ['rnn', 'lstm', 'gru'] as const) {
    for (const [label, change] of CASES) {
      it(`${cell}, ${label}: the same bits for any number of threads, within bfloat16's rounding of float32`, () => {
        const c: CellCase = { ...base, cell, ...change };
        const v = inputsOf(c, 7);
        const exact: CellCase = { ...c, flags: c.flags - RECURRENT.bfloat16 };
        const kept = forward(exact, v, true);
        const expected: Arrays = { ...kept, ...backward(exact, v, kept) };
        for (const got of onEveryBf16Set(`${cell} ${label}`, () => {
          const own = forward(c, v, true);
          return { ...own, ...backward(c, v, own) };
        })) {
          for (const name of ['y', 'hT', 'cT', 'dx', 'dw', 'du', 'db', 'dh0', 'dc0']) {
            if (expected[name]) expect(relative(got[name] as Float32Array, expected[name]), name).toBeLessThan(0.02);
          }
        }
      });
    }

    it(`${cell}: one step is the double reference on rounded operands`, () => {
      const c: CellCase = { ...base, cell, T: 1, N: 21, D: 70, U: 40, initial: cell === 'lstm' };
      const v = inputsOf(c, 3);
      // c of the LSTM is no operand of a product and is not rounded; neither are biases.
      const operands = ['x', 'w', 'u', 'h0'];
      const v64 = Object.fromEntries(Object.entries(v).map(([k, a]) => [k, toDouble(operands.includes(k) ? rounded(a as Float32Array) : a)]));
      const expected = forward({ ...c, flags: 0 }, v64, true);
      for (const { y, hT } of onEveryBf16Set(cell, () => forward(c, v, true))) {
        expectClose(y as Float32Array, expected['y'] as Float64Array, accum(c.D + c.U) * 4, 'y', 2);
        expectClose(hT as Float32Array, expected['hT'] as Float64Array, accum(c.D + c.U) * 4, 'hT', 2);
      }
    });
  }

  it('refuses layers narrower than a tile', () => {
    const x = randomFloats(15, 1);
    expectError(
      () => native.simpleRnnForward(x, randomFloats(15 * 16, 2), randomFloats(256, 3), null, null, null, output(16), output(16), Int32Array.of(1, 1, 15, 16, RECURRENT.bfloat16), 3),
      'ERR_ARG',
      /at least 16 features and 16 units.*15 and 16/,
    );
  });
});
