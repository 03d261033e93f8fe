import { DepthwiseConv, type DepthwiseConvOptions } from './depthwise-conv.js';

export type DepthwiseConv1DOptions = DepthwiseConvOptions;

/**
 * Convolution over one axis (text, time) in which channels do not meet: each has `depthMultiplier` filters of its own.
 *
 * Shapes: x (N,W,C) → (N,OW,C·depthMultiplier); kernel (k,C,depthMultiplier), bias (C·depthMultiplier).
 * Throws: ERR_SHAPE if x is not rank 3 or the window does not fit.
 * Source: Keras DepthwiseConv1D.
 * Example: layers.depthwiseConv1d({ kernelSize: 3, padding: 'same', activation: 'relu' })
 */
export class DepthwiseConv1D extends DepthwiseConv {
  readonly className = 'DepthwiseConv1D';

  constructor(options: DepthwiseConv1DOptions) {
    super('DepthwiseConv1D', 1, options);
  }
}
