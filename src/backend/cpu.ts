import { SarafError } from '../errors.js';
import type { Backend, DType, HostArray, Storage } from './backend.js';
import { loadAddon } from './native.js';

function allocate(dtype: DType, length: number): HostArray {
  try {
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
