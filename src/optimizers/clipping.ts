import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { square } from '../tensor/portable-math.js';

/** At most one is set. */
export interface Clipping {
  readonly clipnorm: number | null;
  readonly globalClipnorm: number | null;
  readonly clipvalue: number | null;
}

/** Throws ERR_ARG if more than one is set, or one is not positive. */
export function checkClipping(clipping: Clipping): void {
  const set = Object.entries(clipping as unknown as Record<string, number | null>).filter(([, v]) => v !== null);
  if (set.length > 1)
    throw new SarafError(
      'ERR_ARG',
      'optimizer',
      `expected one of clipnorm, globalClipnorm, clipvalue, received ${set.map(([k]) => k).join(' and ')}`,
    );
  for (const [name, v] of set)
    if (!(Number(v) > 0)) throw new SarafError('ERR_ARG', 'optimizer', `expected ${name} > 0, received ${String(v)}`);
}

/** Clips gradients in place. Norms are summed in double and in ascending order: the same on every machine. */
export function clipGradients(updates: readonly { readonly gradient: Tensor }[], clipping: Clipping): void {
  const { clipnorm, globalClipnorm, clipvalue } = clipping;
  if (clipvalue !== null) {
    for (const { gradient } of updates) {
      const g = gradient.data();
      for (let i = 0; i < g.length; i++) g[i] = Math.min(Math.max(g[i] as number, -clipvalue), clipvalue);
      if (g !== gradient.storage) backend().write(gradient.storage, g);
    }
  } else if (clipnorm !== null) {
    for (const { gradient } of updates) scaleTo(gradient, Math.sqrt(squareSum(gradient)), clipnorm);
  } else if (globalClipnorm !== null) {
    let sum = 0;
    for (const { gradient } of updates) sum += squareSum(gradient);
    const norm = Math.sqrt(sum);
    for (const { gradient } of updates) scaleTo(gradient, norm, globalClipnorm);
  }
}

function squareSum(t: Tensor): number {
  const values = t.data();
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += square(values[i] as number);
  return sum;
}

function scaleTo(gradient: Tensor, norm: number, limit: number): void {
  if (norm > limit) backend().affine(gradient.storage, gradient.storage, limit / norm, 0);
}
