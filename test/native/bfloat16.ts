import { checkCanaries, expectBits, native, withSetting, type AnyArray } from './helpers.js';

/** Sets that this machine can multiply in bfloat16 with. */
export const BF16_SETS = native.bf16Sets();
const fastest = native.bf16Set();

/** Rounded to bfloat16, nearest, ties to even. */
export function rounded(x: Float32Array): Float32Array {
  const words = new Uint32Array(x.slice().buffer);
  return new Float32Array(words.map((w) => ((w + 0x7fff + ((w >>> 16) & 1)) >>> 16) << 16).buffer);
}

/** Runs `run` with every set in turn, and puts the fastest one back. */
export function withEveryBf16Set<T>(run: (set: string) => T): T[] {
  return BF16_SETS.map((set) => {
    native.setBf16Set(set);
    try {
      return run(set);
    } finally {
      native.setBf16Set(fastest as string);
    }
  });
}

/** Runs `run` on every set with 1, 2 and 3 threads: the same bits within a set. Returns one result a set. */
export function onEveryBf16Set<T extends Record<string, AnyArray>>(label: string, run: () => T): T[] {
  return withEveryBf16Set((set) => {
    const one = withSetting('avx512', 1, run);
    checkCanaries();
    for (const threads of [2, 3]) {
      const more = withSetting('avx512', threads, run);
      checkCanaries();
      for (const name of Object.keys(one)) expectBits(more[name] as AnyArray, one[name] as AnyArray, `${label}: ${name} on ${set} with ${threads} threads`);
    }
    return one;
  });
}
