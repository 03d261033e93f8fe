import { SarafError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';

/** Tensors by the name of the input or output that they are for. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** The tensors of all inputs or all outputs: one, a list in the model's order, or by name. */
export type Tensors = Tensor | readonly Tensor[] | NamedTensors;

/** Names of a model's inputs and outputs, in its order. */
export interface TensorNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Whether tensors are given by name. */
export function isNamed(value: unknown): value is NamedTensors {
  if (typeof value !== 'object' || value === null || value instanceof Tensor || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Tensors as a list in the order of `names`; names null: not known yet, only a tensor or a list will do.
 *
 * Throws: ERR_ARG naming what is no tensor, what is missing and what nothing is known of.
 */
export function tensorList(op: string, what: string, value: unknown, names: readonly string[] | null): readonly Tensor[] {
  if (isNamed(value)) return byName(op, what, value, names);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = list.find((t) => !(t instanceof Tensor));
  if (wrong === undefined && list.length > 0) return list as readonly Tensor[];
  const received = list.length === 0 ? 'an empty list' : kindOf(wrong);
  const others = what === 'x' ? ', a list of them, a BatchSource or a stream of batches' : ' or a list of them';
  throw new SarafError('ERR_ARG', op, `expected ${what} to be a Tensor${others}, received ${received}; make one with tensor(values)`);
}

function byName(op: string, what: string, value: NamedTensors, names: readonly string[] | null): readonly Tensor[] {
  const given = Object.keys(value);
  if (!names)
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected ${what} as a Tensor or a list of them, received them by name (${given.join(', ')}); a Sequential without input shape has no names yet`,
    );
  const missing = names.filter((n) => !given.includes(n));
  const unknown = given.filter((n) => !names.includes(n));
  if (missing.length > 0 || unknown.length > 0)
    throw new SarafError('ERR_ARG', op, `expected ${what} by the names ${names.join(', ')}, received ${given.join(', ') || 'none'}`);
  return names.map((name) => {
    const t: unknown = value[name];
    if (t instanceof Tensor) return t;
    throw new SarafError('ERR_ARG', op, `expected ${what}.${name} to be a Tensor, received ${kindOf(t)}; make one with tensor(values)`);
  });
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value;
}
