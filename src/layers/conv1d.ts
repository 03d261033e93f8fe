import { Conv, type ConvOptions } from './conv.js';

export type Conv1DOptions = ConvOptions;

/**
 * Convolution over one axis (text, time), with bias and activation.
 *
 * Shapes: x (N,W,C) → (N,OW,F); kernel (k,C/groups,F), bias (F).
 * Throws: ERR_SHAPE if x is not rank 3 or the window does not fit; ERR_ARG if groups do not divide the channels.
 * Source: Keras Conv1D.
 * Example: layers.conv1d({ filters: 64, kernelSize: 5, padding: 'causal', activation: 'relu' })
 */
export class Conv1D extends Conv {
  readonly className = 'Conv1D';

  constructor(options: Conv1DOptions) {
    super('Conv1D', 1, options);
  }
}
