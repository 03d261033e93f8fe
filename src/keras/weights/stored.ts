import { backend } from '../../backend/current.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Problems } from '../problems.js';

/** An array of a file whose values are not read yet. */
export interface StoredArray {
  readonly shape: readonly number[];
  /** How a number is stored, in words. */
  readonly description: string;
  /** Whether its values are numbers that can be read. */
  readonly isNumeric: boolean;
  numbers(): ArrayLike<number> | Promise<ArrayLike<number>>;
}

/** Where an array of the file goes. */
export interface Assignment {
  /** Names the array for people. */
  readonly label: string;
  readonly target: Tensor;
  /** null: the file does not have it. */
  readonly stored: StoredArray | null;
}

/** Checks every assignment and adds what is wrong to the problems; nothing is read. */
export function checkAssignments(assignments: readonly Assignment[], problems: Problems): void {
  for (const { label, target, stored } of assignments) {
    if (!stored) problems.add(label, `expected weights of shape (${target.shape.join(',')}), there are none`);
    else if (!stored.isNumeric) problems.add(label, `expected numbers, received ${stored.description}`);
    else if (stored.shape.join() !== target.shape.join())
      problems.add(label, `expected shape (${target.shape.join(',')}), received (${stored.shape.join(',')})`);
  }
}

/** Copies the arrays of the file into their tensors, once all of them were read. */
export async function assign(assignments: readonly Assignment[]): Promise<void> {
  const arrays = await Promise.all(assignments.map(({ stored }) => stored?.numbers()));
  for (const [i, { target }] of assignments.entries()) {
    const values = arrays[i];
    if (!values) continue;
    const typed = values instanceof Float32Array || values instanceof Float64Array || values instanceof Int32Array;
    backend().write(target.storage, typed ? values : Float32Array.from(values));
  }
}
