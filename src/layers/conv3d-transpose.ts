import { ConvTranspose, type ConvTransposeOptions } from './conv-transpose.js';

export type Conv3DTransposeOptions = ConvTransposeOptions;

/**
 * Transposed convolution over volumes, with bias and activation: the gradient of a convolution, which makes its input larger.
 *
 * Shapes: x (N,D,H,W,C) → (N,OD,OH,OW,F), with `same` stride times as long, with `valid` max(kernel − stride, 0) longer than that;
 * kernel (kd,kh,kw,F,C), bias (F).
 * Throws: ERR_SHAPE if x is not rank 5; ERR_ARG if outputPadding is not below the strides.
 * Source: Keras Conv3DTranspose (channels last).
 * Example: layers.conv3dTranspose({ filters: 16, kernelSize: 3, strides: 2, padding: 'same' })
 */
export class Conv3DTranspose extends ConvTranspose {
  readonly className = 'Conv3DTranspose';

  constructor(options: Conv3DTransposeOptions) {
    super('Conv3DTranspose', 3, options);
  }
}
