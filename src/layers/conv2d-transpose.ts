import { ConvTranspose, type ConvTransposeOptions } from './conv-transpose.js';

export type Conv2DTransposeOptions = ConvTransposeOptions;

/**
 * Transposed convolution over images, with bias and activation: the gradient of a convolution, which makes its input larger.
 *
 * Shapes: x (N,H,W,C) → (N,OH,OW,F), with `same` stride times as long, with `valid` max(kernel − stride, 0) longer than that;
 * kernel (kh,kw,F,C), bias (F).
 * Throws: ERR_SHAPE if x is not rank 4; ERR_ARG if outputPadding is not below the strides.
 * Source: Keras Conv2DTranspose (channels last).
 * Example: layers.conv2dTranspose({ filters: 16, kernelSize: 3, strides: 2, padding: 'same' })
 */
export class Conv2DTranspose extends ConvTranspose {
  readonly className = 'Conv2DTranspose';

  constructor(options: Conv2DTransposeOptions) {
    super('Conv2DTranspose', 2, options);
  }
}
