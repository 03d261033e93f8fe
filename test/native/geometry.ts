import type { Geometry } from '../../src/backend/backend.js';

/** A convolution or pooling to test, its geometry spelled out. */
export interface WindowCase {
  label: string;
  N: number;
  H: number;
  W: number;
  C: number;
  F: number;
  kh: number;
  kw: number;
  sh: number;
  sw: number;
  dh: number;
  dw: number;
  pt: number;
  pl: number;
  OH: number;
  OW: number;
  groups: number;
}

export type Padding = 'valid' | 'same' | 'causal';

interface Options {
  kernel: number | [number, number];
  filters?: number;
  stride?: number | [number, number];
  dilation?: number | [number, number];
  groups?: number;
  padding?: Padding;
}

function pair(x: number | [number, number] | undefined): [number, number] {
  return typeof x === 'number' ? [x, x] : (x ?? [1, 1]);
}

/** [outputs, padding before] along one axis, as Keras computes them. */
function along(size: number, kernel: number, stride: number, dilation: number, padding: Padding): [number, number] {
  const reach = (kernel - 1) * dilation;
  if (padding === 'valid') return [Math.ceil((size - reach) / stride), 0];
  const outputs = Math.ceil(size / stride);
  if (padding === 'causal') return [outputs, reach];
  return [outputs, Math.floor(Math.max((outputs - 1) * stride + reach + 1 - size, 0) / 2)];
}

/** Builds a case from what a Keras user would write; H = kernel[0] = 1 is one-dimensional. */
export function windowCase(shape: [number, number, number, number], options: Options): WindowCase {
  const [N, H, W, C] = shape;
  const [kh, kw] = pair(options.kernel);
  const [sh, sw] = pair(options.stride);
  const [dh, dw] = pair(options.dilation);
  const padding = options.padding ?? 'valid';
  const [OH, pt] = along(H, kh, sh, dh, padding);
  const [OW, pl] = along(W, kw, sw, dw, padding);
  const F = options.filters ?? C;
  const groups = options.groups ?? 1;
  const label = `(${shape.join(',')}) -> (${OH},${OW},${F}) k${kh}x${kw} s${sh}x${sw} d${dh}x${dw} g${groups} ${padding}`;
  return { label, N, H, W, C, F, kh, kw, sh, sw, dh, dw, pt, pl, OH, OW, groups };
}

export function geometryOf(c: WindowCase, winograd = true): Geometry {
  const fields = [c.N, c.H, c.W, c.C, c.F, c.kh, c.kw, c.sh, c.sw, c.dh, c.dw, c.pt, c.pl, c.OH, c.OW, c.groups];
  return Int32Array.from(winograd ? fields : [...fields, 0]);
}

export const inputLength = (c: WindowCase): number => c.N * c.H * c.W * c.C;
export const outputLength = (c: WindowCase): number => c.N * c.OH * c.OW * c.F;
export const kernelLength = (c: WindowCase): number => (c.kh * c.kw * c.C * c.F) / c.groups;
