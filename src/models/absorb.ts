import type { Graph, GraphStep } from './graph.js';

/** A graph as it is run: some steps do the work of the one that follows them. */
export interface RunnableGraph {
  readonly graph: Graph;
  /** Per step of `graph`: whether it does so. */
  readonly absorbing: readonly boolean[];
}

/** Joins each step to the next one where its layer `absorbs` that layer and nothing else uses what passes between them. */
export function absorbFollowers(graph: Graph): RunnableGraph {
  const uses = graph.tensors.map(() => 0);
  for (const at of [...graph.outputs, ...graph.steps.flatMap((s) => s.inputs)]) uses[at] = (uses[at] as number) + 1;
  const steps: GraphStep[] = [];
  const absorbing: boolean[] = [];
  for (let s = 0; s < graph.steps.length; s++) {
    const step = graph.steps[s] as GraphStep;
    const next = graph.steps[s + 1];
    const [between] = step.outputs;
    const joined =
      next !== undefined &&
      step.outputs.length === 1 &&
      next.inputs.length === 1 &&
      next.inputs[0] === between &&
      uses[between as number] === 1 &&
      step.layer.activityRegularizer === null &&
      next.layer.activityRegularizer === null &&
      step.layer.absorbs(next.layer);
    steps.push(joined ? { ...step, outputs: next.outputs } : step);
    absorbing.push(joined);
    if (joined) s++;
  }
  return { graph: { ...graph, steps }, absorbing };
}
