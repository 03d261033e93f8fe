import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';

/** Copies tensors by name. Throws ERR_FORMAT if one is missing, superfluous or of another shape. */
export function assignByName(path: string, targets: readonly (readonly [string, Tensor])[], from: ReadonlyMap<string, Tensor>): void {
  const expected = new Set(targets.map(([name]) => name));
  const missing = targets.filter(([name]) => !from.has(name)).map(([name]) => name);
  const extra = [...from.keys()].filter((name) => !expected.has(name));
  if (missing.length > 0 || extra.length > 0) {
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected the tensors of the model in ${path}${missing.length > 0 ? `, missing ${missing.join(', ')}` : ''}${extra.length > 0 ? `, unknown ${extra.join(', ')}` : ''}`,
    );
  }
  for (const [name, target] of targets) {
    const value = from.get(name) as Tensor;
    if (value.dtype !== target.dtype || value.shape.join() !== target.shape.join()) {
      throw new SarafError(
        'ERR_FORMAT',
        'loadModel',
        `expected ${name} of ${target.dtype} (${target.shape.join(',')}) in ${path}, received ${value.dtype} (${value.shape.join(',')})`,
      );
    }
  }
  for (const [name, target] of targets) backend().copy((from.get(name) as Tensor).storage, target.storage);
}
