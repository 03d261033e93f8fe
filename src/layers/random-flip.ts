import { oneOf } from './checks.js';
import { RandomImageLayer, wholePlaces, type Axis, type Draws } from './random-image.js';
import type { RandomLayerOptions } from './random-layer.js';

const MODES = ['horizontal', 'vertical', 'horizontalAndVertical'] as const;

export interface RandomFlipOptions extends RandomLayerOptions {
  /** Left and right, top and bottom, or both at once. Default both at once. */
  mode?: (typeof MODES)[number];
}

/**
 * In training, mirrors half of the images, each drawn for by itself; otherwise passes x on.
 *
 * Shapes: (N,H,W,C) → the same.
 * Throws: ERR_ARG for an unknown mode.
 * Source: Keras RandomFlip; its 'horizontal_and_vertical' mirrors both ways or neither.
 * Example: layers.randomFlip({ mode: 'horizontal' })
 */
export class RandomFlip extends RandomImageLayer {
  readonly className = 'RandomFlip';
  readonly mode: (typeof MODES)[number];

  constructor(options: RandomFlipOptions = {}) {
    super('RandomFlip', 'randomFlip', ['mode'], options);
    this.mode = oneOf('randomFlip', 'mode', options.mode ?? 'horizontalAndVertical', MODES);
  }

  protected override amount(): { mode: string } {
    return { mode: this.mode };
  }

  protected override axesOf(draws: Draws | null, [height, width]: readonly [number, number]): readonly [Axis, Axis] {
    const flips = draws !== null && draws[0] <= 0.5;
    const axis = (length: number, mirrored: boolean): Axis => wholePlaces(length, (i) => (flips && mirrored ? length - 1 - i : i));
    return [axis(height, this.mode !== 'horizontal'), axis(width, this.mode !== 'vertical')];
  }
}
