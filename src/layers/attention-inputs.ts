import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { inputCount, lastAxis, showShape } from './checks.js';
import { changeHost } from './host.js';
import type { LayerContext, SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

/** What an attention layer was given. */
export interface AttentionOf<T> {
  readonly query: T;
  readonly value: T;
  readonly key: T;
  /** (N,Tq,Tk), or null. */
  readonly mask: T | null;
}

/** Names the inputs [query, value, key?, mask?]; one input alone is all three. Throws ERR_ARG if there are more or fewer. */
export function nameInputs<T>(op: string, inputs: readonly T[], least: 1 | 2, withMask: boolean): AttentionOf<T> {
  const masks = withMask ? 1 : 0;
  inputCount(op, inputs.length, least + masks, 3 + masks);
  const given = withMask ? inputs.slice(0, -1) : inputs;
  const query = given[0] as T;
  const value = given[1] ?? query;
  return { query, value, key: given[2] ?? value, mask: withMask ? (inputs.at(-1) as T) : null };
}

function agree(a: number | null | undefined, b: number | null | undefined): boolean {
  return a == null || b == null || a === b;
}

/** Throws ERR_SHAPE unless query (N,Tq,D), value (N,Tk,D), key (N,Tk,D) and mask (N,Tq,Tk) fit together. */
export function checkShapes(op: string, { query, value, key, mask }: AttentionOf<SymbolicShape>): void {
  for (const [name, shape] of Object.entries({ query, value, key })) {
    if (shape.length !== 3) {
      const fix = shape.length === 2 ? '; add a time axis with x.expandDims(1)' : '';
      throw new SarafError('ERR_SHAPE', op, `expected ${name} of shape (N,T,D), received ${showShape(shape)}${fix}`);
    }
    lastAxis(op, shape);
    if (!agree(shape[0], query[0])) {
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected inputs of one batch, received query ${showShape(query)} and ${name} ${showShape(shape)}`,
      );
    }
  }
  if (!agree(key[1], value[1])) {
    throw new SarafError(
      'ERR_SHAPE',
      op,
      `expected value and key of one length, received value ${showShape(value)} and key ${showShape(key)}; the inputs are query, value, key`,
    );
  }
  const pairs = [query[0], query[1], value[1]] as SymbolicShape;
  if (mask && (mask.length !== 3 || mask.some((n, i) => !agree(n, pairs[i])))) {
    throw new SarafError('ERR_SHAPE', op, `expected an attention mask of shape (N,Tq,Tk) ${showShape(pairs)}, received ${showShape(mask)}`);
  }
}

/** The mask of the keys: valid where value and key are. Two different ones are joined in a buffer of the layer. */
export function joinKeyMasks(value: Tensor | null, key: Tensor | null, ctx: LayerContext): Tensor | null {
  if (!value || !key || value.storage === key.storage) return value ?? key;
  const joint = ctx.buffer('keyMask', value.shape, 'uint8');
  backend().copy(value.storage, joint.storage);
  const other = key.data();
  changeHost(joint, (valid) => {
    for (let i = 0; i < valid.length; i++) if (other[i] === 0) valid[i] = 0;
  });
  return joint;
}

/** Throws ERR_DTYPE unless an attention mask holds bytes (1: may look). */
export function maskBytes(op: string, mask: Tensor | null): Tensor | null {
  if (mask && mask.dtype !== 'uint8') {
    throw new SarafError(
      'ERR_DTYPE',
      op,
      `expected an attention mask of type uint8, received ${mask.dtype}; make it with tensor(Uint8Array.from(…), shape)`,
    );
  }
  return mask;
}
