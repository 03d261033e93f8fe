import type { Shape, Tensor } from '../../tensor/tensor.js';
import type { Work } from '../../layers/cost.js';
import type { Layer } from '../../layers/layer.js';

/** What a step consists of; each is a track of the trace. */
export const PASSES = ['step', 'data', 'forward', 'loss', 'backward', 'update'] as const;
export type TracePass = (typeof PASSES)[number];

/** One call of a layer, kept so that its work can be counted after the clock has stopped. */
export interface LayerCall {
  readonly layer: Layer;
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  /** Share of steps that are not masked. */
  readonly valid: number;
  /** Gradients that a backward call makes; absent in a forward call. */
  readonly made?: { readonly input: boolean; readonly weights: boolean };
}

/** Something that took time. Units: milliseconds since the process started. */
export interface Span {
  readonly pass: TracePass;
  /** Layers of a nested model carry its name in front. */
  readonly name: string;
  readonly begin: number;
  readonly end: number;
  /** Duration without that of the spans inside. */
  readonly self: number;
  /** Number of the step, from 0. */
  readonly step: number;
  readonly call: LayerCall | null;
  /** Work of what is no layer, where it is known. */
  readonly work: Work | null;
}

/** Operations and bytes of what a span timed; null where nobody counts them. */
export function workOf({ call, work }: Span): Work | null {
  if (!call) return work;
  const { layer, inputs, outputs, valid, made } = call;
  return made ? layer.backwardCost(inputs, outputs, valid, made) : layer.cost(inputs, outputs, valid);
}

/** Share of a mask that is 1. Outside a trace nobody asks. */
export function validShare(mask: Tensor | null | undefined): number {
  if (!mask || mask.size === 0) return 1;
  let valid = 0;
  for (const v of mask.data()) valid += v;
  return valid / mask.size;
}
