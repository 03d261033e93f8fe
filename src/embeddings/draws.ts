import { pow } from '../tensor/portable-math.js';

/** Values below 2³² as the addon takes them. */
const asInt32 = (values: Uint32Array): Int32Array => new Int32Array(values.buffer);
const SCALE = 2 ** 32;

/**
 * How often a word stays, as the largest 32-bit draw at which it does: with its share f of all words, √(sample/f) + sample/f.
 * `sample` 0: always.
 *
 * Source: Mikolov et al. 2013, with the square root of the published program in place of the paper's formula.
 */
export function keepThresholds(counts: readonly number[], sample: number): Int32Array {
  const total = counts.reduce((a, b) => a + b, 0);
  return asInt32(
    Uint32Array.from(counts, (count) => {
      const ratio = sample === 0 ? 1 : (sample * total) / count;
      return Math.min(SCALE - 1, Math.floor((Math.sqrt(ratio) + ratio) * SCALE));
    }),
  );
}

/** How many words stay, on average. */
export function expectedKept(counts: readonly number[], keep: Int32Array): number[] {
  return counts.map((count, v) => (count * (((keep[v] as number) >>> 0) + 1)) / SCALE);
}

/** Draws words in proportion to count^power in constant time (Walker 1977; the construction is Vose's, 1991). */
export function aliasTable(counts: readonly number[], power: number): { chance: Int32Array; alias: Int32Array } {
  const weights = counts.map((count) => pow(count, power));
  const sum = weights.reduce((a, b) => a + b, 0);
  const share = weights.map((w) => (w * counts.length) / sum);
  const chance = new Uint32Array(counts.length);
  const alias = Int32Array.from(counts.keys());
  const small = [...share.keys()].filter((v) => (share[v] as number) < 1);
  const large = [...share.keys()].filter((v) => (share[v] as number) >= 1);
  while (small.length > 0 && large.length > 0) {
    const [s, l] = [small.pop() as number, large.at(-1) as number];
    chance[s] = Math.min(SCALE - 1, Math.round((share[s] as number) * SCALE));
    alias[s] = l;
    share[l] = (share[l] as number) - (1 - (share[s] as number));
    if ((share[l] as number) < 1) small.push(large.pop() as number);
  }
  // What rounding left over stands for itself.
  for (const v of [...small, ...large]) chance[v] = SCALE - 1;
  return { chance: asInt32(chance), alias };
}
