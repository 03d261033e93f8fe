import { SarafError } from '../errors.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

const show = (shape: Shape): string => `(${shape.join(',')})`;

/** Values of the last axis; predictions without one are columns of their own. */
export const columnsOf = (t: Tensor): number => (t.rank < 2 ? 1 : (t.shape[t.rank - 1] as number));

/** Shape of the rows of predictions: all axes but the last. */
export const rowShape = (t: Tensor): Shape => (t.rank < 2 ? t.shape : t.shape.slice(0, -1));

/** Throws ERR_SHAPE unless there is one target per prediction. */
export function checkSameSize(op: string, yTrue: Tensor, yPred: Tensor, advice = ''): void {
  if (yTrue.size !== yPred.size)
    throw new SarafError('ERR_SHAPE', op, `expected targets of shape ${show(yPred.shape)}, received ${show(yTrue.shape)}${advice}`);
}

/** Throws ERR_SHAPE unless there is one target per row of predictions. */
export function checkOnePerRow(op: string, yTrue: Tensor, yPred: Tensor, advice = ''): void {
  if (yTrue.size * columnsOf(yPred) !== yPred.size) {
    const expected = `expected one target per row, of shape ${show(rowShape(yPred))} for predictions ${show(yPred.shape)}`;
    throw new SarafError('ERR_SHAPE', op, `${expected}, received ${show(yTrue.shape)}${advice}`);
  }
}

/** Throws ERR_DATA at the first NaN: compared with anything it would silently count as wrong. */
export function refuseNaN(op: string, yPred: Tensor): void {
  if (yPred.dtype === 'int32' || yPred.dtype === 'uint8') return;
  const values = yPred.data();
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]))
      throw new SarafError(
        'ERR_DATA',
        op,
        `expected numbers as predictions, received NaN at row ${Math.floor(i / columnsOf(yPred))} of the batch; lower the learning rate or look for extreme values in the data`,
      );
  }
}

/** The options given, if all of them are known. Throws ERR_ARG with those there are. */
export function checkedOptions<T extends object>(op: string, options: T | undefined, known: readonly string[]): T {
  const given = options ?? ({} as T);
  const plain = typeof given === 'object' && given !== null && Object.getPrototypeOf(given) === Object.prototype;
  const unknown = plain ? Object.keys(given).find((key) => key !== 'name' && !known.includes(key)) : String(given);
  if (unknown !== undefined)
    throw new SarafError('ERR_ARG', op, `expected options among ${['name', ...known].join(', ')}, received ${unknown}`);
  const { name } = given as { name?: unknown };
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new SarafError('ERR_ARG', op, `expected name to be a text, received ${String(name)}`);
  return given;
}

/** A whole number >= least. Throws ERR_ARG. */
export function checkedWhole(op: string, name: string, value: number, least: number): number {
  if (!(Number.isInteger(value) && value >= least))
    throw new SarafError('ERR_ARG', op, `expected ${name} to be a whole number >= ${least}, received ${String(value)}`);
  return value;
}

/** A number in [0,1]. Throws ERR_ARG. */
export function checkedShare(op: string, name: string, value: number): number {
  if (!(value >= 0 && value <= 1)) throw new SarafError('ERR_ARG', op, `expected ${name} in [0,1], received ${String(value)}`);
  return value;
}
