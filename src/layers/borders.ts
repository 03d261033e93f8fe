import { SarafError } from '../errors.js';
import { imageInput, onlyShape, showShape, type WindowAxes } from './checks.js';
import { Moving, type Movement } from './moving.js';
import { stridesOf } from './strides.js';
import type { LayerOptions, SymbolicShape } from './layer.js';
import type { Shape } from '../tensor/tensor.js';

/** Values before and after, along one axis. */
export type Border = readonly [number, number];

/** `2`, `[1, 3]`, or of more axes `[1, 2]` (both sides alike) or `[[1, 2], [0, 3]]`, as pairs. Throws ERR_ARG. */
export function borders(op: string, name: string, value: unknown, axes: WindowAxes): Border[] {
  const count = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= 0;
  const pair = (v: unknown): v is Border => Array.isArray(v) && v.length === 2 && v.every(count);
  if (count(value)) return Array.from({ length: axes }, () => [value, value] as const);
  if (axes === 1 && pair(value)) return [[value[0], value[1]]];
  if (axes === 1 && Array.isArray(value) && value.length === 1 && pair(value[0])) return [[...value[0]] as unknown as Border];
  if (axes > 1 && Array.isArray(value) && value.length === axes) {
    if (value.every(pair)) return value.map(([a, b]) => [a, b] as const);
    if (value.every(count)) return value.map((n) => [n, n] as const);
  }
  const forms = axes === 1 ? 'an integer >= 0 or two' : 'an integer >= 0, one per axis, or two per axis';
  throw new SarafError('ERR_ARG', op, `expected ${name} to be ${forms}, received ${JSON.stringify(value)}`);
}

/** What padding and cropping share: borders that are added to, or taken from, the axes behind the batch axis. */
export abstract class Borders extends Moving {
  readonly sides: readonly Border[];
  private readonly sign: 1 | -1;

  constructor(className: string, options: LayerOptions, sides: readonly Border[], sign: 1 | -1) {
    super(className, options);
    this.sides = sides;
    this.sign = sign;
  }

  protected override get pads(): boolean {
    return this.sign > 0;
  }

  protected override get crops(): boolean {
    return this.sign < 0;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const axes = this.sides.length as WindowAxes;
    imageInput(this.name, shape, axes, axes === 1 ? '(N,T,D)' : undefined);
    return [
      shape.map((n, i) => {
        const side = i === 0 ? undefined : this.sides[i - 1];
        if (!side || n === null) return n;
        const length = n + this.sign * (side[0] + side[1]);
        if (length < 1)
          throw new SarafError(
            'ERR_SHAPE',
            this.name,
            `expected x longer than ${side[0] + side[1]} along axis ${i}, received ${showShape(shape)}`,
          );
        return length;
      }),
    ];
  }

  protected override movement(shape: Shape, out: Shape): Movement {
    const [from, to] = [stridesOf(shape), stridesOf(out)];
    const inner = this.sign > 0 ? shape : out;
    const strides = this.sign > 0 ? to : from;
    const offset = this.sides.reduce((sum, [before], i) => sum + before * (strides[i + 1] as number), 0);
    const axes = inner.map((length, i) => ({ length, x: from[i] as number, y: to[i] as number }));
    return this.sign > 0 ? { axes, yOffset: offset } : { axes, xOffset: offset };
  }
}
