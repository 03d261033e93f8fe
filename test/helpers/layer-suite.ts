import { describe, expect, test } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import { gradcheck, type GradcheckOptions } from '../../src/layers/gradcheck.js';
import { layerConfig, layerFromConfig, StandaloneContext, type Layer, type SymbolicShape } from '../../src/layers/index.js';
import { zeros, type Shape, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from './expect-close.js';
import { randomTensor } from './random-tensor.js';

/** One layer with everything that the suite cannot know by itself. */
export interface LayerCase {
  /** A fresh, unbuilt layer. */
  make: () => Layer;
  /** With the batch axis. */
  inputShapes: readonly Shape[];
  outputShapes: readonly Shape[];
  /** Name and shape of every weight, in order. */
  weights?: Record<string, Shape>;
  /** Inputs that cannot be random floats (token ids), or must be chosen. */
  inputs?: readonly (Tensor | null)[];
  masks?: readonly (Tensor | null)[];
  /** Masks of the outputs, as rows; default: none. */
  outputMasks?: readonly (number[][] | null)[];
  /** Addon calls of a forward and of a backward pass. Default 1 and 1. */
  crossings?: readonly [number, number];
  gradcheck?: GradcheckOptions;
  /** Its backward needs nothing of forward. */
  stateless?: boolean;
  /** Its result differs between training and inference. */
  drops?: boolean;
}

function symbolic(shapes: readonly Shape[]): SymbolicShape[] {
  return shapes.map((shape) => [null, ...shape.slice(1)]);
}

function inputsOf(c: LayerCase): Tensor[] {
  return c.inputShapes.map((shape, i) => c.inputs?.[i] ?? randomTensor(shape, 10 + i));
}

function built(c: LayerCase): Layer {
  const layer = c.make();
  layer.build(symbolic(c.inputShapes), 'float32');
  return layer;
}

/** Shapes, weight count, config round trip, gradient, mask, addon calls, and that training lowers a loss. */
export function layerSuite(name: string, c: LayerCase): void {
  describe(name, () => {
    const masks = c.masks ?? [];

    test('shapes', () => {
      const layer = c.make();
      const expected = symbolic(c.outputShapes);
      expect(layer.computeOutputShape(symbolic(c.inputShapes))).toEqual(expected);
      layer.build(symbolic(c.inputShapes), 'float32');
      expect(layer.built).toBe(true);
      const outputs = layer.forward(inputsOf(c), new StandaloneContext({ masks, poison: true }));
      expect(outputs.map((y) => y.shape)).toEqual(c.outputShapes);
      for (const y of outputs) expect(Array.from(y.data()).every(Number.isFinite)).toBe(true);
    });

    test('weights', () => {
      const layer = built(c);
      expect(Object.fromEntries(layer.weights.map((w) => [w.name, [...w.value.shape]]))).toEqual(c.weights ?? {});
      expect(layer.weights).toHaveLength(Object.keys(c.weights ?? {}).length);
    });

    test('a layer rebuilt from its configuration computes the same', () => {
      const layer = built(c);
      const config = layerConfig(layer);
      const again = layerFromConfig(JSON.parse(JSON.stringify(config)) as typeof config);
      expect(again.constructor).toBe(layer.constructor);
      again.build(symbolic(c.inputShapes), 'float32');
      expect(layerConfig(again)).toEqual(config);
      for (const [i, weight] of layer.weights.entries()) again.weights[i]?.value.data().set(weight.value.data());
      const y = layer.forward(inputsOf(c), new StandaloneContext({ masks }));
      const yAgain = again.forward(inputsOf(c), new StandaloneContext({ masks }));
      for (const [i, expected] of y.entries()) expectClose(yAgain[i] as Tensor, expected, exact());
    });

    if (!c.drops) {
      test('inference gives what training gives', () => {
        const layer = built(c);
        const y = layer.forward(inputsOf(c), new StandaloneContext({ masks, poison: true }));
        const inference = layer.forward(inputsOf(c), new StandaloneContext({ masks, training: false, poison: true }));
        for (const [i, expected] of y.entries()) expectClose(inference[i] as Tensor, expected, exact());
      });
    }

    test('masks of the outputs', () => {
      const layer = built(c);
      const ctx = new StandaloneContext({ masks });
      const inputs = inputsOf(c);
      layer.forward(inputs, ctx);
      const found = c.outputShapes.map((_, i) => layer.computeMask(inputs, ctx)[i]?.toArray() ?? null);
      expect(found).toEqual(c.outputShapes.map((_, i) => c.outputMasks?.[i] ?? null));
    });

    test('gradients agree with central differences, float32 with float64', () => {
      const result = gradcheck(c.make, c.inputShapes, { masks, ...(c.inputs ? { inputs: c.inputs } : {}), ...c.gradcheck });
      for (const entry of result.entries) expect(entry.relativeError).toBeLessThan(1e-6);
      expect(result.float32).toBeLessThanOrEqual(1);
    });

    test('calls into the addon', () => {
      const layer = built(c);
      const { native } = loadAddon();
      const ctx = new StandaloneContext({ masks });
      const inputs = inputsOf(c);
      const start = native.crossings();
      const outputs = layer.forward(inputs, ctx);
      const between = native.crossings();
      layer.backward(
        outputs.map((y) => randomTensor(y.shape, 3)),
        ctx,
      );
      expect([between - start, native.crossings() - between]).toEqual(c.crossings ?? [1, 1]);
    });

    if (Object.keys(c.weights ?? {}).length > 0) {
      test('gradient steps lower a loss', () => {
        const layer = built(c);
        const inputs = inputsOf(c);
        const ctx = new StandaloneContext({ masks });
        // The targets come from the same layer with other weights, so that they can be reached.
        const teacher = built(c);
        for (const [i, { value }] of teacher.weights.entries()) {
          const [w, noise] = [value.data(), randomTensor(value.shape, 30 + i).data()];
          for (let j = 0; j < w.length; j++) w[j] = (w[j] as number) + 0.3 * (noise[j] as number);
        }
        const targets = teacher.forward(inputs, new StandaloneContext({ masks })).map((y) => y.clone());
        // Steps of a given length: layers differ widely in the size of their gradients.
        const step = (length: number): number => {
          const outputs = layer.forward(inputs, ctx);
          let loss = 0;
          const gradients = outputs.map((y, i) => {
            const g = zeros(y.shape);
            const [values, target, into] = [y.data(), (targets[i] as Tensor).data(), g.data()];
            for (let j = 0; j < values.length; j++) {
              const error = (values[j] as number) - (target[j] as number);
              loss += (error * error) / 2;
              into[j] = (error * (y.shape.at(-1) as number)) / y.size;
            }
            return g;
          });
          layer.backward(gradients, ctx);
          const slopes = layer.weights.map((weight) => ctx.gradient(weight));
          const squares = slopes.flatMap((g) => Array.from(g?.data() ?? [])).reduce((sum, v) => sum + v * v, 0);
          for (const [i, weight] of layer.weights.entries()) {
            const [w, g] = [weight.value.data(), slopes[i]?.data()];
            if (g) for (let j = 0; j < w.length; j++) w[j] = (w[j] as number) - (length / Math.sqrt(squares)) * (g[j] as number);
          }
          return loss;
        };
        const before = step(0.1);
        let after = before;
        for (let i = 0; i < 60; i++) after = step(0.1 * 0.95 ** i);
        expect(after).toBeLessThan(before * 0.9);
      });
    }

    if (!c.stateless) {
      test('backward without forward says so', () => {
        const layer = built(c);
        const gradients = c.outputShapes.map((shape) => zeros(shape));
        expect(() => layer.backward(gradients, new StandaloneContext())).toThrow(/forward to run before backward/);
      });
    }
  });
}
