import { describe, expect, test } from 'vitest';
import { getSeed, initializers, setSeed } from '../../src/initializers/index.js';
import { nextKey } from '../../src/initializers/seed.js';
import { gradcheck } from '../../src/layers/gradcheck.js';
import { Layer, layers, type LayerContext, type SymbolicShape, type Weight } from '../../src/layers/index.js';
import { randomTensor } from '../helpers/random-tensor.js';
import { expectError } from '../helpers/expect-error.js';
import type { FloatType } from '../../src/backend/backend.js';
import type { Tensor } from '../../src/tensor/tensor.js';

type Mistake = 'none' | 'input' | 'weight' | 'no input gradient' | 'no weight gradient' | 'reads before it writes' | 'rounds';

/** y = x²·w, a layer as a user would write it; each mistake is one that gradcheck must find. */
class Square extends Layer {
  readonly className = 'Square';
  private readonly mistake: Mistake;
  private scale: Weight | undefined;

  constructor(mistake: Mistake) {
    super('Square');
    this.mistake = mistake;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.scale = this.addWeight('scale', [1], initializers.ones(), dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [inputShapes[0] as SymbolicShape];
  }

  override forward([x]: readonly [Tensor], ctx: LayerContext): Tensor[] {
    const y = ctx.buffer('y', x.shape);
    const w = this.scale?.value.data()[0] as number;
    const [from, to] = [x.data(), y.data()];
    for (let i = 0; i < to.length; i++) {
      const value = (from[i] as number) ** 2 * w;
      to[i] = this.mistake === 'rounds' && ctx.dtype === 'float32' ? Math.round(value * 100) / 100 : value;
    }
    this.remember(ctx, { x });
    return [y];
  }

  override backward([dy]: readonly [Tensor], ctx: LayerContext): (Tensor | null)[] {
    const { x } = this.recall<{ x: Tensor }>(ctx);
    const scale = this.scale as Weight;
    const dx = ctx.buffer('dx', x.shape);
    const [xs, dys, dxs, w] = [x.data(), dy.data(), dx.data(), scale.value.data()[0] as number];
    let sum = 0;
    for (let i = 0; i < xs.length; i++) {
      const right = 2 * (xs[i] as number) * (dys[i] as number) * w;
      if (this.mistake === 'reads before it writes') dxs[i] = (dxs[i] as number) + right;
      else dxs[i] = this.mistake === 'input' ? right * 1.00001 : right;
      sum += (xs[i] as number) ** 2 * (dys[i] as number);
    }
    if (this.mistake !== 'no weight gradient')
      ctx
        .gradient(scale)
        ?.data()
        .set([this.mistake === 'weight' ? -sum : sum]);
    return [this.mistake === 'no input gradient' ? null : dx];
  }
}

describe('gradcheck', () => {
  test('passes a right layer and reports every tensor', () => {
    const result = gradcheck(() => new Square('none'), [[3, 4]]);
    expect(result.entries.map((e) => e.name)).toEqual(['input 0', 'scale']);
    for (const entry of result.entries) expect(entry.relativeError).toBeLessThan(1e-8);
    expect(result.float32).toBeLessThanOrEqual(1);
    expect(gradcheck(() => new Square('none'), [[3, 4]], { float32: false }).float32).toBeNull();
  });

  const mistakes: [Mistake, string][] = [
    ['input', 'gradient of input 0'],
    ['weight', 'gradient of scale'],
    ['no input gradient', 'input 0, received null'],
    ['no weight gradient', 'ctx.gradient of scale'],
    ['reads before it writes', 'input 0'],
    ['rounds', 'float32 output 0'],
  ];
  for (const [mistake, piece] of mistakes) {
    test(`finds: ${mistake}`, () => {
      expectError(() => gradcheck(() => new Square(mistake), [[3, 4]]), 'ERR_STATE', '[gradcheck]', piece);
    });
  }

  test('takes a layer and leaves it unbuilt', () => {
    const layer = layers.dense({ units: 2 });
    gradcheck(layer, [[3, 4]]);
    expect(layer.built).toBe(false);
  });

  test('leaves the global seed as it was', () => {
    setSeed(77);
    nextKey();
    gradcheck(layers.dense({ units: 2 }), [[3, 4]]);
    expect(getSeed()).toBe(77);
    expect(nextKey()).toEqual({ seed: 77, stream: 1 });
  });

  test('errors', () => {
    expectError(() => gradcheck(layers.dense({ units: 2 }), []), 'ERR_ARG', 'input shape');
    const built = layers.dense({ units: 2 });
    built.build([[null, 4]], 'float32');
    expectError(() => gradcheck(() => built, [[3, 4]]), 'ERR_STATE', 'unbuilt layer');
    expectError(
      () => gradcheck(layers.dense({ units: 2 }), [[3, 4]], { inputs: [randomTensor([3, 4, 5])], tolerance: 0 }),
      'ERR_STATE',
      'within 0',
    );
  });
});
