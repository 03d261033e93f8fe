import { join } from 'node:path';
import { GATES, type RecurrentInputs } from '../suites/recurrent.js';
import type { ConvInputs } from '../suites/conv.js';
import type { GemmInputs } from '../suites/gemm.js';
import type { Job, NamedArray } from '../suites/suite.js';
import { NotAvailable, type Contender } from './contender.js';
import { onnxModel, type OnnxNode } from './onnx-model.js';
import { peerPackage, peersFolder } from './peer-package.js';
import { startupJob } from './startup-job.js';

/** The part of the package that is used. */
interface Ort {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<Readonly<Record<string, { readonly data: Float32Array }>>> }>;
  };
}

/** Axes in another order. */
function permute({ name, shape, values }: NamedArray, order: readonly number[]): NamedArray {
  const to = order.map((axis) => shape[axis] as number);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    let from = 0;
    for (let k = to.length - 1; k >= 0; k--) {
      from += (rest % (to[k] as number)) * (strides[order[k] as number] as number);
      rest = Math.floor(rest / (to[k] as number));
    }
    out[i] = values[from] as number;
  }
  return { name, shape: to, values: out };
}

interface Model {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly NamedArray[];
  readonly x: NamedArray;
  readonly y: readonly number[];
  /** From its layout to Keras'; outside the timing, as is the way there. */
  readonly back?: readonly number[];
}

async function job(ort: Ort, threads: number, { nodes, constants, x, y, back }: Model): Promise<Job> {
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' };
  const session = await ort.InferenceSession.create(onnxModel(nodes, constants, x.shape, y), options);
  const feeds = { x: new ort.Tensor('float32', x.values, x.shape) };
  return {
    async check() {
      const values = Float32Array.from((await session.run(feeds))['y']?.data ?? []);
      return { y: back ? permute({ name: 'y', shape: y, values }, back).values : values };
    },
    async run() {
      await session.run(feeds);
    },
  };
}

function gemm({ shape: { M, N, K }, a, b }: GemmInputs): Model {
  const constants = [{ name: 'w', shape: [K, N], values: b }];
  return {
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    constants,
    x: { name: 'x', shape: [M, K], values: a },
    y: [M, N],
  };
}

function conv({ shape: { N, H, F, k, s }, x, weights, dy }: ConvInputs): Model {
  if (dy) throw new NotAvailable('it does not train');
  const [w, b] = weights as readonly [NamedArray, NamedArray];
  const O = Math.ceil(H / s);
  const total = Math.max((O - 1) * s + k - H, 0);
  const before = Math.floor(total / 2);
  const attributes = { kernel_shape: [k, k], strides: [s, s], pads: [before, before, total - before, total - before] };
  return {
    nodes: [{ op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes }],
    constants: [permute(w, [3, 2, 0, 1]), b],
    x: permute(x, [0, 3, 1, 2]),
    y: [N, F, O, O],
    back: [0, 2, 3, 1],
  };
}

/** Its gates: LSTM i o f c, GRU z r h; from Keras' i f c o and z r h. */
const ORDER = { rnn: [0], lstm: [0, 3, 1, 2], gru: [0, 1, 2] } as const;

function recurrent({ shape: { N, T, U, cell, bidirectional }, x, weights, dy }: RecurrentInputs): Model {
  if (dy) throw new NotAvailable('it does not train');
  const G = GATES[cell];
  const directions = bidirectional ? 2 : 1;
  /** Blocks of U columns in its order. */
  const gates = ({ name, shape, values }: NamedArray): NamedArray => {
    const rows = values.length / (G * U);
    const out = new Float32Array(values.length);
    for (let r = 0; r < rows; r++)
      ORDER[cell].forEach((from, to) => out.set(values.subarray((r * G + from) * U, (r * G + from + 1) * U), (r * G + to) * U));
    return { name, shape, values: out };
  };
  const stacked = (name: string, shape: readonly number[], parts: readonly Float32Array[]): NamedArray => {
    const values = new Float32Array(parts.reduce((sum, p) => sum + p.length, 0));
    parts.reduce((at, part) => (values.set(part, at), at + part.length), 0);
    return { name, shape: [directions, ...shape], values };
  };
  const of = (at: number): NamedArray[] => weights.filter((_, i) => i % 3 === at).map(gates);
  const transposed = (list: readonly NamedArray[]): Float32Array[] => list.map((w) => permute(w, [1, 0]).values);
  const D = x.shape[2] as number;
  // A bias for the input and one for the recurrent product.
  const biases = of(2).flatMap((b) => (cell === 'gru' ? [b.values] : [b.values, new Float32Array(G * U)]));
  const attributes = {
    hidden_size: U,
    direction: bidirectional ? 'bidirectional' : 'forward',
    ...(cell === 'gru' ? { linear_before_reset: 1 } : {}),
  };
  return {
    nodes: [{ op: cell.toUpperCase(), inputs: ['x', 'W', 'R', 'B'], outputs: ['y'], attributes }],
    constants: [
      stacked('W', [G * U, D], transposed(of(0))),
      stacked('R', [G * U, U], transposed(of(1))),
      stacked('B', [2 * G * U], biases),
    ],
    x: permute(x, [1, 0, 2]),
    y: [T, directions, N, U],
    back: [2, 0, 1, 3],
  };
}

/** ONNX Runtime's CPU provider. It does not train. */
export const onnxruntimeNode: Contender = {
  name: 'onnxruntime-node',
  title: 'ONNX Runtime, CPU',
  maxThreads: Number.POSITIVE_INFINITY,
  async load(threads) {
    const peer = 'onnxruntime-node';
    const installed = peerPackage<Ort>('onnxruntime-node', peer);
    if (!installed) return { unavailable: 'onnxruntime-node is not installed; npm run peers' };
    const ort = installed.module;
    const folder = join(peersFolder, peer);
    const tiny = gemm({
      shape: { name: 'tiny', M: 1, N: 1, K: 2 },
      a: Float32Array.of(1, 2),
      b: Float32Array.of(3, 4),
    });
    const model = Buffer.from(onnxModel(tiny.nodes, tiny.constants, tiny.x.shape, tiny.y)).toString('base64');
    const script = `(async () => {
      const ort = require('onnxruntime-node');
      const session = await ort.InferenceSession.create(Buffer.from('${model}', 'base64'));
      report((await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [1, 2]) })).y.data[0]);
    })();`;
    return {
      version: `onnxruntime-node ${installed.version}, CPU`,
      cases: {
        gemm: (inputs) => job(ort, threads, gemm(inputs)),
        conv: (inputs) => job(ort, threads, conv(inputs)),
        recurrent: (inputs) => job(ort, threads, recurrent(inputs)),
        startup: () => startupJob(script, [folder], 'commonjs', folder),
      },
    };
  },
};
