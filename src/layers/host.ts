import { backend } from '../backend/current.js';
import type { HostArray } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

/** Changes values on the host: on the CPU in place, elsewhere by a copy there and back. */
export function changeHost(x: Tensor, change: (values: HostArray) => void): void {
  const values = x.data();
  change(values);
  if (backend().name !== 'cpu') backend().write(x.storage, values);
}
