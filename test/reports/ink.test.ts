import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/files/decode-png.js';
import { inkOf, missingInk } from './ink.js';

/** A white picture of 100 × 80, drawn on. */
function drawn(draw: (set: (x: number, y: number, colour: readonly [number, number, number]) => void) => void): Picture {
  const pixels = new Uint8Array(3 * 100 * 80).fill(255);
  draw((x, y, colour) => pixels.set(colour, 3 * (y * 100 + x)));
  return { width: 100, height: 80, channels: 3, pixels };
}
const whole = { x: 0, y: 0, width: 100, height: 80 };
const missing = (picture: Picture): string[] => missingInk(inkOf(picture, whole));

describe('ink of a chart in a screenshot', () => {
  it('is there where lines in several colours cross the rectangle', () => {
    const chart = drawn((set) => {
      for (let i = 0; i < 100; ++i)
        for (const [k, colour] of [
          [0, 114, 178],
          [213, 94, 0],
          [0, 158, 115],
          [30, 30, 30],
          [80, 80, 80],
          [130, 130, 130],
          [190, 190, 190],
        ].entries())
          // prettier-ignore
          set(i, Math.floor((i * 79) / 99 / (1 + k / 9)), colour as [number, number, number]);
    });
    expect(missing(chart)).toEqual([]);
    expect(inkOf(chart, whole)).toMatchObject({ across: 1, down: 1, colours: 8 });
    expect(inkOf(chart, { x: 90, y: 0, width: 10, height: 5 }).share).toBe(0);
  });

  it('is missing in an empty rectangle, in one with letters alone, and where all is in a corner', () => {
    expect(missing(drawn(() => undefined))).toEqual(['only 0.00 % of it is drawn on', 'no marks in colour', 'only 1 colours', 'drawn in a corner: 0.00 of the width, 0.00 of the height']); // prettier-ignore
    const letters = drawn((set) => {
      for (let x = 0; x < 100; ++x) for (let y = 0; y < 80; y += 3) set(x, y, [16 * (x % 12), 16 * (x % 12), 16 * (x % 12)]);
    });
    expect(missing(letters)).toEqual(['no marks in colour']);
    const corner = drawn((set) => {
      for (let x = 0; x < 30; ++x) for (let y = 0; y < 30; ++y) set(x, y, [8 * x, 0, 255 - 8 * y]);
    });
    expect(missing(corner)).toEqual(['drawn in a corner: 0.30 of the width, 0.38 of the height']);
  });
});
