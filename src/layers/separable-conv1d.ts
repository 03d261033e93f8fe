import { SeparableConv, type SeparableConvOptions } from './separable-conv.js';

export type SeparableConv1DOptions = SeparableConvOptions;

/**
 * Convolution over one axis (text, time) in two parts: each channel by itself, then a product that joins the channels of each pixel.
 *
 * Shapes: x (N,W,C) → (N,OW,F); depthwise_kernel (k,C,depthMultiplier), pointwise_kernel (1,C·depthMultiplier,F), bias (F).
 * Throws: ERR_SHAPE if x is not rank 3 or the window does not fit.
 * Source: Keras SeparableConv1D.
 * Example: layers.separableConv1d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' })
 */
export class SeparableConv1D extends SeparableConv {
  readonly className = 'SeparableConv1D';

  constructor(options: SeparableConv1DOptions) {
    super('SeparableConv1D', 1, options);
  }
}
