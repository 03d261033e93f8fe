import { SarafError } from '../errors.js';
import { oneOf } from './checks.js';
import { RandomImageLayer, shares, type Axis, type Draws } from './random-image.js';
import type { RandomLayerOptions } from './random-layer.js';

const FILL_MODES = ['reflect', 'constant', 'wrap', 'nearest'] as const;
const INTERPOLATIONS = ['bilinear', 'nearest'] as const;
type FillMode = (typeof FILL_MODES)[number];

export interface RandomTranslationOptions extends RandomLayerOptions {
  /** The most that an image is moved up or down, as a share of its height; or the least and the most, positive: down. */
  heightFactor: number | readonly [number, number];
  /** Likewise left or right, as a share of its width; positive: right. */
  widthFactor: number | readonly [number, number];
  /** What comes in from outside: the image mirrored at its edge (default), `fillValue`, its other side, or its last pixel. */
  fillMode?: FillMode;
  /** Default bilinear. */
  interpolation?: (typeof INTERPOLATIONS)[number];
  /** For fillMode constant. Default 0. */
  fillValue?: number;
}

/** The place in 0 … n−1 that stands for place i, or −1: outside. */
function inside(i: number, n: number, mode: FillMode): number {
  if (i >= 0 && i < n) return i;
  if (mode === 'constant') return -1;
  if (mode === 'nearest') return i < 0 ? 0 : n - 1;
  if (mode === 'wrap') return ((i % n) + n) % n;
  const k = ((i % (2 * n)) + 2 * n) % (2 * n);
  return k < n ? k : 2 * n - 1 - k;
}

/**
 * In training, moves each image by a share of its size that is drawn for it; otherwise passes x on.
 *
 * Shapes: (N,H,W,C) → the same.
 * Throws: ERR_ARG for a factor outside [−1,1], or an unknown mode.
 * Source: Keras RandomTranslation. With fillMode wrap the seam is between two pixels like any other place; Keras on TensorFlow takes one.
 * Example: layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 })
 */
export class RandomTranslation extends RandomImageLayer {
  readonly className = 'RandomTranslation';
  private readonly options: Required<Omit<RandomTranslationOptions, keyof RandomLayerOptions>>;
  private readonly ranges: readonly [readonly [number, number], readonly [number, number]];

  constructor(options: RandomTranslationOptions) {
    const op = 'randomTranslation';
    super('RandomTranslation', op, ['heightFactor', 'widthFactor', 'fillMode', 'interpolation', 'fillValue'], options);
    const { heightFactor, widthFactor, fillMode = 'reflect', interpolation = 'bilinear', fillValue = 0 } = options;
    oneOf(op, 'fillMode', fillMode, FILL_MODES);
    oneOf(op, 'interpolation', interpolation, INTERPOLATIONS);
    if (typeof fillValue !== 'number' || !Number.isFinite(fillValue))
      throw new SarafError('ERR_ARG', op, `expected fillValue to be a number, received ${String(fillValue)}`);
    this.ranges = [shares(op, 'heightFactor', heightFactor), shares(op, 'widthFactor', widthFactor)];
    this.options = { heightFactor, widthFactor, fillMode, interpolation, fillValue };
  }

  protected override amount(): Readonly<Record<string, unknown>> {
    return this.options;
  }

  protected override fill(): number {
    return this.options.fillValue;
  }

  protected override axesOf(draws: Draws | null, size: readonly [number, number]): readonly [Axis, Axis] {
    const { fillMode, interpolation } = this.options;
    const axis = (k: 0 | 1): Axis => {
      const n = size[k];
      const [low, high] = this.ranges[k];
      const shift = draws === null ? 0 : (low + draws[k] * (high - low)) * n;
      const from = interpolation === 'nearest' ? Math.floor(0.5 - shift) : -shift;
      const first = Math.floor(from);
      return {
        a: Int32Array.from({ length: n }, (_, i) => inside(first + i, n, fillMode)),
        b: Int32Array.from({ length: n }, (_, i) => inside(first + i + 1, n, fillMode)),
        f: new Float64Array(n).fill(from - first),
      };
    };
    return [axis(0), axis(1)];
  }
}
