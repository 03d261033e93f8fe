import type { HostArray } from '../backend/backend.js';

/** Text without case, punctuation and spaces: equal for texts that a reader would call the same. */
export function textKey(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

const SIDE = 9;

/**
 * Perceptual hash of one image: brightness on a 9×9 grid, one bit for each pair of neighbours, across and down (144 bits).
 * Copies that differ in brightness, contrast or compression keep most bits; only equal hashes count as duplicates here.
 *
 * Shapes: pixels from `at`: (H,W,C), bytes or any numbers.
 */
export function imageKey(pixels: HostArray, at: number, height: number, width: number, channels: number): string {
  const grid = new Float64Array(SIDE * SIDE);
  for (let gy = 0; gy < SIDE; gy++) {
    const y0 = Math.floor((gy * height) / SIDE);
    const y1 = Math.max(y0 + 1, Math.floor(((gy + 1) * height) / SIDE));
    for (let gx = 0; gx < SIDE; gx++) {
      const x0 = Math.floor((gx * width) / SIDE);
      const x1 = Math.max(x0 + 1, Math.floor(((gx + 1) * width) / SIDE));
      let sum = 0;
      for (let y = y0; y < y1; y++) {
        const row = at + (y * width + x0) * channels;
        for (let i = row; i < row + (x1 - x0) * channels; i++) sum += pixels[i] ?? 0;
      }
      grid[gy * SIDE + gx] = sum / ((y1 - y0) * (x1 - x0));
    }
  }
  let bits = '';
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const here = grid[y * SIDE + x] ?? 0;
      if (x + 1 < SIDE) bits += here < (grid[y * SIDE + x + 1] ?? 0) ? '1' : '0';
      if (y + 1 < SIDE) bits += here < (grid[(y + 1) * SIDE + x] ?? 0) ? '1' : '0';
    }
  }
  return bits;
}

/** Marks rows whose key occurs in `seen` with 0, others with 1, and counts the marked ones. */
export function keepUnseen(keys: readonly string[], seen: ReadonlySet<string>): { keep: Uint8Array; removed: number } {
  const keep = Uint8Array.from(keys, (key) => (seen.has(key) ? 0 : 1));
  return { keep, removed: keep.reduce((n, k) => n + (k === 0 ? 1 : 0), 0) };
}
