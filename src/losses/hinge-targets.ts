import type { Tensor } from '../tensor/tensor.js';

/** How a target of a batch is read: 0 and 1 as −1 and 1 if the batch has nothing else, else as it is. */
export function hingeTargets(yTrue: Tensor): (target: number) => number {
  const binary = yTrue.data().every((t: number) => t === 0 || t === 1);
  return binary ? (t) => 2 * t - 1 : (t) => t;
}
