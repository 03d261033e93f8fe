import { SarafError } from '../errors.js';
import { cos, log } from './portable-math.js';

/**
 * First stream of each user of random numbers, so that one seed serves weights, shuffles and splits without any of them
 * seeing the draws of another.
 */
export const STREAM = {
  layers: 0,
  shuffle: 0x40000000,
  split: 0x80000000,
  balance: 0xa0000000,
  search: 0xb0000000,
  bootstrap: 0xb8000000,
  augment: 0xc0000000,
  projection: 0xd0000000,
} as const;

/** High 32 bits of the product of two 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  return (a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(((middle & 0xffff) + a0 * b1) / 0x10000)) >>> 0;
}

/**
 * One block of the generator Philox4x32-10: four 32-bit words that depend on counter and key alone.
 *
 * Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3". Same as native/core/rng.h.
 */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter.map((c) => c >>> 0) as [number, number, number, number];
  let [k0, k1] = key.map((k) => k >>> 0) as [number, number];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * Random numbers on the host (shuffles, splits, augmentation): a sequence fixed by (seed, stream, counter) on every machine.
 *
 * Use a `stream` of your own (see `STREAM`) for each purpose and `counter` for the epoch, so that a resumed run repeats
 * what the killed one would have drawn.
 * Throws: ERR_ARG if a word is no integer in [0, 2³²).
 * Example: new Philox(42, STREAM.shuffle, epoch).permutation(rows)
 */
export class Philox {
  readonly seed: number;
  readonly stream: number;
  readonly counter: number;
  private block = 0;
  private words: [number, number, number, number] = [0, 0, 0, 0];
  private left = 0;

  constructor(seed: number, stream = 0, counter = 0) {
    for (const [name, value] of Object.entries({ seed, stream, counter })) {
      if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
        throw new SarafError('ERR_ARG', 'Philox', `expected ${name} to be an integer in [0, 2^32), received ${String(value)}`);
      }
    }
    this.seed = seed;
    this.stream = stream;
    this.counter = counter;
  }

  /** The next 32 random bits, as a number in [0, 2³²). */
  uint32(): number {
    if (this.left === 0) {
      this.words = philox4x32([this.block >>> 0, Math.floor(this.block / 0x100000000), this.counter, 0], [this.seed, this.stream]);
      this.block++;
      this.left = 4;
    }
    return this.words[4 - this.left--] as number;
  }

  /** Uniform in [low, high), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const a = this.uint32() >>> 5;
    const b = this.uint32() >>> 6;
    return low + (high - low) * ((a * 0x4000000 + b) / 0x20000000000000);
  }

  /** Uniform among 0 … n−1, without bias. Throws ERR_ARG unless n is an integer in [1, 2³²]. */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 0x100000000)
      throw new SarafError('ERR_ARG', 'Philox.integer', `expected n in [1, 2^32], received ${n}`);
    // Words from the last, incomplete run of n are drawn again.
    const limit = 0x100000000 - (0x100000000 % n);
    for (;;) {
      const word = this.uint32();
      if (word < limit) return word % n;
    }
  }

  /** Standard normal (Box-Muller); for host-side noise. Kernels draw their own. */
  normal(mean = 0, stddev = 1): number {
    const radius = Math.sqrt(-2 * log(1 - this.uniform()));
    return mean + stddev * radius * cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T extends { length: number; [i: number]: unknown }>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = values[i];
      (values as { [i: number]: unknown })[i] = values[j];
      (values as { [i: number]: unknown })[j] = kept;
    }
    return values;
  }

  /** The numbers 0 … n−1 in random order. */
  permutation(n: number): Int32Array {
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i));
  }
}
