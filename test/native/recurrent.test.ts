import { describe, expect, it } from 'vitest';
import { ACTIVATIONS, RECURRENT, type ActivationCode } from '../../src/backend/backend.js';
import { accum, checkCanaries, dot, expectBits, expectClose, expectError, expectGradient, expectSameBitsEverywhere, native, randomFloats, withSetting, type FloatArray } from './helpers.js';
import { backward, forward, geometryOf, GRADIENTS, inputsOf, maskOf, type CellCase } from './recurrent-cells.js';

const { reverse, zeroOutputForMask, resetAfter, addInputGradient, textbook, droppedInputs } = RECURRENT;
const CELLS = [
  ['rnn', 0],
  ['lstm', 0],
  ['gru', 0],
  ['gru', resetAfter],
  ['gru', textbook],
] as const;

function caseOf(cell: CellCase['cell'], flags: number, shape: [number, number, number, number], mask = 'none', more: Partial<CellCase> = {}): CellCase {
  const [N, T, D, U] = shape;
  return { cell, N, T, D, U, flags, mask: maskOf(mask, N, T), activation: ACTIVATIONS.tanh, bias: true, initial: true, dy: true, dT: true, ...more };
}
const named = (cell: string, flags: number): string => cell + (flags & resetAfter ? ' after' : flags & textbook ? ' textbook' : cell === 'gru' ? ' before' : '');

/** Forward and backward under every setting: the same bits. */
function sameBits(c: CellCase, label: string): Record<string, FloatArray> {
  const v = inputsOf(c, 11) as Record<string, Float32Array>;
  return expectSameBitsEverywhere(label, () => {
    const kept = forward(c, v, true);
    const inference = forward(c, v, false);
    for (const name of ['y', 'hT', 'cT']) if (kept[name]) expectBits(inference[name] as Float32Array, kept[name], `${label}: ${name} in inference`);
    return { ...kept, ...backward(c, v, kept) } as Record<string, Float32Array>;
  });
}

const backwardAfter = (c: CellCase, v: Record<string, FloatArray>): Record<string, FloatArray> => {
  const kept = forward(c, v, true);
  return { ...kept, ...backward(c, v, kept) };
};

describe.each(CELLS)('%s with flags %i', (cell, flags) => {
  const name = named(cell, flags);

  it.each<[number, number, number, number]>([
    [1, 1, 1, 1],
    [1, 9, 3, 5],
    [2, 5, 17, 16],
    [5, 7, 16, 33],
    [33, 4, 5, 20],
    [3, 11, 40, 100],
    [150, 3, 7, 8],
    [7, 24, 30, 64],
  ])('gives the same bits everywhere: N %i, T %i, D %i, U %i', (...shape) => {
    sameBits(caseOf(cell, flags, shape), name);
  });

  it('gives the same bits with sums beyond one chunk', () => {
    sameBits(caseOf(cell, flags, [3, 3, 300, 17]), `${name} wide input`);
    sameBits(caseOf(cell, flags, [2, 2, 3, 390]), `${name} wide state`);
    sameBits(caseOf(cell, flags, [9, 300, 2, 3]), `${name} long`);
    sameBits(caseOf(cell, flags, [70, 240, 1, 2]), `${name} so long that some weight groups are empty`);
  });

  it.each(['mixed', 'trailing', 'leading', 'inner', 'full', 'nothing'])('gives the same bits everywhere with a %s mask', (mask) => {
    sameBits(caseOf(cell, flags, [9, 13, 6, 19], mask), name);
    sameBits(caseOf(cell, flags | reverse, [9, 13, 6, 19], mask), `${name} reverse`);
    sameBits(caseOf(cell, flags | reverse | zeroOutputForMask, [9, 13, 6, 19], mask, { initial: false, bias: false }), `${name} reverse zeros`);
    sameBits(caseOf(cell, flags | zeroOutputForMask, [40, 13, 6, 19], mask, { dT: false }), `${name} zeros`);
  });

  it('takes either cotangent alone', () => {
    sameBits(caseOf(cell, flags, [4, 6, 5, 7], 'mixed', { dT: false }), name);
    sameBits(caseOf(cell, flags, [4, 6, 5, 7], 'mixed', { dy: false }), name);
  });

  it('works on an empty batch and on no steps', () => {
    for (const shape of [[0, 4, 3, 5], [3, 0, 3, 5]] as [number, number, number, number][]) {
      const got = sameBits(caseOf(cell, flags, shape), name);
      expect(Array.from(got['dw'] as FloatArray).every((v) => v === 0)).toBe(true);
    }
  });

  it('computes only the gradients asked for, the same ones', () => {
    const c = caseOf(cell, flags, [5, 6, 7, 18], 'mixed');
    const v = inputsOf(c, 21);
    const kept = forward(c, v, true);
    const all = backward(c, v, kept);
    for (const one of GRADIENTS) {
      const some = backward(c, v, kept, [one]);
      if (all[one]) expectBits(some[one] as FloatArray, all[one], `${name}: ${one} alone`);
    }
    checkCanaries();
  });

  it('agrees in float with the double reference', () => {
    for (const mask of ['none', 'mixed']) {
      const c = caseOf(cell, flags, [6, 40, 50, 40], mask);
      const v = inputsOf(c, 31);
      const exact = inputsOf(c, 31, true);
      const kept = forward(c, v, true);
      const keptExact = forward(c, exact, true);
      for (const out of ['y', 'hT', 'cT']) if (kept[out]) expectClose(kept[out], keptExact[out] as FloatArray, 20 * accum(90), `${name}: ${out}`);
      const got = backward(c, v, kept);
      const want = backward(c, exact, keptExact);
      for (const g of GRADIENTS) if (got[g]) expectClose(got[g], want[g] as FloatArray, 60 * accum(240), `${name}: ${g}`);
      checkCanaries();
    }
  });

  it.each(['none', 'mixed', 'leading'])('has gradients that central differences confirm, mask %s', (mask) => {
    for (const more of [0, reverse, zeroOutputForMask, reverse | zeroOutputForMask]) {
      const c = caseOf(cell, flags | more, [3, 5, 4, 3], mask);
      const v = inputsOf(c, 41, true) as Record<string, Float64Array>;
      const loss = (): number => {
        const f = forward(c, v, false);
        return dot(f['y'] as FloatArray, v['dy'] as FloatArray) + dot(f['hT'] as FloatArray, v['dhT'] as FloatArray) + (f['cT'] ? dot(f['cT'], v['dcT'] as FloatArray) : 0);
      };
      const got = backward(c, v, forward(c, v, true)) as Record<string, Float64Array>;
      for (const [g, of] of [['dx', 'x'], ['dw', 'w'], ['du', 'u'], ['db', 'b'], ['dh0', 'h0'], ['dc0', 'c0']] as const) {
        if (v[of]) expectGradient(loss, v[of], got[g] as Float64Array, `${name}: ${g} with ${mask}, flags ${more}`);
      }
      checkCanaries();
    }
  });

  it.each(['none', 'mixed'])('adds its input gradient to another one where asked, mask %s', (mask) => {
    const c = caseOf(cell, flags, [7, 9, 21, 18], mask);
    const v = inputsOf(c, 23) as Record<string, Float32Array>;
    const other = randomFloats((v['x'] as Float32Array).length, 24, 1);
    const adding = { ...c, flags: flags | addInputGradient };
    const [first, second] = [c, adding].map((which) =>
      expectSameBitsEverywhere(`${name} adding`, () => backward(which, v, forward(which, v, true), GRADIENTS, other) as Record<string, Float32Array>),
    ) as [Record<string, Float32Array>, Record<string, Float32Array>];
    const valid = (i: number): boolean => !c.mask || c.mask[Math.floor(i / 21)] !== 0;
    const sum = other.map((o, i) => (valid(i) ? o + (first['dx'] as Float32Array)[i]! : o));
    expectBits(second['dx'] as Float32Array, sum, `${name}: dx`);
    expectBits(second['dw'] as Float32Array, first['dw'] as Float32Array, `${name}: dw`);
  });

  it.each(['none', 'mixed', 'trailing', 'leading'])('leaves out dropped inputs without changing a bit, mask %s', (mask) => {
    for (const [more, ...shape] of [
      [0, 9, 13, 40, 19],
      [reverse, 9, 30, 17, 33],
      [0, 5, 20, 300, 18],
      [reverse, 70, 30, 33, 16],
      [zeroOutputForMask, 1, 300, 50, 20],
      [0, 3, 12, 700, 17],
      [0, 4, 3, 5, 2],
    ] as [number, number, number, number, number][]) {
      const label = `${name}, ${shape.join(' ')}`;
      const c = caseOf(cell, flags | more, shape, mask, { dropped: true });
      const v = inputsOf(c, 11) as Record<string, Float32Array>;
      const whole = backwardAfter(c, v);
      const left = sameBits({ ...c, flags: c.flags | droppedInputs }, label);
      const [N, T, D] = shape;
      const x = v['x'] as Float32Array;
      const counts = (n: number, d: number): boolean => Array.from({ length: T }, (_, t) => n * T + t).some((at) => (!c.mask || c.mask[at]) && x[at * D + d] !== 0);
      const dx = whole['dx'] as FloatArray;
      for (let n = 0; n < N; n++) for (let d = 0; d < D; d++) if (!counts(n, d)) for (let t = 0; t < T; t++) dx[(n * T + t) * D + d] = 0;
      for (const key of Object.keys(left)) expectBits(left[key] as Float32Array, whole[key] as Float32Array, `${label}: ${key}`);
      const other = randomFloats(x.length, 24, 1);
      const added = backward({ ...c, flags: c.flags | droppedInputs | addInputGradient }, v, forward(c, v, true), ['dx'], other);
      expectBits(added['dx'] as Float32Array, other.map((o, i) => o + (dx[i] as number)), `${label}: dx added`);
    }
    checkCanaries();
  });

  it.each(['none', 'mixed'])('inputs that repeat the one before them, mask %s: the same bits', (mask) => {
    for (const [more, ...shape] of [[0, 5, 40, 19, 17], [reverse, 9, 23, 33, 18], [0, 70, 9, 16, 33], [reverse, 1, 300, 40, 20]] as [number, number, number, number, number][]) { // prettier-ignore
      sameBits(caseOf(cell, flags | more, shape, mask, { repeats: true }), `${name}, ${shape.join(' ')}`);
    }
    checkCanaries();
  });

  it('hands a masked step the output before it, or zeros, and the state untouched', () => {
    const c = caseOf(cell, flags, [2, 4, 3, 5], 'none', { mask: Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0) });
    const v = inputsOf(c, 51);
    const { y, hT } = forward(c, v, false) as { y: FloatArray; hT: FloatArray };
    const at = (n: number, t: number): number[] => Array.from(y.subarray((n * 4 + t) * 5, (n * 4 + t + 1) * 5));
    expect(at(0, 0)).toEqual([0, 0, 0, 0, 0]);
    expect(at(0, 2)).toEqual(at(0, 1));
    expect(at(0, 3)).toEqual(at(0, 1));
    expect(Array.from(hT.subarray(0, 5))).toEqual(at(0, 1));
    expect(at(1, 3)).toEqual([0, 0, 0, 0, 0]);
    expect(Array.from(hT.subarray(5))).toEqual(Array.from((v['h0'] as FloatArray).subarray(5)));
    const zeros = forward({ ...c, flags: flags | zeroOutputForMask }, v, false)['y'] as FloatArray;
    expect(Array.from(zeros.subarray(10, 20))).toEqual(Array.from({ length: 10 }, () => 0));
    expect(Array.from(zeros.subarray(5, 10))).toEqual(at(0, 1));
  });

  it('in reverse is the flipped sequence forwards', () => {
    const c = caseOf(cell, flags, [3, 6, 4, 5], 'mixed');
    const v = inputsOf(c, 61);
    const flip = <T extends FloatArray | Uint8Array>(x: T, width: number): T => {
      const out = x.slice() as T;
      for (let n = 0; n < 3; n++) for (let t = 0; t < 6; t++) out.set(x.subarray((n * 6 + 5 - t) * width, (n * 6 + 6 - t) * width) as never, (n * 6 + t) * width);
      return out;
    };
    const plain = forward({ ...c, mask: flip(c.mask as Uint8Array, 1) }, { ...v, x: flip(v['x'] as FloatArray, 4) }, false);
    const reversed = forward({ ...c, flags: flags | reverse }, v, false);
    expectBits(reversed['y'] as FloatArray, flip(plain['y'] as FloatArray, 5), `${name}: y`);
    expectBits(reversed['hT'] as FloatArray, plain['hT'] as FloatArray, `${name}: hT`);
  });

  it('never reads a masked step: NaN there changes nothing', () => {
    const c = caseOf(cell, flags, [5, 8, 6, 9], 'mixed');
    const v = inputsOf(c, 71);
    const poisoned = { ...v, x: (v['x'] as FloatArray).slice() };
    (c.mask as Uint8Array).forEach((m, i) => m || (poisoned.x as FloatArray).fill(NaN, i * 6, (i + 1) * 6));
    const run = (values: typeof v): Record<string, FloatArray> => {
      const kept = forward(c, values, true);
      return { ...kept, ...backward(c, values, kept) };
    };
    const clean = run(v);
    const got = run(poisoned);
    for (const out of Object.keys(clean)) expectBits(got[out] as FloatArray, clean[out] as FloatArray, `${name}: ${out}`);
    checkCanaries();
  });

  it('lets a NaN through in its own row, from its step on', () => {
    const c = caseOf(cell, flags, [3, 4, 5, 6]);
    const v = inputsOf(c, 81);
    (v['x'] as FloatArray)[(1 * 4 + 2) * 5] = NaN;
    const y = expectSameBitsEverywhere(name, () => forward(c, v, false) as Record<string, Float32Array>)['y'] as FloatArray;
    expect(Array.from(y).map((value, i) => Number.isNaN(value) === (i >= 36 && i < 48)).every(Boolean)).toBe(true);
  });

  it('refuses wrong lengths, types and geometry by name', () => {
    const c = caseOf(cell, flags, [2, 3, 4, 5]);
    const v = inputsOf(c, 91);
    expectError(() => forward(c, { ...v, x: new Float32Array(23) }, false), 'ERR_SHAPE', /expected x of 24 values, received 23/);
    expectError(() => forward(c, { ...v, u: new Float32Array(1) }, false), 'ERR_SHAPE', /expected u of/);
    expectError(() => forward(c, { ...v, b: new Float32Array(2) }, false), 'ERR_SHAPE', /expected b of/);
    expectError(() => forward(c, { ...v, w: new Float64Array((v['w'] as FloatArray).length) }, false), 'ERR_DTYPE', /expected w to be float32, received float64/);
    expectError(() => forward({ ...c, mask: new Uint8Array(5) }, v, false), 'ERR_SHAPE', /expected mask of 6 values, received 5/);
    expectError(() => forward({ ...c, U: 0 }, v, false), 'ERR_ARG', /expected geometry \[N,T,D,U,flags\]/);
    expectError(() => forward({ ...c, flags: 256 }, v, false), 'ERR_ARG', /flags below 256/);
    if (cell === 'gru') expectError(() => forward({ ...c, flags: resetAfter | textbook }, v, false), 'ERR_ARG', /textbook's form without reset_after/);
    const kept = forward(c, v, true);
    expectError(() => backward({ ...c }, { ...v, dhT: new Float32Array(3) }, kept), 'ERR_SHAPE', /expected dhT of 10 values/);
    const { dy: _dy, dhT: _dhT, dcT: _dcT, ...none } = v;
    expectError(() => backward(c, none, kept), 'ERR_ARG', /expected dy or the gradient of a last state/);
  });
});

it('runs the variant of the instruction set chosen', () => {
  for (const isa of native.isas()) {
    native.resetKernelsRun();
    withSetting(isa, 1, () => {
      for (const [cell, flags] of CELLS) {
        const c = caseOf(cell, flags, [2, 3, 4, 5]);
        const v = inputsOf(c, 91);
        backward(c, v, forward(c, v, true));
      }
    });
    for (const kernel of ['simple_rnn', 'lstm', 'gru']) {
      for (const pass of ['fwd', 'bwd']) expect(native.kernelsRun()[`f32_${kernel}_${pass}__${isa}`]).toBe(kernel === 'gru' ? 3 : 1);
    }
  }
});

describe('two calls at once', () => {
  const zeros = (n: number): Float32Array => new Float32Array(n);
  const call = (y: Float32Array, w = zeros(9)) =>
    ['simpleRnnForward', zeros(24), w, zeros(9).fill(0.1), Float32Array.of(1, 2, 3), null, null, y, zeros(6), Int32Array.of(2, 4, 3, 3, 0), ACTIVATIONS.linear] as const;

  it('checks both before either runs', () => {
    const [first, second] = [zeros(24), zeros(24)];
    expectError(() => native.recurrentBoth(call(first), call(second, zeros(7))), 'ERR_SHAPE', /expected w of 9 values, received 7/);
    expectError(() => native.recurrentBoth(call(first), ['gruSideways'] as never), 'ERR_ARG', /name of a recurrent call first, received gruSideways/);
    expectError(() => native.recurrentBoth(call(first), [] as never), 'ERR_ARG', /an array of a name and its arguments/);
    expectError(() => native.recurrentBoth(call(first), null as never), 'ERR_ARG', /an array of a name and its arguments/);
    expectError(() => native.recurrentBoth(call(first), [3] as never), 'ERR_ARG', /first entry of a call to be a string/);
    expect(first.every((v) => v === 0)).toBe(true);
    native.recurrentBoth(call(first), call(second));
    expect(first[0]).toBe(1);
    expect(second).toEqual(first);
  });
});

describe('SimpleRNN', () => {
  it.each(Object.entries(ACTIVATIONS))('gives the same bits with %s, and right gradients', (label, activation) => {
    const more = { activation: activation as ActivationCode };
    sameBits(caseOf('rnn', 0, [6, 9, 5, 21], 'mixed', more), label);
    const c = caseOf('rnn', 0, [3, 4, 4, 3], 'none', more);
    const v = inputsOf(c, 41, true) as Record<string, Float64Array>;
    const loss = (): number => dot(forward(c, v, false)['y'] as FloatArray, v['dy'] as FloatArray) + dot(forward(c, v, false)['hT'] as FloatArray, v['dhT'] as FloatArray);
    const got = backward(c, v, forward(c, v, true)) as Record<string, Float64Array>;
    for (const [g, of] of [['dx', 'x'], ['dw', 'w'], ['du', 'u'], ['db', 'b'], ['dh0', 'h0']] as const) expectGradient(loss, v[of] as Float64Array, got[g] as Float64Array, `${label}: ${g}`);
  });
});

describe('LSTM', () => {
  it('needs gates and cells in training', () => {
    const c = caseOf('lstm', 0, [2, 3, 4, 5]);
    const v = inputsOf(c, 91);
    const y = new Float32Array(30);
    const state = (): Float32Array => new Float32Array(10);
    const call = (gates: Float32Array | null, cells: Float32Array | null, training: boolean) => () =>
      native.lstmForward(v['x'] as FloatArray, v['w'] as FloatArray, v['u'] as FloatArray, null, null, null, null, y, state(), state(), gates, cells, geometryOf(c, training));
    expectError(call(null, null, true), 'ERR_ARG', /gates and cells in training/);
    expectError(call(new Float32Array(120), null, false), 'ERR_ARG', /both or neither/);
    expectError(call(new Float32Array(119), new Float32Array(30), true), 'ERR_SHAPE', /expected gates of 120 values, received 119/);
    call(null, null, false)();
  });

  it('gives the same bits on a batch that threads share, forward and backward', () => {
    const c = caseOf('lstm', 0, [70, 20, 33, 48], 'trailing');
    sameBits(c, 'lstm shared');
    withSetting('ref', 1, () => expect(native.threads()).toBe(1));
  });
});
