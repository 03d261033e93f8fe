import { SarafError } from '../errors.js';
import { philox4x32 } from '../tensor/random.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import { imageInput } from './checks.js';
import { changeHost } from './host.js';
import type { LayerContext, SymbolicShape } from './layer.js';
import { RandomLayer } from './random-layer.js';

/** Where each place of an axis is taken from: place `a` by 1−f and place `b` by f; −1 stands for what lies outside. */
export interface Axis {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly f: Float64Array;
}

/** Four numbers in [0,1) of one image. */
export type Draws = readonly [number, number, number, number];

/** An axis whose places are taken as they are. */
export function wholePlaces(length: number, placeOf: (i: number) => number): Axis {
  const a = Int32Array.from({ length }, (_, i) => placeOf(i));
  return { a, b: a, f: new Float64Array(length) };
}

/**
 * What the layers share that move images: each image is drawn for by itself, from the seed, the step and its place in the batch, so that
 * threads change nothing and a resumed run repeats it. On the host: it is bytes that move, once a step.
 */
export abstract class RandomImageLayer extends RandomLayer {
  /** Rows and columns of the result, and of what they are taken. */
  protected abstract axesOf(draws: Draws | null, size: readonly [height: number, width: number]): readonly [Axis, Axis];
  /** Value of what lies outside. */
  protected fill(): number {
    return 0;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const [shape] = super.computeOutputShape(inputShapes) as [SymbolicShape];
    imageInput(this.name, shape, 2);
    return [shape];
  }

  protected override draw(x: Tensor, ctx: LayerContext): Tensor {
    return this.move(x, ctx, true);
  }

  protected override drawBackward(dy: Tensor, ctx: LayerContext): Tensor {
    return this.moveBack(dy, ctx, true);
  }

  /** Images at their new places. */
  protected move(x: Tensor, ctx: LayerContext, drawn: boolean): Tensor {
    const [shape] = this.computeOutputShape([x.shape]) as [Shape];
    this.remember(ctx, { shape: x.shape });
    const y = ctx.buffer('y', shape);
    const [, H, W, C] = x.shape as readonly [number, number, number, number];
    const [from, fill] = [x.data(), this.fill()];
    changeHost(y, (to) => {
      let at = 0;
      this.eachImage(x.shape, ctx, drawn, (n, rows, columns) => {
        for (let i = 0; i < rows.a.length; i++) {
          const [above, below, fy] = [rowAt(rows.a[i] as number, n, H, W), rowAt(rows.b[i] as number, n, H, W), rows.f[i] as number];
          for (let j = 0; j < columns.a.length; j++, at += C) {
            const left = columns.a[j] as number;
            const p = above < 0 || left < 0 ? -1 : (above + left) * C;
            const fx = columns.f[j] as number;
            if (fy === 0 && fx === 0) {
              for (let c = 0; c < C; c++) to[at + c] = p < 0 ? fill : (from[p + c] as number);
              continue;
            }
            const right = columns.b[j] as number;
            const q = above < 0 || right < 0 ? -1 : (above + right) * C;
            const r = below < 0 || left < 0 ? -1 : (below + left) * C;
            const s = below < 0 || right < 0 ? -1 : (below + right) * C;
            for (let c = 0; c < C; c++) {
              const upper = (1 - fx) * (p < 0 ? fill : (from[p + c] as number)) + fx * (q < 0 ? fill : (from[q + c] as number));
              const lower = (1 - fx) * (r < 0 ? fill : (from[r + c] as number)) + fx * (s < 0 ? fill : (from[s + c] as number));
              to[at + c] = (1 - fy) * upper + fy * lower;
            }
          }
        }
      });
    });
    return y;
  }

  /** Gradients at the places that they came from. */
  protected moveBack(dy: Tensor, ctx: LayerContext, drawn: boolean): Tensor {
    const { shape } = this.recall<{ shape: Shape }>(ctx);
    const dx = ctx.buffer('dx', shape);
    const [, H, W, C] = shape as readonly [number, number, number, number];
    const from = dy.data();
    changeHost(dx, (to) => {
      to.fill(0);
      const add = (row: number, column: number, at: number, share: number): void => {
        if (row < 0 || column < 0 || share === 0) return;
        const place = (row + column) * C;
        for (let c = 0; c < C; c++) to[place + c] = (to[place + c] as number) + share * (from[at + c] as number);
      };
      let at = 0;
      this.eachImage(shape, ctx, drawn, (n, rows, columns) => {
        for (let i = 0; i < rows.a.length; i++) {
          const [above, below, fy] = [rowAt(rows.a[i] as number, n, H, W), rowAt(rows.b[i] as number, n, H, W), rows.f[i] as number];
          for (let j = 0; j < columns.a.length; j++, at += C) {
            const [left, right, fx] = [columns.a[j] as number, columns.b[j] as number, columns.f[j] as number];
            add(above, left, at, (1 - fy) * (1 - fx));
            add(above, right, at, (1 - fy) * fx);
            add(below, left, at, fy * (1 - fx));
            add(below, right, at, fy * fx);
          }
        }
      });
    });
    return dx;
  }

  /** The axes of each image in turn. */
  private eachImage(
    [N = 0, H = 0, W = 0]: Shape,
    ctx: LayerContext,
    drawn: boolean,
    image: (n: number, rows: Axis, columns: Axis) => void,
  ): void {
    const [seed, stream, counter] = this.stream(ctx);
    for (let n = 0; n < N; n++) {
      const words = drawn ? philox4x32([n, 0, counter >>> 0, Math.floor(counter / 0x100000000)], [seed, stream]) : null;
      const [rows, columns] = this.axesOf(words && (words.map((w) => w / 0x100000000) as unknown as Draws), [H, W]);
      image(n, rows, columns);
    }
  }
}

/** The pixel that a row of image n begins with; −1 for a row that lies outside. */
const rowAt = (row: number, n: number, H: number, W: number): number => (row < 0 ? -1 : (n * H + row) * W);

/** A share of an axis, or the least and the most of it, in [−1,1]. Throws ERR_ARG. */
export function shares(op: string, name: string, value: unknown): readonly [low: number, high: number] {
  const pair: unknown[] = Array.isArray(value) ? value : [-Math.abs(Number(value)), Math.abs(Number(value))];
  const [a, b] = pair;
  if (
    (!Array.isArray(value) && typeof value !== 'number') ||
    pair.length !== 2 ||
    !pair.every((v) => typeof v === 'number' && v >= -1 && v <= 1)
  )
    throw new SarafError('ERR_ARG', op, `expected ${name} as a number in [-1,1] or two of them, received ${JSON.stringify(value)}`);
  return [Math.min(a as number, b as number), Math.max(a as number, b as number)];
}
