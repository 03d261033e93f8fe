import { describe, expect, it } from 'vitest';
import { ACTIVATIONS, RECURRENT } from '../../src/backend/backend.js';
import { cellCode, type CellActivationName } from '../../src/layers/cell-activations.js';
import { accum, checkCanaries, dot, expectClose, expectError, expectGradient, expectSameBitsEverywhere, native, type FloatArray } from './helpers.js';
import { backward, forward, geometryOf, GRADIENTS, inputsOf, maskOf, type CellCase } from './recurrent-cells.js';

const { reverse, zeroOutputForMask, resetAfter, addInputGradient, textbook } = RECURRENT;
const USUAL: CellActivationName[] = ['tanh', 'sigmoid'];
const SMOOTH: CellActivationName[] = ['softsign', 'tanh'];
const BENT: CellActivationName[] = ['relu', 'hardSigmoid'];
const CURVED: CellActivationName[] = ['gelu', 'silu'];
const CELLS = [
  ['rnn', 0],
  ['lstm', 0],
  ['gru', 0],
  ['gru', resetAfter],
  ['gru', textbook],
] as const;
type Shape = [number, number, number, number];

function caseOf(cell: CellCase['cell'], flags: number, shape: Shape, activations: CellActivationName[], mask = 'none', more: Partial<CellCase> = {}): CellCase {
  const [N, T, D, U] = shape;
  const given = Float64Array.from((cell === 'rnn' ? activations.slice(0, 1) : activations).flatMap(cellCode));
  const all = { bias: true, initial: true, dy: true, dT: true, activation: ACTIVATIONS.tanh, activations: given };
  return { cell, N, T, D, U, flags, mask: maskOf(mask, N, T), ...all, ...more };
}

describe.each(CELLS)('%s with flags %i and other activations', (cell, flags) => {
  it.each<[Shape, CellActivationName[], string]>([
    [[1, 1, 1, 1], SMOOTH, 'none'],
    [[5, 7, 16, 33], BENT, 'none'],
    [[9, 13, 6, 19], SMOOTH, 'mixed'],
    [[9, 13, 6, 19], USUAL, 'leading'],
    [[3, 6, 300, 17], BENT, 'nothing'],
    [[33, 40, 5, 20], ['sigmoid', 'hardSigmoidKeras2'], 'trailing'],
    [[9, 13, 6, 19], ['mish', 'hardSilu'], 'mixed'],
    [[5, 7, 16, 33], ['selu', 'relu6'], 'none'],
    [[0, 4, 3, 5], SMOOTH, 'none'],
    [[3, 0, 3, 5], SMOOTH, 'none'],
  ])('gives the same bits everywhere: %j', (shape, activations, mask) => {
    for (const more of [{}, { recurrentDropout: true }, { initial: false, bias: false, dT: false, recurrentDropout: true }]) {
      for (const extra of [0, reverse | zeroOutputForMask]) {
        const c = caseOf(cell, flags | extra, shape, activations, mask, more);
        const v = inputsOf(c, 11) as Record<string, Float32Array>;
        expectSameBitsEverywhere(cell, () => {
          const kept = forward(c, v, true);
          return { ...kept, ...backward(c, v, kept) } as Record<string, Float32Array>;
        });
      }
    }
  });

  it.each(['none', 'mixed', 'leading', 'inner'])('with the usual ones is the fast layer, in double, mask %s', (mask) => {
    for (const extra of [0, reverse, zeroOutputForMask, reverse | zeroOutputForMask]) {
      const steps = caseOf(cell, flags | extra, [4, 6, 5, 7], USUAL, mask);
      const { activations: _, ...fast } = steps;
      const v = inputsOf(steps, 21, true);
      const [got, want] = [steps, fast].map((c) => {
        const kept = forward(c, v, true);
        const inference = forward(c, v, false);
        return { ...backward(c, v, kept), y: kept['y'], hT: kept['hT'], cT: kept['cT'], inference: inference['y'] };
      }) as unknown as [Record<string, FloatArray>, Record<string, FloatArray>];
      for (const name of [...GRADIENTS, 'y', 'hT', 'cT', 'inference']) if (want[name]) expectClose(got[name] as FloatArray, want[name], 1e-13, name);
    }
    checkCanaries();
  });

  it.each([['none', SMOOTH], ['mixed', SMOOTH], ['mixed', CURVED]] as const)('has gradients that central differences confirm, mask %s, %j', (mask, activations) => {
    for (const more of [{}, { recurrentDropout: true }]) {
      const c = caseOf(cell, flags | reverse, [3, 5, 4, 3], [...activations], mask, more);
      const v = inputsOf(c, 41, true) as Record<string, Float64Array>;
      const loss = (): number => {
        const f = forward(c, v, false);
        const of = (name: string, by: string): number => (f[name] ? dot(f[name], v[by] as FloatArray) : 0);
        return of('y', 'dy') + of('hT', 'dhT') + of('cT', 'dcT');
      };
      const got = backward(c, v, forward(c, v, true)) as Record<string, Float64Array>;
      for (const [g, of] of [['dx', 'x'], ['dw', 'w'], ['du', 'u'], ['db', 'b'], ['dh0', 'h0'], ['dc0', 'c0']] as const)
        if (v[of]) expectGradient(loss, v[of], got[g] as Float64Array, `${cell}: ${g}`);
    }
  });

  it('agrees in float with double, and adds to dx where told', () => {
    const c = caseOf(cell, flags, [6, 20, 50, 40], SMOOTH, 'mixed', { recurrentDropout: true });
    const [v, exact] = [inputsOf(c, 31), inputsOf(c, 31, true)];
    const [kept, keptExact] = [forward(c, v, true), forward(c, exact, true)];
    for (const out of ['y', 'hT', 'cT']) if (kept[out]) expectClose(kept[out], keptExact[out] as FloatArray, 100 * accum(90), out);
    const [got, want] = [backward(c, v, kept), backward(c, exact, keptExact)];
    for (const g of GRADIENTS) if (got[g]) expectClose(got[g], want[g] as FloatArray, 200 * accum(240), g, 10);
    const before = Float32Array.from(got['dx'] as FloatArray, () => 1);
    const added = backward({ ...c, flags: flags | addInputGradient }, v, kept, GRADIENTS, before);
    expect(Array.from(added['dx'] as FloatArray)).toEqual(Array.from(got['dx'] as FloatArray, (d) => Math.fround(1 + d)));
    checkCanaries();
  });
});

it('refuses activations that it does not know', () => {
  const c = caseOf('gru', 0, [2, 3, 4, 5], USUAL);
  const v = inputsOf(c, 1) as Record<string, Float32Array>;
  const call = (activations: Float64Array | null, kept: Float32Array | null = null): void => {
    forward({ ...c, ...(activations ? { activations } : {}) }, kept ? { ...v, kept } : v, false);
  };
  expectError(() => call(Float64Array.of(...cellCode('tanh'), 7, 0, 0, 0, 0)), 'ERR_ARG', /\[gruForward\] expected activations from 0 to 6 or curves from 16 to 35, received 7/);
  expectError(() => call(Float64Array.of(-1, 0, 0, 0, 0, ...cellCode('tanh'))), 'ERR_ARG', /received -1/);
  for (const wrong of [36, 0.5, NaN, 1e9]) expectError(() => call(Float64Array.of(...cellCode('tanh'), wrong, 0, 0, 0, 0)), 'ERR_ARG', /expected activations/);
  expectError(() => call(Float64Array.from(cellCode('tanh'))), 'ERR_SHAPE', /expected activations of 10 values, received 5/);
  expectError(() => call(null, new Float32Array(3)), 'ERR_SHAPE', /expected recurrentKept of 10 values/);
  const { N, T, U } = c;
  const [y, hT] = [new Float32Array(N * T * U), new Float32Array(N * U)];
  const args = [v['x'], v['w'], v['u'], null, null, null, y, hT, null] as Parameters<typeof native.gruForward> extends [...infer A, unknown, unknown?, unknown?]
    ? A
    : never;
  expectError(() => native.gruForward(...args, geometryOf(c, false), null, hT), 'ERR_ARG', /expected activations together with recurrentKept/);
});
