import { SarafError } from '../errors.js';
import type { Shape } from '../tensor/tensor.js';

/** The rows of values along one axis: value c of row r lies at `first(r) + c·step`. */
export interface AxisRows {
  readonly rows: number;
  readonly cols: number;
  readonly step: number;
  /** Shape without the axis. */
  readonly shape: Shape;
  first(row: number): number;
}

/** Rows along an axis, −1 the last; a single axis is rows of one value. Throws ERR_ARG if there is no such axis. */
export function rowsAlong(op: string, shape: Shape, axis: number): AxisRows {
  const full = shape.length < 2 ? [...shape, 1] : shape;
  const at = shape.length < 2 ? full.length - 1 : axis < 0 ? full.length + axis : axis;
  const cols = full[at];
  if (cols === undefined) throw new SarafError('ERR_ARG', op, `expected an axis of (${shape.join(',')}), received axis ${axis}`);
  const size = full.reduce((product, n) => product * n, 1);
  const step = full.slice(at + 1).reduce((product, n) => product * n, 1);
  return {
    rows: cols === 0 ? 0 : size / cols,
    cols,
    step,
    shape: full.filter((_, i) => i !== at),
    first: (r) => Math.floor(r / step) * cols * step + (r % step),
  };
}
