import type { PredictInputs } from '../suites/predict.js';
import type { CnnInputs } from '../suites/train-cnn.js';
import type { TextInputs } from '../suites/train-text.js';
import type { NamedArray } from '../suites/suite.js';
import { permute, recurrentConstants, type OnnxCase } from './onnx-layers.js';
import type { OnnxArray, OnnxNode } from './onnx-model.js';

const named = (array: NamedArray, name: string): NamedArray => ({ ...array, name });

/** Channels come first in it: the image is turned before the timing, the first dense kernel's rows here. */
function cnn({ shape, x, weights }: CnnInputs): OnnxCase {
  const nodes: OnnxNode[] = [];
  const constants: OnnxArray[] = [];
  let from = 'x';
  const step = (op: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): void => {
    const to = `${op}${nodes.length}`;
    nodes.push({ op, inputs: [from, ...inputs], outputs: [to], attributes });
    from = to;
  };
  const parameters = (i: number, kernel: NamedArray): readonly string[] => {
    const names = [`w${i}`, `b${i}`];
    constants.push(named(kernel, `w${i}`), named(weights[2 * i + 1] as NamedArray, `b${i}`));
    return names;
  };
  let side = shape.H;
  shape.filters.forEach((_, i) => {
    const kernel = permute(weights[2 * i] as NamedArray, [3, 2, 0, 1]);
    step('Conv', parameters(i, kernel), { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    step('Relu', []);
    step('MaxPool', [], { kernel_shape: [2, 2], strides: [2, 2] });
    side = Math.floor(side / 2);
  });
  const at = shape.filters.length;
  const dense = weights[2 * at] as NamedArray;
  const rows = permute({ ...dense, shape: [side, side, shape.filters.at(-1) ?? shape.C, shape.dense] }, [2, 0, 1, 3]);
  step('Flatten', []);
  step('Gemm', parameters(at, { ...rows, shape: dense.shape }));
  step('Relu', []);
  step('Gemm', parameters(at + 1, weights[2 * at + 2] as NamedArray));
  nodes.push({ op: 'Softmax', inputs: [from], outputs: ['y'] });
  return { nodes, constants, x: permute(x, [0, 3, 1, 2]), y: [shape.N, shape.K], output: 'probabilities' };
}

/** Time comes first in it. Lengths are told, so that padding is left out. */
function text({ shape: { N, T, U, K, lengths }, ids, weights }: TextInputs): OnnxCase {
  const [table, ...rest] = weights as readonly [NamedArray, ...NamedArray[]];
  const byTime = Int32Array.from({ length: N * T }, (_, i) => ids[(i % N) * T + Math.floor(i / N)] as number);
  const told: OnnxArray[] = lengths ? [{ name: 'lengths', shape: [N], values: Int32Array.from(lengths) }] : [];
  return {
    nodes: [
      { op: 'Gather', inputs: ['table', 'x'], outputs: ['embedded'] },
      {
        op: 'LSTM',
        inputs: ['embedded', 'W', 'R', 'B', ...told.map(({ name }) => name)],
        // The first output would be the states of all steps.
        outputs: ['', 'states'],
        attributes: { hidden_size: U, direction: 'bidirectional' },
      },
      { op: 'Transpose', inputs: ['states'], outputs: ['turned'], attributes: { perm: [1, 0, 2] } },
      { op: 'Flatten', inputs: ['turned'], outputs: ['both'] },
      { op: 'Gemm', inputs: ['both', 'kernel', 'bias'], outputs: ['logits'] },
      { op: 'Softmax', inputs: ['logits'], outputs: ['y'] },
    ],
    constants: [
      named(table, 'table'),
      ...recurrentConstants('lstm', U, rest.slice(0, 6)),
      named(rest[6] as NamedArray, 'kernel'),
      named(rest[7] as NamedArray, 'bias'),
      ...told,
    ],
    x: { name: 'x', shape: [T, N], values: byTime },
    y: [N, K],
    output: 'probabilities',
  };
}

/** The models of train-cnn and train-text as ONNX, to probabilities. */
export const predict = (given: PredictInputs): OnnxCase => (given.model === 'cnn' ? cnn(given.inputs) : text(given.inputs));
