import { DepthwiseConv, type DepthwiseConvOptions } from './depthwise-conv.js';

export type DepthwiseConv2DOptions = DepthwiseConvOptions;

/**
 * Convolution over images in which channels do not meet: each has `depthMultiplier` filters of its own.
 *
 * Shapes: x (N,H,W,C) → (N,OH,OW,C·depthMultiplier); kernel (kh,kw,C,depthMultiplier), bias (C·depthMultiplier).
 * Throws: ERR_SHAPE if x is not rank 4 or the window does not fit.
 * Source: Keras DepthwiseConv2D (channels last).
 * Example: layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'relu' })
 */
export class DepthwiseConv2D extends DepthwiseConv {
  readonly className = 'DepthwiseConv2D';

  constructor(options: DepthwiseConv2DOptions) {
    super('DepthwiseConv2D', 2, options);
  }
}
