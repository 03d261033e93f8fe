import { backend } from '../backend/current.js';
import type { HostArray } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

/** Changes a tensor's values on the host: in place on the CPU, written back on a device. */
export function onHost(t: Tensor, change: (values: HostArray) => void): void {
  const values = t.data();
  change(values);
  if (values !== t.storage) backend().write(t.storage, values);
}
