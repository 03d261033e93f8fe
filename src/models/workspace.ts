import { backend } from '../backend/current.js';
import { Tensor, sizeOf, type Shape } from '../tensor/tensor.js';
import type { DType, Storage } from '../backend/backend.js';

/** More shapes than this per buffer are not remembered: sequences of many lengths must not pile up views. */
const VIEWS_KEPT = 8;

interface Entry {
  readonly storage: Storage;
  readonly dtype: DType;
  /** The shapes asked for, newest last, over the same memory. */
  readonly views: Tensor[];
}

function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Memory of a model by name: the same name gives the same memory, so that a steady step allocates nothing.
 *
 * A smaller shape (the last, partial batch) is a view of the memory that is there; a larger one replaces it.
 */
export class Workspace {
  private readonly entries = new Map<string, Entry>();

  buffer(name: string, shape: Shape, dtype: DType): Tensor {
    const entry = this.entries.get(name);
    const size = sizeOf(shape);
    if (!entry || entry.dtype !== dtype || entry.storage.length < size) {
      const storage = backend().allocate(dtype, size);
      const whole = new Tensor(storage, [...shape], dtype);
      this.entries.set(name, { storage, dtype, views: [whole] });
      return whole;
    }
    const { views, storage } = entry;
    for (let i = views.length - 1; i >= 0; i--) {
      const view = views[i] as Tensor;
      if (sameShape(view.shape, shape)) return view;
    }
    const view = new Tensor(size === storage.length ? storage : backend().slice(storage, 0, size), [...shape], dtype);
    if (views.length >= VIEWS_KEPT) views.shift();
    views.push(view);
    return view;
  }

  /** Bytes held. */
  get bytes(): number {
    const width: Record<DType, number> = { float32: 4, float64: 8, int32: 4, uint8: 1 };
    let sum = 0;
    for (const { storage, dtype } of this.entries.values()) sum += storage.length * width[dtype];
    return sum;
  }

  clear(): void {
    this.entries.clear();
  }
}
