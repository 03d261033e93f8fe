import { SarafError } from '../errors.js';
import { oneOf, showShape } from './checks.js';
import { PRECISIONS, type DepthGeometry, type Geometry, type PrecisionCode } from '../backend/backend.js';
import type { SymbolicShape } from './layer.js';

export type Padding = 'valid' | 'same' | 'causal';

/** How a window moves over one axis. */
export interface Window {
  kernel: number;
  stride: number;
  dilation: number;
}

/** Output length and the number of zeros in front, as Keras counts them. */
export function windowAxis(length: number, { kernel, stride, dilation }: Window, padding: Padding): { output: number; before: number } {
  const reach = (kernel - 1) * dilation + 1;
  if (padding === 'valid') return { output: length < reach ? 0 : Math.floor((length - reach) / stride) + 1, before: 0 };
  const output = Math.ceil(length / stride);
  if (padding === 'causal') return { output, before: reach - 1 };
  const total = Math.max((output - 1) * stride + reach - length, 0);
  return { output, before: Math.floor(total / 2) };
}

/** Pairs of output and input along one axis, padding left out. */
export function tapsInside(length: number, window: Window, padding: Padding): number {
  const { output, before } = windowAxis(length, window, padding);
  let taps = 0;
  for (let o = 0; o < output; o++) {
    for (let k = 0; k < window.kernel; k++) {
      const at = o * window.stride + k * window.dilation - before;
      if (at >= 0 && at < length) taps++;
    }
  }
  return taps;
}

/** Checks a padding option. */
export function checkPadding(op: string, padding: Padding | undefined, allowed: readonly Padding[]): Padding {
  return oneOf(op, 'padding', padding ?? 'valid', allowed);
}

/**
 * Output lengths of all window axes of x (N,…axes,C), null where the input's is.
 *
 * Throws: ERR_SHAPE if a window does not fit into an axis without padding.
 */
export function windowOutputs(op: string, shape: SymbolicShape, windows: readonly Window[], padding: Padding): (number | null)[] {
  return windows.map((window, i) => {
    const length = shape[i + 1] as number | null;
    if (length === null) return null;
    const { output } = windowAxis(length, window, padding);
    if (output < 1) {
      const reach = (window.kernel - 1) * window.dilation + 1;
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected axis ${i + 1} of x to hold at least ${reach} values (kernel ${window.kernel}, dilation ${window.dilation}), received ${showShape(shape)}; use padding: 'same'`,
      );
    }
    return output;
  });
}

/** How a convolution may be computed. */
export interface ConvAlgorithm {
  /** Default true; false keeps it direct. */
  winograd?: boolean;
  /** Default float32. */
  precision?: PrecisionCode;
}

/** The geometry array of the kernels. One window axis is laid along W, with H = kh = OH = 1. */
export function windowGeometry(
  shape: readonly number[],
  windows: readonly Window[],
  padding: Padding,
  filters: number,
  groups: number,
  { winograd = true, precision = PRECISIONS.float32 }: ConvAlgorithm = {},
): Geometry {
  const one: Window = { kernel: 1, stride: 1, dilation: 1 };
  const [vertical, horizontal] = windows.length === 1 ? [one, windows[0] as Window] : (windows as [Window, Window]);
  const [N, H, W, C] = (windows.length === 1 ? [shape[0], 1, shape[1], shape[2]] : shape) as [number, number, number, number];
  const rows = windowAxis(H, vertical, windows.length === 1 ? 'valid' : padding);
  const cols = windowAxis(W, horizontal, padding);
  return Int32Array.from([
    N,
    H,
    W,
    C,
    filters,
    vertical.kernel,
    horizontal.kernel,
    vertical.stride,
    horizontal.stride,
    vertical.dilation,
    horizontal.dilation,
    rows.before,
    cols.before,
    rows.output,
    cols.output,
    groups,
    ...(precision === PRECISIONS.float32 ? (winograd ? [] : [0]) : [winograd ? 1 : 0, precision]),
  ]);
}

/** The geometry of a convolution: of its planes, and of their depth where it has three window axes. */
export interface ConvGeometry {
  readonly planes: Geometry;
  readonly depth: DepthGeometry | null;
}

/** The geometry of a convolution over one, two or three axes. */
export function convGeometry(
  shape: readonly number[],
  windows: readonly Window[],
  padding: Padding,
  filters: number,
  groups: number,
  algorithm: ConvAlgorithm,
): ConvGeometry {
  if (windows.length < 3) return { planes: windowGeometry(shape, windows, padding, filters, groups, algorithm), depth: null };
  const [N, D, H, W, C] = shape as [number, number, number, number, number];
  const [deep, ...flat] = windows as [Window, Window, Window];
  const { output, before } = windowAxis(D, deep, padding);
  const planes = windowGeometry([N * output, H, W, deep.kernel * C], flat, padding, filters, groups, algorithm);
  return { planes, depth: Int32Array.of(D, deep.kernel, deep.stride, deep.dilation, before, output) };
}
