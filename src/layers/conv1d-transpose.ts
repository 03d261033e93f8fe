import { ConvTranspose, type ConvTransposeOptions } from './conv-transpose.js';

export type Conv1DTransposeOptions = ConvTransposeOptions;

/**
 * Transposed convolution over one axis (text, time), with bias and activation: the gradient of a convolution, which makes its input larger.
 *
 * Shapes: x (N,W,C) → (N,OW,F), with `same` stride times as long, with `valid` max(kernel − stride, 0) longer than that;
 * kernel (k,F,C), bias (F).
 * Throws: ERR_SHAPE if x is not rank 3; ERR_ARG if outputPadding is not below the strides.
 * Source: Keras Conv1DTranspose.
 * Example: layers.conv1dTranspose({ filters: 16, kernelSize: 3, strides: 2, padding: 'same' })
 */
export class Conv1DTranspose extends ConvTranspose {
  readonly className = 'Conv1DTranspose';

  constructor(options: Conv1DTransposeOptions) {
    super('Conv1DTranspose', 1, options);
  }
}
