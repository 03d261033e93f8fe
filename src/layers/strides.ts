import type { MergeLayout, MoveLayout } from '../backend/backend.js';
import type { Shape } from '../tensor/tensor.js';

/** One axis of a move: its length, and the distance of neighbours in both arrays. */
export interface MoveAxis {
  readonly length: number;
  readonly x: number;
  readonly y: number;
  /** Summed over. */
  readonly reduced?: boolean;
}

/** Distances of neighbours along each axis of a dense array. */
export function stridesOf(shape: Shape): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] as number) * (shape[i + 1] as number);
  return strides;
}

/** Drops axes of length 1 and joins neighbours that lie as one axis in both arrays. */
function joined<Axis extends { length: number }>(axes: readonly Axis[], keys: readonly (keyof Axis)[]): Axis[] {
  const out: Axis[] = [];
  for (const axis of axes) {
    if (axis.length === 1) continue;
    const last = out.at(-1);
    if (last && keys.every((key) => (last[key] as number) === (axis[key] as number) * axis.length)) {
      out[out.length - 1] = { ...axis, length: last.length * axis.length };
    } else out.push(axis);
  }
  return out;
}

/** The layout of `Backend.move` over these axes, with both arrays from an offset on. */
export function moveLayout(axes: readonly MoveAxis[], xOffset = 0, yOffset = 0): MoveLayout {
  const sides = [false, true].map((reduced) =>
    joined(
      axes.filter((axis) => (axis.reduced ?? false) === reduced),
      ['x', 'y'],
    ),
  ) as [MoveAxis[], MoveAxis[]];
  const [kept, reduced] = sides;
  if (kept.length === 0) kept.push({ length: 1, x: 0, y: 0 });
  return Int32Array.from([kept.length, reduced.length, xOffset, yOffset, ...[...kept, ...reduced].flatMap((a) => [a.length, a.x, a.y])]);
}

/** x of this shape → y with axis i of y being axis order[i] of x. */
export function permuteLayout(shape: Shape, order: readonly number[]): MoveLayout {
  const from = stridesOf(shape);
  const to = stridesOf(order.map((axis) => shape[axis] as number));
  return moveLayout(order.map((axis, i) => ({ length: shape[axis] as number, x: from[axis] as number, y: to[i] as number })));
}

/** The order that undoes another. */
export function inverseOrder(order: readonly number[]): number[] {
  return order.map((_, i) => order.indexOf(i));
}

/** x of shape `from` → the sum over the axes in which `to` (of the same rank) has length 1. */
export function reduceLayout(from: Shape, to: Shape): MoveLayout {
  const [x, y] = [stridesOf(from), stridesOf(to)];
  return moveLayout(
    from.map((length, i) => {
      const reduced = to[i] === 1 && length !== 1;
      return { length, x: x[i] as number, y: reduced ? 0 : (y[i] as number), reduced };
    }),
  );
}

/** The layout of `Backend.merge` of two shapes of one rank that broadcast to `shape`. */
export function mergeLayout(shape: Shape, a: Shape, b: Shape): MergeLayout {
  const [sa, sb] = [stridesOf(a), stridesOf(b)];
  const axes = joined(
    shape.map((length, i) => ({
      length,
      a: a[i] === 1 ? 0 : (sa[i] as number),
      b: b[i] === 1 ? 0 : (sb[i] as number),
    })),
    ['a', 'b'],
  );
  if (axes.length === 0) axes.push({ length: 1, a: 0, b: 0 });
  return Int32Array.from(axes.flatMap((axis) => [axis.length, axis.a, axis.b]));
}
