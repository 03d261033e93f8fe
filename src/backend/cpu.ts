import { SarafError } from '../errors.js';
import type { Backend, DType, HostArray, Storage } from './backend.js';
import { loadAddon } from './native.js';

/** From here on an array gets huge pages, and begins with a cache line. */
const LARGE_BYTES = 4 << 20;
const LINE_BYTES = 64;
/**
 * Large arrays begin so far apart, in turn: a kernel that walks through several at once (y, its gradient, the one it makes of
 * both) else meets the same sets of the caches in all of them, up to a tenth of a weight gradient's time.
 */
const STAGGER_BYTES = 4096 + 13 * LINE_BYTES;
const STAGGERS = 16;
const WIDTHS: Record<DType, number> = { float32: 4, float64: 8, int32: 4, uint8: 1 };

let turn = 0;

function allocateLarge(dtype: DType, length: number): HostArray {
  const buffer = new ArrayBuffer(length * WIDTHS[dtype] + LINE_BYTES + STAGGERS * STAGGER_BYTES);
  const past = loadAddon().native.adviseHuge(new Uint8Array(buffer));
  const offset = ((LINE_BYTES - past) % LINE_BYTES) + (turn++ % STAGGERS) * STAGGER_BYTES;
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, offset, length);
    case 'float64':
      return new Float64Array(buffer, offset, length);
    case 'int32':
      return new Int32Array(buffer, offset, length);
    case 'uint8':
      return new Uint8Array(buffer, offset, length);
  }
}

function allocate(dtype: DType, length: number): HostArray {
  try {
    if (length * WIDTHS[dtype] >= LARGE_BYTES) return allocateLarge(dtype, length);
    switch (dtype) {
      case 'float32':
        return new Float32Array(length);
      case 'float64':
        return new Float64Array(length);
      case 'int32':
        return new Int32Array(length);
      case 'uint8':
        return new Uint8Array(length);
    }
  } catch (cause) {
    throw new SarafError('ERR_MEMORY', 'allocate', `expected room for ${length} values of ${dtype}; use a smaller batch or fewer units`, {
      cause,
    });
  }
}

const host = {
  name: 'cpu' as const,
  allocate,
  slice: (x: Storage, begin: number, end: number): Storage => (x as HostArray).subarray(begin, end),
  read: (x: Storage): HostArray => x as HostArray,
  write: (x: Storage, values: ArrayLike<number>): void => (x as HostArray).set(values),
  fill: (x: Storage, value: number): void => void (x as HostArray).fill(value),
  copy: (from: Storage, to: Storage): void => (to as HostArray).set(from as HostArray),
};

let cpu: Backend | undefined;

/** The CPU: host arrays as storage, and the addon's functions as they are. */
export function cpuBackend(): Backend {
  cpu ??= Object.assign(Object.create(loadAddon().native as object) as Omit<Backend, keyof typeof host>, host) as Backend;
  return cpu;
}
