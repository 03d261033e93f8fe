import type { ActivationCode, DepthGeometry, Geometry, Storage } from './backend.js';

/** Convolutions beside the plain one: depthwise and transposed. Their geometry is that of a convolution. */
export interface ConvKernels {
  /** groups = C: x (N,H,W,C), w (kh,kw,C,F/C), b (F) → y (N,OH,OW,F); output channel c·F/C + j sees channel c. */
  depthwiseForward(x: Storage, w: Storage, b: Storage | null, y: Storage, geometry: Geometry, activation: ActivationCode): void;
  /** dz as in denseBackward. Gradients that are not wanted are null. */
  depthwiseBackward(
    x: Storage,
    w: Storage,
    y: Storage,
    dy: Storage,
    dz: Storage,
    dx: Storage | null,
    dw: Storage | null,
    db: Storage | null,
    geometry: Geometry,
    activation: ActivationCode,
  ): void;
  /** The convolution with this geometry, and this depth if any, backwards: x (N,OH,OW,F), w (kh,kw,C/groups,F), b (C) → y (N,H,W,C). */
  convTransposeForward(
    x: Storage,
    w: Storage,
    b: Storage | null,
    y: Storage,
    geometry: Geometry,
    activation: ActivationCode,
    depth?: DepthGeometry | null,
  ): void;
  convTransposeBackward(
    x: Storage,
    w: Storage,
    y: Storage,
    dy: Storage,
    dz: Storage,
    dx: Storage | null,
    dw: Storage | null,
    db: Storage | null,
    geometry: Geometry,
    activation: ActivationCode,
    depth?: DepthGeometry | null,
  ): void;
}
