import { InputLayer } from '../layers/input-layer.js';
import type { SymbolicTensor } from '../layers/layer.js';
import { isLayerClassName, layerConfig, type LayerConfig } from '../layers/registry.js';
import type { Graph } from './graph.js';

/** A tensor of a graph on paper: output `tensor` of call `call` of the layer named so. */
export type TensorReference = readonly [layer: string, call: number, tensor: number];

/** A functional model as JSON. */
export interface FunctionalConfig {
  layers: LayerConfig[];
  /** Calls in the order in which they are made. */
  calls: { layer: string; inputs: TensorReference[] }[];
  inputs: TensorReference[];
  outputs: TensorReference[];
}

/** Layers and calls of a graph, as JSON. */
export function functionalConfig(graph: Graph): Record<string, unknown> {
  const reference = new Map<number, TensorReference>();
  for (const at of graph.inputs) reference.set(at, [(graph.tensors[at] as SymbolicTensor).layer.name, 0, 0]);
  for (const step of graph.steps) step.outputs.forEach((at, i) => reference.set(at, [step.layer.name, step.call, i]));
  const of = (at: number): TensorReference => reference.get(at) as TensorReference;
  const inputLayers = graph.inputs.map((at): LayerConfig => {
    const t = graph.tensors[at] as SymbolicTensor;
    // A model may begin in the middle of another one: then the tensor stands for an input layer.
    if (t.layer instanceof InputLayer) return layerConfig(t.layer);
    return { className: 'InputLayer', config: { name: t.layer.name, shape: t.shape.slice(1), dtype: t.dtype } };
  });
  const config: FunctionalConfig = {
    layers: [...inputLayers, ...graph.layers.map(layerConfig)],
    calls: graph.steps.map((s) => ({ layer: s.layer.name, inputs: s.inputs.map(of) })),
    inputs: graph.inputs.map(of),
    outputs: graph.outputs.map(of),
  };
  return { ...config };
}

/** Class names in a model's configuration that no layer is registered for, nested models included. */
export function unknownLayers(config: Record<string, unknown>): string[] {
  const layers = Array.isArray(config['layers']) ? (config['layers'] as Partial<LayerConfig>[]) : [];
  return [
    ...new Set(
      layers.flatMap(({ className, config }) => {
        if (typeof className !== 'string' || !isLayerClassName(className)) return [String(className)];
        return config && 'layers' in config ? unknownLayers(config) : [];
      }),
    ),
  ];
}
