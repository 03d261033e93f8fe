import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Split } from '../data/split.js';
import { markPart, type PartName } from '../tensor/part.js';
import { isTexts } from '../tensor/preprocessing.js';
import { Tensor, zeros } from '../tensor/tensor.js';

/** Rows of one part of a fold, marked as such. */
export interface FoldPart {
  readonly x: Tensor | readonly Tensor[] | readonly string[];
  readonly y: Tensor;
}

export type SearchInput = FoldPart['x'];

const OP = 'search';

/** Throws ERR_ARG, ERR_SHAPE or ERR_DATA unless all have the same rows; returns how many. */
export function checkedRows(x: SearchInput, y: unknown): number {
  if (!(y instanceof Tensor) || y.rank === 0)
    throw new SarafError('ERR_ARG', OP, 'expected y to be a tensor with a batch axis; make one with tensor(values)');
  const list: readonly unknown[] = x instanceof Tensor ? [x] : isTexts(x) ? [] : x;
  if (Array.isArray(x) && x.length === 0) throw new SarafError('ERR_ARG', OP, 'expected x with rows, received an empty list');
  if (list.some((t) => !(t instanceof Tensor)))
    throw new SarafError('ERR_ARG', OP, 'expected x to be a tensor, a list of tensors or a list of texts');
  const rows = y.shape[0] as number;
  const others = isTexts(x) ? [x.length] : (list as readonly Tensor[]).map((t) => t.shape[0] ?? 0);
  const wrong = others.find((n) => n !== rows);
  if (wrong !== undefined) throw new SarafError('ERR_SHAPE', OP, `expected x with as many rows as y (${rows}), received ${wrong}`);
  return rows;
}

/** The rows of both parts of a split. */
export function foldParts(x: SearchInput, y: Tensor, split: Split): { train: FoldPart; validation: FoldPart } {
  const part = (rows: Int32Array, name: PartName): FoldPart => {
    const taken =
      x instanceof Tensor
        ? takeRows(x, rows, name)
        : isTexts(x)
          ? markPart(
              Array.from(rows, (row) => x[row] as string),
              name,
            )
          : markPart(
              (x as readonly Tensor[]).map((t) => takeRows(t, rows, name)),
              name,
            );
    return { x: taken, y: takeRows(y, rows, name) };
  };
  return { train: part(split.train, 'train'), validation: part(split.test, 'validation') };
}

function takeRows(from: Tensor, rows: Int32Array, name: PartName): Tensor {
  const out = zeros([rows.length, ...from.shape.slice(1)], from.dtype);
  const at = backend().allocate('int32', rows.length);
  backend().write(at, rows);
  backend().gatherRows(from.storage, at, out.storage, from.size / (from.shape[0] as number));
  return markPart(out, name);
}
