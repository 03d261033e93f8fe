import { SarafError } from '../errors.js';
import { ACTIVATIONS, CURVES, type ActivationName, type CurveCode } from '../backend/backend.js';
import { isPlain, oneOf } from './checks.js';

/** Numbers of one curve: its kernel, and what a, b, c, d are. */
export interface CurveCall {
  readonly code: CurveCode;
  readonly params: readonly [number, number, number, number];
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
const call = (code: CurveCode, a = 0, b = 0, c = 0, d = 0): CurveCall => ({ code, params: [a, b, c, d] });

type Numbers = Readonly<Record<string, number>>;
interface CurveForm {
  /** Options and their defaults, as Keras has them. */
  readonly options: Numbers;
  readonly make: (options: Numbers) => CurveCall;
}
const plain = (made: CurveCall): CurveForm => ({ options: {}, make: () => made });
const form = <Names extends string>(options: Record<Names, number>, make: (o: Record<Names, number>) => CurveCall): CurveForm => ({
  options,
  make: make as CurveForm['make'],
});

/** Keras' activations that have a pass of their own. */
const CURVE_FORMS = {
  // At exactly 0 both halves of Keras' celu have the slope 1.
  celu: form({ alpha: 1 }, ({ alpha }) => call(CURVES.elu, alpha, 1, 1 / alpha, 2)),
  elu: form({ alpha: 1 }, ({ alpha }) => call(CURVES.elu, alpha, 1, 1, alpha)),
  exponential: plain(call(CURVES.exponential)),
  gelu: form({ approximate: 0 }, ({ approximate }) => call(approximate ? CURVES.geluTanh : CURVES.gelu)),
  hardShrink: form({ threshold: 0.5 }, ({ threshold }) => call(CURVES.hardShrink, threshold)),
  hardSigmoid: plain(call(CURVES.hardSigmoid, 1 / 6, 0.5)),
  hardSigmoidKeras2: plain(call(CURVES.hardSigmoid, 0.2, 0.5)),
  hardSilu: plain(call(CURVES.hardSilu, 1 / 6, 0.5)),
  hardTanh: plain(call(CURVES.clip, -1, 1)),
  leakyRelu: form({ negativeSlope: 0.2 }, ({ negativeSlope }) => call(CURVES.leakyRelu, negativeSlope)),
  logSigmoid: plain(call(CURVES.softplus, -1)),
  mish: plain(call(CURVES.mish)),
  relu: form({ negativeSlope: 0, maxValue: Infinity, threshold: 0 }, ({ negativeSlope, maxValue, threshold }) =>
    negativeSlope !== 0 && maxValue === Infinity && threshold === 0
      ? call(CURVES.leakyRelu, negativeSlope)
      : call(CURVES.relu, negativeSlope, threshold, maxValue),
  ),
  relu6: plain(call(CURVES.relu, 0, 0, 6)),
  selu: plain(call(CURVES.elu, SELU_ALPHA, SELU_SCALE, 1, SELU_SCALE)),
  silu: plain(call(CURVES.silu)),
  softShrink: form({ threshold: 0.5 }, ({ threshold }) => call(CURVES.softShrink, threshold)),
  softplus: plain(call(CURVES.softplus, 1)),
  softsign: plain(call(CURVES.softsign)),
  sparsePlus: plain(call(CURVES.sparsePlus)),
  sparseSigmoid: plain(call(CURVES.sparseSigmoid)),
  squareplus: form({ b: 4 }, ({ b }) => call(CURVES.squareplus, b)),
  tanhShrink: plain(call(CURVES.tanhShrink)),
  threshold: form({ threshold: 0, defaultValue: 0 }, ({ threshold, defaultValue }) => call(CURVES.threshold, threshold, defaultValue)),
} as const;

export type CurveName = keyof typeof CURVE_FORMS;
/** Activations of whole rows. */
export type RowActivation = 'softmax' | 'logSoftmax' | 'glu';
/** Activations that a layer can end in. `hardSigmoidKeras2` is clip(0.2x + 0.5, 0, 1), which Keras 2 meant by hard_sigmoid. */
export type LayerActivation = ActivationName | CurveName | RowActivation;
/** An activation with options, such as { name: 'leakyRelu', negativeSlope: 0.1 } or { name: 'softmax', axis: 1 }. */
export type ActivationWithOptions = { readonly name: LayerActivation } & Readonly<Record<string, number | boolean | string | null>>;
export type ActivationOption = LayerActivation | ActivationWithOptions;

export const ROW_ACTIVATIONS: readonly RowActivation[] = ['softmax', 'logSoftmax', 'glu'];
/** Keras' second names. */
const ALIASES: Readonly<Record<string, LayerActivation>> = { swish: 'silu', hardSwish: 'hardSilu' };

export const FUSED_ACTIVATIONS = Object.keys(ACTIVATIONS) as ActivationName[];
export const LAYER_ACTIVATIONS: readonly LayerActivation[] = [
  ...FUSED_ACTIVATIONS,
  ...(Object.keys(CURVE_FORMS) as CurveName[]).filter((name) => name !== 'relu'),
  ...ROW_ACTIVATIONS,
];

/** A name as saraf has it: Keras has second ones for some. */
export const firstName = (name: string): string => ALIASES[name] ?? name;

/** Checks the name of a layer's activation; absent means linear. */
export function layerActivation(op: string, name: LayerActivation | undefined): LayerActivation {
  return oneOf(op, 'activation', firstName(name ?? 'linear') as LayerActivation, LAYER_ACTIVATIONS);
}

/** The activation of a layer with weights: any that keeps the shape. */
export function endActivation(op: string, name: LayerActivation | undefined): LayerActivation {
  const known = layerActivation(op, name);
  if (known === 'glu')
    throw new SarafError(
      'ERR_ARG',
      op,
      'expected an activation that keeps the shape, received glu; put layers.activation behind the layer',
    );
  return known;
}

/** What an activation option means: fused into a kernel, a curve with its numbers, or rows along an axis. */
export type ActivationPlan =
  | { readonly kind: 'fused'; readonly name: ActivationName }
  | { readonly kind: 'curve'; readonly curve: CurveCall }
  | { readonly kind: 'rows'; readonly name: RowActivation; readonly axis: number };

/** Throws ERR_ARG naming what is wrong with an activation or its options. */
export function activationPlan(op: string, option: ActivationOption): ActivationPlan {
  const { name: given, ...options } = isPlain(option) ? (option as ActivationWithOptions) : { name: option as LayerActivation };
  const name = layerActivation(op, given);
  const row = ROW_ACTIVATIONS.find((r) => r === name);
  const allowed: Numbers = row ? { axis: -1 } : name in CURVE_FORMS ? CURVE_FORMS[name as CurveName].options : {};
  const values: Record<string, number> = { ...allowed };
  for (const [key, value] of Object.entries(options)) {
    if (!(key in allowed))
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected options of ${name} among ${Object.keys(allowed).join(', ') || 'none'}, received ${key}`,
      );
    if (value === null) continue;
    const number = typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number))
      throw new SarafError('ERR_ARG', op, `expected ${key} of ${name} to be a number, received ${String(value)}`);
    values[key] = number;
  }
  if ((values['threshold'] ?? 0) < 0 && name === 'relu')
    throw new SarafError('ERR_ARG', op, `expected threshold of relu >= 0, received ${values['threshold']}`);
  if (row) return { kind: 'rows', name: row, axis: values['axis'] as number };
  if (name in ACTIVATIONS && Object.keys(options).length === 0) return { kind: 'fused', name: name as ActivationName };
  return { kind: 'curve', curve: CURVE_FORMS[name as CurveName].make(values) };
}
