import { Conv, type ConvOptions } from './conv.js';

export type Conv3DOptions = ConvOptions;

/**
 * Convolution over volumes, with bias and activation. A workspace holds each value of x as often as kernel planes meet it.
 *
 * Shapes: x (N,D,H,W,C) → (N,OD,OH,OW,F); kernel (kd,kh,kw,C/groups,F), bias (F).
 * Throws: ERR_SHAPE if x is not rank 5 or the window does not fit; ERR_ARG if groups do not divide the channels.
 * Source: Keras Conv3D (channels last).
 * Example: layers.conv3d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' })
 */
export class Conv3D extends Conv {
  readonly className = 'Conv3D';

  constructor(options: Conv3DOptions) {
    super('Conv3D', 3, options);
  }
}
