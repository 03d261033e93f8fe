import { ACTIVATIONS, CELL_ACTIVATIONS, type ActivationCode, type ActivationName } from '../backend/backend.js';
import { activationPlan, firstName, FUSED_ACTIVATIONS, LAYER_ACTIVATIONS, ROW_ACTIVATIONS, type CurveName } from './activations.js';
import { oneOf } from './checks.js';

/** Activations that recurrent layers take: all but those of whole rows. */
export type CellActivationName = ActivationName | CurveName;

/** The activations of a recurrent layer as its kernels take them. */
export interface CellActivations {
  /** Whether the fast kernels have them; else the layer goes step by step. */
  readonly usual: boolean;
  /** [code, a, b, c, d] of the activation and, where there are gates, of theirs. */
  readonly codes: Float64Array;
  /** Code of the activation where it is a fused one, else that of linear. */
  readonly fused: ActivationCode;
}

export const CELL_ACTIVATION_NAMES = LAYER_ACTIVATIONS.filter(
  (name) => !ROW_ACTIVATIONS.some((row) => row === name),
) as CellActivationName[];

/** Throws ERR_ARG if the activation is not one that recurrent layers take. */
export function cellActivation(
  op: string,
  name: string,
  activation: CellActivationName | undefined,
  usual: CellActivationName,
): CellActivationName {
  return oneOf(op, name, firstName(activation ?? usual) as CellActivationName, CELL_ACTIVATION_NAMES);
}

/** [code, a, b, c, d] as kernels that go step by step take them. */
export function cellCode(activation: CellActivationName): number[] {
  const own = activation in CELL_ACTIVATIONS ? CELL_ACTIVATIONS[activation as ActivationName] : null;
  if (own !== null) return [own, 0, 0, 0, 0];
  const plan = activationPlan('recurrent', activation);
  return plan.kind === 'curve' ? [CELL_ACTIVATIONS.curves + plan.curve.code, ...plan.curve.params] : [ACTIVATIONS.linear, 0, 0, 0, 0];
}

export function simpleActivation(activation: CellActivationName): CellActivations {
  const fused = FUSED_ACTIVATIONS.find((name) => name === activation);
  return { usual: fused !== undefined, codes: Float64Array.from(cellCode(activation)), fused: ACTIVATIONS[fused ?? 'linear'] };
}

/** Of a layer with gates. */
export function gatedActivations(activation: CellActivationName, recurrent: CellActivationName): CellActivations {
  const codes = Float64Array.from([...cellCode(activation), ...cellCode(recurrent)]);
  return { usual: activation === 'tanh' && recurrent === 'sigmoid', codes, fused: ACTIVATIONS.linear };
}
