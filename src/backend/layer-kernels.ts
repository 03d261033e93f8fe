import type { Storage } from './backend.js';

/** Activations beyond the fused ones, whose derivative follows from the input: `kernels/curve/curve.h` says what a, b, c, d are. */
export const CURVES = {
  relu: 0,
  leakyRelu: 1,
  elu: 2,
  exponential: 3,
  gelu: 4,
  geluTanh: 5,
  hardShrink: 6,
  hardSigmoid: 7,
  hardSilu: 8,
  clip: 9,
  softplus: 10,
  mish: 11,
  silu: 12,
  softShrink: 13,
  softsign: 14,
  sparsePlus: 15,
  squareplus: 16,
  tanhShrink: 17,
  threshold: 18,
  sparseSigmoid: 19,
} as const;
export type CurveCode = (typeof CURVES)[keyof typeof CURVES];

/** Element-wise operations between broadcast shapes; those with `where` hand a gradient c to one side. */
export const MERGES = {
  add: 0,
  subtract: 1,
  multiply: 2,
  maximum: 3,
  minimum: 4,
  whereNotLess: 5,
  whereLess: 6,
  whereNotMore: 7,
  whereMore: 8,
  prelu: 9,
  preluInput: 10,
  preluSlope: 11,
} as const;
export type MergeCode = (typeof MERGES)[keyof typeof MERGES];

/** [kept, reduced, offset in x, offset in y, then of each axis: length, stride in x, stride in y]; reduced axes are last. */
export type MoveLayout = Int32Array;
/** Of each axis: length, stride in a, stride in b; the result is dense. */
export type MergeLayout = Int32Array;

/** The part of the backend that layers of shape, merging, normalisation and activation use. */
export interface LayerKernels {
  /** y = curve(x); y may be x. */
  curveForward(x: Storage, y: Storage, curve: CurveCode, a: number, b: number, c: number, d: number): void;
  /** dx = dy·curve'(x); dx may be dy. */
  curveBackward(x: Storage, dy: Storage, dx: Storage, curve: CurveCode, a: number, b: number, c: number, d: number): void;
  /** y = ln softmax(x) of each row. */
  logSoftmaxForward(x: Storage, y: Storage, rows: number, cols: number): void;
  logSoftmaxBackward(y: Storage, dy: Storage, dx: Storage, rows: number, cols: number): void;
  /** x (rows,2·cols) → y (rows,cols) = first half · sigmoid(second half). */
  gluForward(x: Storage, y: Storage, rows: number, cols: number): void;
  gluBackward(x: Storage, dy: Storage, dx: Storage, rows: number, cols: number): void;

  /** Copies values from x to y along strided axes, or sums them over the reduced ones; with `clear` all else of y becomes 0. */
  move(x: Storage, y: Storage, layout: MoveLayout, clear: boolean): void;
  /** y = a op b; c (like y) only for the operations that say so. */
  merge(a: Storage, b: Storage, c: Storage | null, y: Storage, layout: MergeLayout, op: MergeCode): void;
  /** x (N,H,W,C) → y (N,H·scaleH,W·scaleW,C), half-pixel centres, clamped at the border. */
  bilinearForward(x: Storage, y: Storage, N: number, H: number, W: number, C: number, scaleH: number, scaleW: number): void;
  bilinearBackward(dy: Storage, dx: Storage, N: number, H: number, W: number, C: number, scaleH: number, scaleW: number): void;

  /**
   * y = (x−mean)/√(var+ε)·gamma + beta per column of x (rows,cols): moments of the rows that the mask counts (one byte for
   * rows/length rows each) in training, which also moves the moving ones; those themselves otherwise. mean, rstd (cols) are kept.
   */
  batchNormForward(
    x: Storage,
    mask: Storage | null,
    gamma: Storage | null,
    beta: Storage | null,
    y: Storage,
    mean: Storage,
    rstd: Storage,
    movingMean: Storage | null,
    movingVariance: Storage | null,
    rows: number,
    cols: number,
    epsilon: number,
    momentum: number,
    training: boolean,
  ): void;
  batchNormBackward(
    x: Storage,
    mask: Storage | null,
    gamma: Storage | null,
    mean: Storage,
    rstd: Storage,
    dy: Storage,
    dx: Storage | null,
    dgamma: Storage | null,
    dbeta: Storage | null,
    rows: number,
    cols: number,
    training: boolean,
  ): void;
  /** y = x·scale·gamma, scale = min(1/√(Σx²/divisor + ε), largest) of each row; scale (rows) is kept. */
  unitNormForward(
    x: Storage,
    gamma: Storage | null,
    y: Storage,
    scale: Storage,
    rows: number,
    cols: number,
    divisor: number,
    epsilon: number,
    largest: number,
  ): void;
  unitNormBackward(
    x: Storage,
    gamma: Storage | null,
    scale: Storage,
    dy: Storage,
    dx: Storage | null,
    dgamma: Storage | null,
    rows: number,
    cols: number,
    divisor: number,
  ): void;
}
