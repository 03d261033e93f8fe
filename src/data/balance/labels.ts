import { SarafError } from '../../errors.js';
import { refuseTestRows, samePart } from '../../tensor/part.js';
import { tensor, Tensor } from '../../tensor/tensor.js';
import { rowsByKey } from '../rows-by-key.js';

/** One label a row: names, class numbers, or the int32 tensor (N) of `encodeLabels`. */
export type ClassLabels = readonly (string | number)[] | Int32Array | Tensor;

/** Rows of each label, ascending; labels sorted, so that the order of the rows does not decide which class draws first. */
export type Classes = ReadonlyMap<string, readonly number[]>;

/** Parts labels of the training part into classes. Throws ERR_ARG for labels of another part; ERR_DATA for a missing one, or none at all. */
export function classesOf(op: string, what: string, labels: ClassLabels): Classes {
  refuseTestRows(op, what, labels);
  const values = labelValues(op, labels);
  if (values.length === 0) throw new SarafError('ERR_DATA', op, 'expected at least one row, received none');
  return new Map([...rowsByKey(op, values)].map(([label, rows]) => [String(label), rows]));
}

/** The labels of some rows, in the form in which they were given. */
export function takeLabels<L extends ClassLabels>(op: string, labels: L, rows: Int32Array): L {
  const values = labelValues(op, labels);
  const list = Array.from(rows, (row) => values[row] as string | number);
  const taken = Array.isArray(labels) ? list : Int32Array.from(list as number[]);
  return samePart(labels instanceof Tensor ? tensor(taken as Int32Array, [list.length]) : taken, labels) as L;
}

/** Labels as a list of values. Throws ERR_SHAPE for a tensor that is not of shape (N). */
export function labelValues(op: string, labels: ClassLabels): ArrayLike<string | number> {
  if (!(labels instanceof Tensor)) return labels;
  if (labels.rank !== 1)
    throw new SarafError(
      'ERR_SHAPE',
      op,
      `expected labels of shape (N), received (${labels.shape.join(',')}); give class numbers, not one-hot rows`,
    );
  return labels.data();
}
