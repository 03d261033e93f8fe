import { SarafError } from '../errors.js';
import { showShape } from '../layers/checks.js';
import type { Layer, Node, SymbolicShape, SymbolicTensor } from '../layers/layer.js';

/** One call of a layer; numbers are places in `Graph.tensors`. */
export interface GraphStep {
  readonly layer: Layer;
  /** Which call of the layer within this graph, from 0. */
  readonly call: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** The calls between the inputs and the outputs of a model, each after those that it needs. */
export interface Graph {
  readonly tensors: readonly SymbolicTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly steps: readonly GraphStep[];
  /** Every layer once, in the order of its first call; input layers are not among them. */
  readonly layers: readonly Layer[];
}

/**
 * Sorts the calls that lead from `inputs` to `outputs` topologically.
 *
 * Throws: ERR_ARG if an output needs a tensor that does not follow from the inputs, or two layers share a name.
 */
export function traceGraph(op: string, inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): Graph {
  const tensors: SymbolicTensor[] = [];
  const place = new Map<SymbolicTensor, number>();
  const placeOf = (t: SymbolicTensor): number => {
    let at = place.get(t);
    if (at === undefined) {
      at = tensors.length;
      tensors.push(t);
      place.set(t, at);
    }
    return at;
  };
  const given = new Set(inputs);
  if (given.size !== inputs.length) throw new SarafError('ERR_ARG', op, 'expected different inputs, received the same tensor twice');
  for (const t of inputs) placeOf(t);

  const steps: GraphStep[] = [];
  const calls = new Map<Layer, number>();
  const done = new Set<Node>();
  const reached = new Set<SymbolicTensor>();
  // An explicit stack: a graph may be deeper than the call stack.
  const stack: { tensor: SymbolicTensor; ready: boolean }[] = [];
  for (let i = outputs.length - 1; i >= 0; i--) stack.push({ tensor: outputs[i] as SymbolicTensor, ready: false });
  while (stack.length > 0) {
    const { tensor, ready } = stack.pop() as { tensor: SymbolicTensor; ready: boolean };
    if (given.has(tensor)) {
      reached.add(tensor);
      continue;
    }
    const node = tensor.layer.nodes[tensor.nodeIndex] as Node;
    if (done.has(node)) continue;
    if (node.inputs.length === 0) {
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected outputs that follow from the inputs, received one that needs ${tensor.layer.name} ${showShape(tensor.shape)}; add it to inputs`,
      );
    }
    if (!ready) {
      stack.push({ tensor, ready: true });
      for (let i = node.inputs.length - 1; i >= 0; i--) stack.push({ tensor: node.inputs[i] as SymbolicTensor, ready: false });
      continue;
    }
    done.add(node);
    const call = calls.get(tensor.layer) ?? 0;
    calls.set(tensor.layer, call + 1);
    steps.push({ layer: tensor.layer, call, inputs: node.inputs.map(placeOf), outputs: node.outputs.map(placeOf) });
  }
  for (const t of inputs) {
    if (!reached.has(t))
      throw new SarafError('ERR_ARG', op, `expected inputs that lead to an output, ${t.layer.name} does not; leave it out or connect it`);
  }
  const layers = [...calls.keys()];
  const names = new Set<string>();
  for (const name of [...new Set(inputs.map((t) => t.layer)), ...layers].map((l) => l.name)) {
    if (names.has(name))
      throw new SarafError('ERR_ARG', op, `expected layers with different names, received ${name} twice; give one of them another name`);
    names.add(name);
  }
  return { tensors, inputs: inputs.map(placeOf), outputs: outputs.map(placeOf), steps, layers };
}

/** Shapes of all tensors of a graph when its inputs have these shapes. */
export function propagateShapes(graph: Graph, inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
  const shapes: SymbolicShape[] = graph.tensors.map((t) => t.shape);
  graph.inputs.forEach((at, i) => {
    shapes[at] = inputShapes[i] as SymbolicShape;
  });
  for (const step of graph.steps) {
    const out = step.layer.computeOutputShape(step.inputs.map((at) => shapes[at] as SymbolicShape));
    step.outputs.forEach((at, i) => {
      shapes[at] = out[i] as SymbolicShape;
    });
  }
  return shapes;
}
