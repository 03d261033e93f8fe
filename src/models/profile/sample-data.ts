import { Embedding } from '../../layers/embedding.js';
import type { SymbolicTensor } from '../../layers/layer.js';
import { Philox } from '../../tensor/random.js';
import { tensor, type Tensor } from '../../tensor/tensor.js';
import type { Model } from '../model.js';
import { propagateShapes } from '../graph.js';

/** Random rows that a model takes. */
export interface SampleData {
  readonly x: readonly Tensor[];
  /** null if the model is not compiled. */
  readonly y: readonly Tensor[] | null;
  /** Whether an axis of any length was given `length`. */
  readonly guessedLength: boolean;
}

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/**
 * Random inputs and targets of the right shapes, to measure time with: token ids where an embedding reads them, classes where
 * the loss takes classes.
 */
export function sampleData(model: Model, rows: number, length: number): SampleData {
  const { graph } = model;
  const random = new Philox(1, 0xc0000000);
  let guessedLength = false;
  const concrete = (shape: readonly (number | null)[]): number[] =>
    shape.map((n, axis) => {
      if (n !== null) return n;
      if (axis > 0) guessedLength = true;
      return axis === 0 ? rows : length;
    });
  const shapes = graph.inputs.map((at) => concrete((graph.tensors[at] as SymbolicTensor).shape));
  const x = graph.inputs.map((at, i): Tensor => {
    const shape = shapes[i] as number[];
    const { dtype } = graph.tensors[at] as SymbolicTensor;
    const reader = graph.steps.find((s) => s.inputs.includes(at))?.layer;
    const vocabulary = reader instanceof Embedding ? reader.inputDim : 2;
    if (reader instanceof Embedding || dtype === 'int32' || dtype === 'uint8') {
      const ids = Int32Array.from({ length: size(shape) }, () => (vocabulary > 1 ? 1 + random.integer(vocabulary - 1) : 0));
      return dtype === 'uint8' ? tensor(Uint8Array.from(ids), shape) : tensor(ids, shape);
    }
    return tensor(
      Float32Array.from({ length: size(shape) }, () => random.uniform(-1, 1)),
      shape,
    );
  });
  const { compilation } = model;
  if (!compilation) return { x, y: null, guessedLength };
  const all = propagateShapes(graph, shapes);
  const y = graph.outputs.map((at, i): Tensor => {
    const shape = all[at] as number[];
    const classes = shape.at(-1) ?? 1;
    const outer = size(shape) / Math.max(1, classes);
    if (compilation.outputs[i]?.loss.sparse === true)
      return tensor(
        Int32Array.from({ length: outer }, () => random.integer(Math.max(1, classes))),
        shape.slice(0, -1),
      );
    const values = new Float32Array(size(shape));
    for (let row = 0; row < outer; row++) values[row * classes + random.integer(classes)] = classes === 1 ? random.integer(2) : 1;
    return tensor(values, shape);
  });
  return { x, y, guessedLength };
}
