import { Conv, type ConvOptions } from './conv.js';
import { MaxPooling2D } from './max-pooling2d.js';
import type { Layer } from './layer.js';

export type Conv2DOptions = ConvOptions;

/**
 * Convolution over images, with bias and activation.
 *
 * Shapes: x (N,H,W,C) → (N,OH,OW,F); kernel (kh,kw,C/groups,F), bias (F).
 * Throws: ERR_SHAPE if x is not rank 4 or the window does not fit; ERR_ARG if groups do not divide the channels.
 * Source: Keras Conv2D (channels last).
 * Example: layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' })
 */
export class Conv2D extends Conv {
  readonly className = 'Conv2D';

  constructor(options: Conv2DOptions) {
    super('Conv2D', 2, options);
  }

  /** Max pooling over disjoint 2×2 windows, whose backward needs no more of the convolution's output than the pooled values. */
  override absorbs(next: Layer): boolean {
    // Exactly these classes: a subclass may have a forward of its own.
    if (this.constructor !== Conv2D || !(next instanceof MaxPooling2D) || next.constructor !== MaxPooling2D) return false;
    const pairs = [...next.poolSize, ...next.strides].every((n) => n === 2) && next.padding === 'valid';
    return pairs && (this.activation === 'linear' || this.activation === 'relu');
  }
}
