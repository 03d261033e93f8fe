import type { Picture } from '../../src/files/decode-png.js';

/** A rectangle of a picture. Units: pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is drawn in a rectangle: everything that has not the colour which most of it has. */
export interface Ink {
  /** Share of the rectangle that is drawn on, in [0,1]. */
  readonly share: number;
  /** Share of the rectangle in a colour that is no grey: marks, not axes and letters. */
  readonly coloured: number;
  /** Different colours, in steps of 16. */
  readonly colours: number;
  /** Share of width and height from the first to the last drawn pixel. */
  readonly across: number;
  readonly down: number;
}

/** Measures a rectangle of a picture with three channels. */
export function inkOf({ width, channels, pixels }: Picture, area: Area): Ink {
  const [left, top] = [Math.max(0, Math.floor(area.x)), Math.max(0, Math.floor(area.y))];
  const [columns, rows] = [Math.floor(area.width), Math.floor(area.height)];
  const colourAt = (x: number, y: number): readonly [number, number, number] => {
    const at = channels * ((top + y) * width + left + x);
    const of = (channel: number): number => pixels[at + (channels === 3 ? channel : 0)] ?? 0;
    return [of(0), of(1), of(2)];
  };
  const counts = new Map<number, number>();
  const keyOf = ([r, g, b]: readonly [number, number, number]): number => ((r >> 4) << 8) | ((g >> 4) << 4) | (b >> 4);
  for (let y = 0; y < rows; ++y)
    for (let x = 0; x < columns; ++x) {
      const key = keyOf(colourAt(x, y));
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  const [ground] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [-1, 0]);
  let [drawn, coloured] = [0, 0];
  const [xs, ys]: [number[], number[]] = [
    [columns, -1],
    [rows, -1],
  ];
  for (let y = 0; y < rows; ++y)
    for (let x = 0; x < columns; ++x) {
      const colour = colourAt(x, y);
      if (keyOf(colour) === ground) continue;
      drawn++;
      if (Math.max(...colour) - Math.min(...colour) > 40) coloured++;
      xs[0] = Math.min(xs[0] ?? x, x);
      xs[1] = Math.max(xs[1] ?? x, x);
      ys[0] = Math.min(ys[0] ?? y, y);
      ys[1] = Math.max(ys[1] ?? y, y);
    }
  const all = columns * rows;
  const span = ([from = 0, to = 0]: readonly number[], of: number): number => Math.max(0, to - from + 1) / of;
  return { share: drawn / all, coloured: coloured / all, colours: counts.size, across: span(xs, columns), down: span(ys, rows) };
}

/** Why a rectangle does not look like a chart; empty where it does. Far from what charts have, so that another font or colour changes nothing. */
export function missingInk(ink: Ink): string[] {
  return [
    ...(ink.share < 0.01 ? [`only ${(100 * ink.share).toFixed(2)} % of it is drawn on`] : []),
    ...(ink.coloured < 0.0005 ? ['no marks in colour'] : []),
    ...(ink.colours < 8 ? [`only ${ink.colours} colours`] : []),
    ...(ink.across < 0.6 || ink.down < 0.5
      ? [`drawn in a corner: ${ink.across.toFixed(2)} of the width, ${ink.down.toFixed(2)} of the height`]
      : []),
  ];
}
