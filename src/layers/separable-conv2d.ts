import { SeparableConv, type SeparableConvOptions } from './separable-conv.js';

export type SeparableConv2DOptions = SeparableConvOptions;

/**
 * Convolution over images in two parts: each channel by itself, then a product that joins the channels of each pixel.
 *
 * Shapes: x (N,H,W,C) → (N,OH,OW,F); depthwise_kernel (kh,kw,C,depthMultiplier), pointwise_kernel (1,1,C·depthMultiplier,F), bias (F).
 * Throws: ERR_SHAPE if x is not rank 4 or the window does not fit.
 * Source: Keras SeparableConv2D (channels last).
 * Example: layers.separableConv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' })
 */
export class SeparableConv2D extends SeparableConv {
  readonly className = 'SeparableConv2D';

  constructor(options: SeparableConv2DOptions) {
    super('SeparableConv2D', 2, options);
  }
}
