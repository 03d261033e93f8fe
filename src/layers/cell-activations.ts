import { ACTIVATIONS, CELL_ACTIVATIONS, type ActivationCode, type CellActivationName } from '../backend/backend.js';
import { FUSED_ACTIVATIONS } from './activations.js';
import { oneOf } from './checks.js';

/** The activations of a recurrent layer as its kernels take them. */
export interface CellActivations {
  /** Whether the fast kernels have them; else the layer goes step by step. */
  readonly usual: boolean;
  /** Of the activation and, where there are gates, of theirs. */
  readonly codes: Int32Array;
  /** Code of the activation where it is a fused one, else that of linear. */
  readonly fused: ActivationCode;
}

const NAMES = Object.keys(CELL_ACTIVATIONS) as CellActivationName[];

/** Throws ERR_ARG if the activation is not one that recurrent layers take. */
export function cellActivation(
  op: string,
  name: string,
  activation: CellActivationName | undefined,
  usual: CellActivationName,
): CellActivationName {
  return oneOf(op, name, activation ?? usual, NAMES);
}

export function simpleActivation(activation: CellActivationName): CellActivations {
  const fused = FUSED_ACTIVATIONS.find((name) => name === activation);
  return { usual: fused !== undefined, codes: Int32Array.of(CELL_ACTIVATIONS[activation]), fused: ACTIVATIONS[fused ?? 'linear'] };
}

/** Of a layer with gates. */
export function gatedActivations(activation: CellActivationName, recurrent: CellActivationName): CellActivations {
  const codes = Int32Array.of(CELL_ACTIVATIONS[activation], CELL_ACTIVATIONS[recurrent]);
  return { usual: activation === 'tanh' && recurrent === 'sigmoid', codes, fused: ACTIVATIONS.linear };
}
