import type { Layer, Weight } from '../layers/layer.js';
import type { OnnxGraph, Sized, Value } from './graph.js';
import type { OnnxType } from './proto.js';

/** Why a layer has no form in ONNX. */
export class NotInOnnx extends Error {}

/** An output of a layer. */
export interface Made {
  readonly name: string;
  /** Default float32. */
  readonly dtype?: OnnxType;
  /** Left out: that of the first input where the layer passes masks on. */
  readonly mask?: Sized | null;
}

/** Adds the operators of a layer to the graph; throws `NotInOnnx` with the reason if there are none. */
export type Exporter<L extends Layer = Layer> = (graph: OnnxGraph, layer: L, inputs: readonly Value[]) => readonly Made[];

/** The first input: most layers have no other. */
export const only = (inputs: readonly Value[]): Value => inputs[0] as Value;

/** A weight of a layer by the end of its name. */
export function weightOf(layer: Layer, name: string): Weight | null {
  return layer.weights.find((w) => w.name === name || w.name.endsWith(`/${name}`)) ?? null;
}

/** x + bias, where the layer has one. */
export function addBias(graph: OnnxGraph, layer: Layer, x: string): string {
  const bias = weightOf(layer, 'bias');
  return bias ? graph.op('Add', [x, graph.weight('bias', bias.value)]) : x;
}
