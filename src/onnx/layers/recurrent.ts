import type { Bidirectional } from '../../layers/bidirectional.js';
import { BuiltInCell } from '../../layers/built-in-cell.js';
import type { CellActivationName } from '../../layers/cell-activations.js';
import type { Weight } from '../../layers/layer.js';
import type { Recurrent } from '../../layers/recurrent.js';
import type { RNN } from '../../layers/rnn.js';
import { NotInOnnx, type Exporter, type Made } from '../exporter.js';
import { transposed, type OnnxGraph, type Sized, type Value } from '../graph.js';
import type { OnnxAttribute } from '../proto.js';

type Kind = 'SimpleRNN' | 'LSTM' | 'GRU';

/** Keras' gates in ONNX' order: LSTM i f c o → i o f c; GRU z r h, as they are. */
const GATES: Record<Kind, readonly number[]> = { SimpleRNN: [0], LSTM: [0, 3, 1, 2], GRU: [0, 1, 2] };
const OPERATORS: Record<Kind, string> = { SimpleRNN: 'RNN', LSTM: 'LSTM', GRU: 'GRU' };

/** A cell over a sequence, however it came about. */
interface Cell {
  readonly kind: Kind;
  readonly units: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: readonly Weight[];
}

/** How a cell is taken over a sequence. */
interface Course {
  readonly goBackwards: boolean;
  readonly returnSequences: boolean;
  readonly zeroOutputForMask: boolean;
  /** Outputs of a backward course in the order of x, not in that of the steps. */
  readonly aligned: boolean;
}

interface Taken {
  readonly y: string;
  readonly states: readonly string[];
}

const cellOf = (layer: Recurrent): Cell => ({
  kind: layer.className as Kind,
  units: layer.units,
  config: layer.getConfig(),
  weights: layer.weights,
});

const numbers = (name: string, alpha: number, beta: number): [string, number[], number[]] => [name, [alpha], [beta]];
/** Name, and the alphas and betas that it takes. */
const ACTIVATIONS: Partial<Record<CellActivationName, [name: string, alphas: readonly number[], betas: readonly number[]]>> = {
  linear: numbers('Affine', 1, 0),
  relu: ['Relu', [], []],
  sigmoid: ['Sigmoid', [], []],
  tanh: ['Tanh', [], []],
  hardSigmoid: numbers('HardSigmoid', 1 / 6, 0.5),
  hardSigmoidKeras2: numbers('HardSigmoid', 0.2, 0.5),
  softsign: ['Softsign', [], []],
};

function attributesOf({ kind, units, config }: Cell): Record<string, OnnxAttribute> {
  const own = config['activation'] as CellActivationName;
  const gates = config['recurrentActivation'] as CellActivationName;
  const names = kind === 'SimpleRNN' ? [own] : kind === 'GRU' ? [gates, own] : [gates, own, own];
  const activations = names.map((name) => {
    const found = ACTIVATIONS[name];
    if (!found)
      throw new NotInOnnx(`ONNX has no recurrent layer with the activation ${name}, only with ${Object.keys(ACTIVATIONS).join(', ')}`);
    return found;
  });
  const [alphas, betas] = [activations.flatMap(([, a]) => a), activations.flatMap(([, , b]) => b)];
  return {
    hidden_size: units,
    activations: activations.map(([name]) => name),
    ...(alphas.length > 0 ? { activation_alpha: { floats: alphas }, activation_beta: { floats: betas } } : {}),
    ...(kind === 'GRU' ? { linear_before_reset: config['resetAfter'] ? 1 : 0 } : {}),
  };
}

/** The textbook's update gate says how much is new: 1 − σ(a) is σ(−a). */
const negatesUpdate = ({ config }: Cell): boolean => config['form'] === 'textbook';

/** (rows, gates·U) → (1, gates·U, rows), the gates in ONNX' order. */
function matrix(graph: OnnxGraph, weight: Weight, label: string, cell: Cell): string {
  return graph.weight(label, weight.value, `gates ${cell.kind}`, (values, [rows, columns]) => {
    const ordered = gatesInOrder(values, rows as number, cell);
    const { values: own } = transposed(ordered, [rows as number, columns as number], [1, 0]);
    return { values: own, dims: [1, columns as number, rows as number] };
  });
}

function gatesInOrder(values: Float32Array, rows: number, cell: Cell): Float32Array {
  const order = GATES[cell.kind];
  const { units: U } = cell;
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    order.forEach((from, to) => {
      const part = values.subarray((r * order.length + from) * U, (r * order.length + from + 1) * U);
      out.set(from === 0 && negatesUpdate(cell) ? part.map((v) => -v) : part, (r * order.length + to) * U);
    });
  }
  return out;
}

/** (1, 2·gates·U): the bias of the input, then that of the recurrent product, which only `resetAfter` has. */
function biases(graph: OnnxGraph, weight: Weight, cell: Cell): string {
  const size = GATES[cell.kind].length * cell.units;
  return graph.weight('bias', weight.value, `gates ${cell.kind}`, (values) => {
    const out = new Float32Array(2 * size);
    out.set(gatesInOrder(values, values.length / size, cell));
    return { values: out, dims: [1, 2 * size] };
  });
}

/** A mask as the graph uses it: how many steps are valid, and where each step's value lies among the valid ones. */
interface Masked {
  readonly mask: string;
  /** (N,1): true where no step is valid. */
  readonly empty: string;
  /** (N) int32, at least 1. */
  readonly lengths: string;
  /** x with its valid steps in front. */
  readonly x: string;
  /** (N,T) int64: how many of the steps up to this one are valid. */
  readonly count: string;
}

/**
 * ONNX knows lengths, Keras any mask: the valid steps are brought to the front, and afterwards every step reads the output of the
 * last valid one up to it, which is what a masked step repeats.
 */
function compacted(graph: OnnxGraph, x: string, features: number, mask: Sized): Masked {
  const valid = graph.cast(mask.name, 'int64');
  const steps = graph.op('Shape', [mask.name], { start: 1, end: 2 });
  const length = graph.squeeze(steps, 0);
  const places = graph.op('Range', [graph.int(0), length, graph.int(1)]);
  // Masked steps behind all valid ones, both in their own order.
  const keys = graph.op('Add', [places, graph.op('Mul', [graph.op('Sub', [graph.int(1), valid]), length])]);
  const [, order] = graph.ops('TopK', [keys, steps], 2, { axis: 1, largest: 0 }) as [string, string];
  const total = graph.reduce('ReduceSum', valid, [1], false);
  return {
    mask: mask.name,
    empty: graph.unsqueeze(graph.op('Equal', [total, graph.int(0)]), 1),
    lengths: graph.cast(graph.op('Max', [total, graph.int(1)]), 'int32'),
    x: gatherSteps(graph, x, order, features),
    count: graph.op('CumSum', [valid, graph.int(1)]),
  };
}

/** Of x (N,T,D) the steps at `places` (N,T). */
function gatherSteps(graph: OnnxGraph, x: string, places: string, features: number): string {
  const wide = graph.op('Tile', [graph.unsqueeze(places, 2), graph.ints([1, 1, features])]);
  return graph.op('GatherElements', [x, wide], { axis: 1 });
}

/** Adds the operator of a cell over x (N,T,D). */
function take(graph: OnnxGraph, cell: Cell, x: Sized, given: Sized | null, initial: readonly string[], course: Course): Taken {
  const { goBackwards, returnSequences, zeroOutputForMask, aligned } = course;
  const [kernel, recurrentKernel, bias] = cell.weights as [Weight, Weight, Weight?];
  const ahead = (name: string): string => (goBackwards ? graph.reverse(name, 1) : name);
  const features = kernel.value.shape[0] as number;
  const masked = given ? compacted(graph, ahead(x.name), features, { ...given, name: ahead(given.name) }) : null;
  const stateCount = cell.kind === 'LSTM' ? 2 : 1;
  const [all, ...last] = graph.ops(
    OPERATORS[cell.kind],
    [
      graph.transpose(masked?.x ?? ahead(x.name), [1, 0, 2]),
      matrix(graph, kernel, 'kernel', cell),
      matrix(graph, recurrentKernel, 'recurrent', cell),
      bias ? biases(graph, bias, cell) : '',
      masked?.lengths ?? '',
      ...initial.map((state) => graph.unsqueeze(state, 0)),
    ],
    1 + stateCount,
    attributesOf(cell),
  ) as [string, ...string[]];
  const states = last.map((state, i): string => {
    const flat = graph.squeeze(state, 0);
    return masked ? graph.op('Where', [masked.empty, initial[i] ?? graph.float(0), flat]) : flat;
  });
  // The last output is the last state, but for what masked steps give instead.
  if (!returnSequences && !(masked && (zeroOutputForMask || initial.length > 0))) return { y: states[0] as string, states };
  const steps = graph.transpose(graph.squeeze(all, 1), [1, 0, 2]);
  const outputs = masked ? repeated(graph, steps, masked, cell.units, zeroOutputForMask) : steps;
  const y = returnSequences ? (goBackwards && aligned ? graph.reverse(outputs, 1) : outputs) : graph.op('Gather', [outputs, graph.int(-1)], { axis: 1 }); // prettier-ignore
  return { y, states };
}

/** Outputs of all steps from those of the valid ones: a masked step repeats the one before, or gives zeros. */
function repeated(graph: OnnxGraph, y: string, { mask, count }: Masked, units: number, zeros: boolean): string {
  const zero = graph.int(0);
  const places = graph.op('Max', [graph.op('Sub', [count, graph.int(1)]), zero]);
  const begun = zeros ? mask : graph.op('Greater', [count, zero]);
  return graph.op('Where', [graph.unsqueeze(begun, 2), gatherSteps(graph, y, places, units), graph.float(0)]);
}

function refuseStateful(layer: { readonly stateful: boolean }): void {
  if (layer.stateful) throw new NotInOnnx('stateful, and a graph keeps nothing from one run to the next');
}

/** States have no mask, and of a sequence only all its steps have one. */
function outputs({ y, states }: Taken, layer: { returnSequences: boolean; returnState: boolean }, mask: Sized | null): Made[] {
  return [
    { name: y, mask: layer.returnSequences ? mask : null },
    ...(layer.returnState ? states.map((name) => ({ name, mask: null })) : []),
  ];
}

const recurrent: Exporter = (graph, layer, inputs) => {
  const own = layer as Recurrent;
  refuseStateful(own);
  const [x, ...initial] = inputs as [Value, ...Value[]];
  const states = initial.map((s) => s.name);
  return outputs(take(graph, cellOf(own), x, x.mask, states, courseOf(own)), own, x.mask);
};

const courseOf = (layer: Recurrent): Course => ({
  goBackwards: layer.goBackwards,
  returnSequences: layer.returnSequences,
  zeroOutputForMask: layer.zeroOutputForMask,
  aligned: layer.alignedOutput,
});

const MERGES = { sum: 'Add', ave: 'Add', mul: 'Mul' } as const;

const bidirectional: Exporter = (graph, layer, inputs) => {
  const { forwardLayer, backwardLayer, mergeMode } = layer as Bidirectional;
  const [x, ...initial] = inputs as [Value, ...Value[]];
  const states = initial.map((s) => s.name);
  const first = forwardLayer.stateCount;
  const given = states.length > 0 ? [states.slice(0, first), states.slice(first)] : [[], []];
  const [f, b] = [forwardLayer, backwardLayer].map((direction, i): Made[] => {
    refuseStateful(direction);
    return graph.within(direction.name, () =>
      outputs(take(graph, cellOf(direction), x, x.mask, given[i] as string[], courseOf(direction)), direction, x.mask),
    );
  }) as [Made[], Made[]];
  const [[fy, ...fStates], [by, ...bStates]] = [f, b] as [[Made, ...Made[]], [Made, ...Made[]]];
  const rest = [...fStates, ...bStates];
  if (mergeMode === null) return [fy, by, ...rest];
  const pair = [fy.name, by.name];
  const joined = mergeMode === 'concat' ? graph.op('Concat', pair, { axis: -1 }) : graph.op(MERGES[mergeMode], pair);
  return [{ ...fy, name: mergeMode === 'ave' ? graph.op('Mul', [joined, graph.float(0.5)]) : joined }, ...rest];
};

const rnn: Exporter = (graph, layer, inputs) => {
  const own = layer as RNN;
  refuseStateful(own);
  const [first, ...initial] = inputs as [Value, ...Value[]];
  const states: string[] = [];
  const given = initial.map((s) => s.name);
  let x: Sized = first;
  for (const [i, cell] of own.cells.entries()) {
    if (!(cell instanceof BuiltInCell)) throw new NotInOnnx(`the cell ${cell.className} of ${cell.name}`);
    const last = i === own.cells.length - 1;
    const stage: Cell = {
      kind: cell.className.replace(/Cell$/, '') as Kind,
      units: cell.units,
      config: cell.getConfig(),
      weights: own.weightsOfCells[i] as readonly Weight[],
    };
    const course = {
      goBackwards: own.goBackwards,
      returnSequences: last ? own.returnSequences : true,
      zeroOutputForMask: last && own.zeroOutputForMask,
      aligned: !last,
    };
    const taken = graph.within(cell.name, () => take(graph, stage, x, first.mask, given.splice(0, cell.stateSizes.length), course));
    states.push(...taken.states);
    x = { name: taken.y, shape: [first.shape[0] ?? null, first.shape[1] ?? null, cell.units] };
  }
  return outputs({ y: x.name, states }, own, first.mask);
};

export const recurrentExporters: Readonly<Record<string, Exporter>> = {
  Bidirectional: bidirectional,
  GRU: recurrent,
  LSTM: recurrent,
  RNN: rnn,
  SimpleRNN: recurrent,
};
