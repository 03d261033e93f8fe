/**
 * Numbers in [−scale, scale) that look random and are the same everywhere: a hash of the index.
 *
 * Source: the finaliser of MurmurHash3 (Appleby).
 */
export function fill(n: number, seed: number, scale = 1): Float32Array {
  const values = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    let h = (Math.imul(i, 0x9e3779b1) + Math.imul(seed + 1, 0x7feb352d)) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
    h = (h ^ (h >>> 16)) >>> 0;
    values[i] = (h / 2 ** 31 - 1) * scale;
  }
  return values;
}

/** Whole numbers in [low, high). */
export function fillIntegers(n: number, seed: number, low: number, high: number): Int32Array {
  return Int32Array.from(fill(n, seed, 0.5), (v) => low + Math.min(high - low - 1, Math.floor((v + 0.5) * (high - low))));
}
