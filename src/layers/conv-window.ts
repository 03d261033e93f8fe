import { SarafError } from '../errors.js';
import { imageInput, showShape, window, type WindowAxes } from './checks.js';
import { checkPadding, type Padding, type Window } from './geometry.js';
import type { SymbolicShape } from './layer.js';

export interface ConvWindowOptions {
  /** Size of the window: one number, or one per axis. */
  kernelSize: number | readonly number[];
  /** Default 1. */
  strides?: number | readonly number[];
  /** Default valid. */
  padding?: Padding;
  /** Default 1. Only together with stride 1. */
  dilationRate?: number | readonly number[];
}

export const WINDOW_OPTIONS = ['kernelSize', 'strides', 'padding', 'dilationRate'];

/** The window of a convolutional layer, its options checked. */
export class ConvWindow {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dilationRate: readonly number[];
  readonly windows: readonly Window[];

  constructor(op: string, axes: WindowAxes, options: ConvWindowOptions, paddings: readonly Padding[]) {
    this.kernelSize = window(op, 'kernelSize', options.kernelSize, axes);
    this.strides = window(op, 'strides', options.strides ?? 1, axes);
    this.dilationRate = window(op, 'dilationRate', options.dilationRate ?? 1, axes);
    this.padding = checkPadding(op, options.padding, paddings);
    if (this.strides.some((n) => n > 1) && this.dilationRate.some((n) => n > 1)) {
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected strides or dilationRate to be 1, received ${this.strides.join(',')} and ${this.dilationRate.join(',')}`,
      );
    }
    this.windows = this.kernelSize.map((kernel, i) => ({
      kernel,
      stride: this.strides[i] as number,
      dilation: this.dilationRate[i] as number,
    }));
  }

  /** Throws ERR_SHAPE unless x has a channel axis behind the window's, of as many channels as the layer was built for. */
  checkInput(op: string, shape: SymbolicShape, channels: number | undefined): void {
    imageInput(op, shape, this.windows.length as WindowAxes);
    if (channels !== undefined && shape.at(-1) !== channels) {
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected x with ${channels} channels, received ${showShape(shape)}; the layer was built for ${channels}`,
      );
    }
  }

  getConfig(): Record<string, unknown> {
    return { kernelSize: this.kernelSize, strides: this.strides, padding: this.padding, dilationRate: this.dilationRate };
  }
}
