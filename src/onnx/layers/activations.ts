import { CURVES } from '../../backend/backend.js';
import { Activation } from '../../layers/activation.js';
import { activationPlan, type ActivationOption, type CurveCall, type RowActivation } from '../../layers/activations.js';
import type { PReLU } from '../../layers/p-relu.js';
import { Softmax } from '../../layers/softmax.js';
import { only, weightOf, type Exporter } from '../exporter.js';
import type { OnnxGraph } from '../graph.js';

const FUSED = { linear: null, relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' } as const;

/** The activation of a tensor of this rank. */
export function activate(graph: OnnxGraph, x: string, option: ActivationOption, rank: number): string {
  const plan = activationPlan('save', option);
  if (plan.kind === 'rows') return rows(graph, x, plan.name, plan.axis < 0 ? plan.axis + rank : plan.axis);
  if (plan.kind === 'curve') return curve(graph, x, plan.curve);
  const op = FUSED[plan.name];
  return op ? graph.op(op, [x]) : x;
}

function rows(graph: OnnxGraph, x: string, name: RowActivation, axis: number): string {
  if (name === 'softmax') return graph.op('Softmax', [x], { axis });
  if (name === 'logSoftmax') return graph.op('LogSoftmax', [x], { axis });
  const [a, b] = graph.ops('Split', [x], 2, { axis, num_outputs: 2 }) as [string, string];
  return graph.op('Mul', [a, graph.op('Sigmoid', [b])]);
}

const halfOf = (graph: OnnxGraph, x: string, y: string): string => graph.op('Mul', [graph.op('Mul', [x, graph.float(0.5)]), y]);
/** 1 + y. */
const onePlus = (graph: OnnxGraph, y: string): string => graph.op('Add', [y, graph.float(1)]);
const hardSigmoid = (graph: OnnxGraph, x: string, alpha: number, beta: number): string =>
  graph.op('HardSigmoid', [x], { alpha: { float: alpha }, beta: { float: beta } });

/** The formulas are those of native/kernels/curve/curve.h. */
function curve(graph: OnnxGraph, x: string, { code, params: [a, b, c] }: CurveCall): string {
  const op = graph.op.bind(graph);
  const float = graph.float.bind(graph);
  switch (code) {
    case CURVES.relu:
      if (a === 0 && b === 0) return c === Infinity ? op('Relu', [x]) : op('Clip', [x, float(0), float(c)]);
      return op('Where', [
        op('Greater', [x, float(b)]),
        c === Infinity ? x : op('Min', [x, float(c)]),
        op('Mul', [op('Sub', [x, float(b)]), float(a)]),
      ]);
    case CURVES.leakyRelu:
      return op('LeakyRelu', [x], { alpha: { float: a } });
    case CURVES.elu:
      // b·(x > 0 ? x : a·(e^(c·x) − 1)); only celu has another c than 1, with a = 1/c.
      if (c !== 1) return op('Celu', [x], { alpha: { float: a } });
      return b === 1 ? op('Elu', [x], { alpha: { float: a } }) : op('Selu', [x], { alpha: { float: a }, gamma: { float: b } });
    case CURVES.exponential:
      return op('Exp', [x]);
    case CURVES.gelu:
      return halfOf(graph, x, onePlus(graph, op('Erf', [op('Mul', [x, float(Math.SQRT1_2)])])));
    case CURVES.geluTanh: {
      const cube = op('Mul', [op('Mul', [op('Mul', [x, x]), x]), float(0.044715)]);
      const inner = op('Mul', [op('Add', [x, cube]), float(Math.sqrt(2 / Math.PI))]);
      return halfOf(graph, x, onePlus(graph, op('Tanh', [inner])));
    }
    case CURVES.hardShrink:
      return op('Shrink', [x], { lambd: { float: a }, bias: { float: 0 } });
    case CURVES.softShrink:
      return op('Shrink', [x], { lambd: { float: a }, bias: { float: a } });
    case CURVES.hardSigmoid:
      return hardSigmoid(graph, x, a, b);
    case CURVES.hardSilu:
      return op('Mul', [x, hardSigmoid(graph, x, a, b)]);
    case CURVES.sparseSigmoid:
      return hardSigmoid(graph, x, 0.5, 0.5);
    case CURVES.clip:
      return op('Clip', [x, float(a), float(b)]);
    case CURVES.softplus:
      return a > 0 ? op('Softplus', [x]) : op('Neg', [op('Softplus', [op('Neg', [x])])]);
    case CURVES.mish:
      return op('Mul', [x, op('Tanh', [op('Softplus', [x])])]);
    case CURVES.silu:
      return op('Mul', [x, op('Sigmoid', [x])]);
    case CURVES.softsign:
      return op('Softsign', [x]);
    case CURVES.sparsePlus: {
      const shifted = onePlus(graph, x);
      const between = op('Mul', [op('Mul', [shifted, shifted]), float(0.25)]);
      return op('Where', [op('LessOrEqual', [x, float(-1)]), float(0), op('Where', [op('Less', [x, float(1)]), between, x])]);
    }
    case CURVES.squareplus:
      return op('Mul', [op('Add', [x, op('Sqrt', [op('Add', [op('Mul', [x, x]), float(a)])])]), float(0.5)]);
    case CURVES.tanhShrink:
      return op('Sub', [x, op('Tanh', [x])]);
    case CURVES.threshold:
      return op('Where', [op('Greater', [x, float(a)]), x, float(b)]);
  }
}

const activation: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const { activation: option } = layer as Activation;
  const { mask } = x;
  // Only a mask of x's own shape: one of steps is passed on and does nothing here.
  if (!(layer instanceof Softmax) || !mask || mask.shape.length !== x.shape.length)
    return [{ name: activate(graph, x.name, option, x.shape.length) }];
  const low = graph.op('Where', [mask.name, x.name, graph.float(-1e9)]);
  const y = activate(graph, low, option, x.shape.length);
  return [{ name: graph.op('Where', [mask.name, y, graph.float(0)]) }];
};

const pRelu: Exporter = (graph, layer, inputs) => {
  const { value } = weightOf(layer as PReLU, 'alpha') as NonNullable<ReturnType<typeof weightOf>>;
  return [{ name: graph.op('PRelu', [only(inputs).name, graph.weight('alpha', value)]) }];
};

export const activationExporters: Readonly<Record<string, Exporter>> = {
  Activation: activation,
  ELU: activation,
  LeakyReLU: activation,
  PReLU: pRelu,
  ReLU: activation,
  Softmax: activation,
};
