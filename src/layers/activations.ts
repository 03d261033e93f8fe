import { ACTIVATIONS, type ActivationCode, type ActivationName } from '../backend/backend.js';
import { oneOf } from './checks.js';

/** Activations that a layer can end in: those that kernels fuse, and softmax over the last axis. */
export type LayerActivation = ActivationName | 'softmax';

export const FUSED_ACTIVATIONS = Object.keys(ACTIVATIONS) as ActivationName[];
export const LAYER_ACTIVATIONS: readonly LayerActivation[] = [...FUSED_ACTIVATIONS, 'softmax'];

/** Checks the name of a layer's activation; absent means linear. */
export function layerActivation(op: string, name: LayerActivation | undefined): LayerActivation {
  return oneOf(op, 'activation', name ?? 'linear', LAYER_ACTIVATIONS);
}

/** The kernel code of a fused activation; softmax runs after a linear kernel. */
export function activationCode(name: LayerActivation): ActivationCode {
  return name === 'softmax' ? ACTIVATIONS.linear : ACTIVATIONS[name];
}
