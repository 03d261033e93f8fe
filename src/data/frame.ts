import { SarafError } from '../errors.js';
import { samePart } from '../tensor/part.js';
import { tensor, type Tensor } from '../tensor/tensor.js';
import { isMissing, Table, toNumber, type Cell } from './table.js';

/** What saraf needs of a data frame: danfojs' DataFrame has it, and so may others. */
export interface FrameLike {
  readonly columns: readonly string[];
  column(name: string): { readonly values: ArrayLike<unknown> };
}

/** How `columnsToTensor` reads values. */
export interface ColumnsToTensorOptions {
  /** Default 'float32'. */
  dtype?: 'float32' | 'int32' | 'uint8';
  /** What stands for a missing value: 'error' (default) refuses, 'zero', 'mean' (of the column's other values) or a number of yours. */
  missing?: 'error' | 'zero' | 'mean' | number;
}

/**
 * A table of a danfojs frame, or of anything with the same `columns` and `column(name).values`.
 *
 * Missing values (undefined, null, NaN) become null.
 * Throws: ERR_ARG if it is no frame; ERR_DATA for a value that is neither text, number nor truth value.
 * Example: `fromFrame(await dfd.readCSV('train.csv')).strings('text')`
 */
export function fromFrame(frame: FrameLike): Table {
  if (frame === null || typeof frame !== 'object' || !Array.isArray(frame.columns) || typeof frame.column !== 'function') {
    throw new SarafError(
      'ERR_ARG',
      'fromFrame',
      `expected a frame with columns and column(name), received ${describe(frame)}; pass a danfojs DataFrame`,
    );
  }
  const data = frame.columns.map((name) => Array.from(frame.column(name).values, (value, row) => cell(value, name, row)));
  return new Table(frame.columns.map(String), data);
}

function cell(value: unknown, column: string, row: number): Cell {
  if (value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  throw new SarafError(
    'ERR_DATA',
    'fromFrame',
    `expected text, a number or a truth value in column "${column}" at row ${row}, received ${describe(value)}`,
  );
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? `an object (${(value as object).constructor?.name ?? 'no class'})` : typeof value;
}

/** danfojs, as far as `toFrame` uses it. */
interface Danfo {
  DataFrame: new (data: Record<string, unknown[]>) => FrameLike;
}

/**
 * A danfojs DataFrame of a table. danfojs is loaded only now; it is an optional package.
 *
 * Columns whose values are all numbers written as text become numbers.
 * Throws: ERR_STATE if danfojs-node is not installed, with the command that installs it.
 * Example: `const df = await toFrame(await readCsv('train.csv')); df.head().print()`
 */
export async function toFrame(table: Table): Promise<FrameLike> {
  const name = 'danfojs-node';
  let danfo: Danfo;
  try {
    const loaded = (await import(name)) as Danfo & { default?: Danfo };
    danfo = loaded.default ?? loaded;
  } catch (cause) {
    throw new SarafError(
      'ERR_STATE',
      'toFrame',
      `expected the package ${name}, received ${(cause as Error).message}; run: npm install ${name}`,
      { cause },
    );
  }
  const data: Record<string, unknown[]> = {};
  for (const column of table.columns) data[column] = natural(table.column(column));
  return new danfo.DataFrame(data);
}

function natural(values: readonly Cell[]): unknown[] {
  const numeric =
    values.some((v) => !isMissing(v)) && values.every((v) => isMissing(v) || (typeof v !== 'boolean' && Number.isFinite(toNumber(v))));
  return values.map((v) => (numeric ? (isMissing(v) ? NaN : toNumber(v)) : v));
}

/**
 * Columns of numbers as a tensor. Text is read as numbers, truth values as 0 and 1.
 *
 * Shapes: one name → (N); a list of D names → (N,D).
 * Throws: ERR_DATA naming column and row for a value that is missing (unless `missing` says otherwise), no finite number, or
 *         not a whole number in range for an integer dtype; ERR_ARG for an unknown option.
 * Example: `columnsToTensor(table, ['age', 'income'], { missing: 'mean' })`
 */
export function columnsToTensor(
  source: Table | FrameLike,
  names: string | readonly string[],
  options: ColumnsToTensorOptions = {},
): Tensor {
  const op = 'columnsToTensor';
  const table = source instanceof Table ? source : fromFrame(source);
  const { dtype = 'float32', missing = 'error' } = options;
  if (!['float32', 'int32', 'uint8'].includes(dtype))
    throw new SarafError('ERR_ARG', op, `expected dtype "float32", "int32" or "uint8", received ${JSON.stringify(dtype)}`);
  if (!(typeof missing === 'number' ? Number.isFinite(missing) : ['error', 'zero', 'mean'].includes(missing))) {
    throw new SarafError('ERR_ARG', op, `expected missing "error", "zero", "mean" or a number, received ${String(missing)}`);
  }
  const list = typeof names === 'string' ? [names] : names;
  const width = list.length;
  const out =
    dtype === 'float32'
      ? new Float32Array(table.rows * width)
      : dtype === 'int32'
        ? new Int32Array(table.rows * width)
        : new Uint8Array(table.rows * width);
  for (const [d, name] of list.entries()) {
    const values = table.column(name);
    const filler = missing === 'zero' ? 0 : missing === 'mean' ? meanOf(table, name) : missing;
    for (const [n, value] of values.entries()) {
      const blank = isMissing(value);
      if (blank && filler === 'error') {
        throw new SarafError(
          'ERR_DATA',
          op,
          `expected a value in column "${name}" at ${table.where(n)}, received none; pass missing: "zero", "mean" or a number, or drop the row`,
        );
      }
      const x = blank ? (filler as number) : toNumber(value);
      const fits =
        dtype === 'float32'
          ? Number.isFinite(Math.fround(x))
          : Number.isInteger(x) && (dtype === 'int32' ? (x | 0) === x : x >= 0 && x <= 255);
      if (!fits) {
        throw new SarafError(
          'ERR_DATA',
          op,
          `expected ${dtype === 'float32' ? 'a finite number' : `a whole number that fits ${dtype}`} in column "${name}" at ${table.where(n)}, received ${blank ? `${x} (for a missing value)` : JSON.stringify(value)}; ${Number.isNaN(x) ? 'encode text with encodeLabels' : 'scale the column or choose another dtype'}`,
        );
      }
      out[n * width + d] = x;
    }
  }
  return samePart(tensor(out, typeof names === 'string' ? [table.rows] : [table.rows, width]), table);
}

function meanOf(table: Table, name: string): number {
  let sum = 0;
  let n = 0;
  for (const value of table.column(name)) {
    if (isMissing(value)) continue;
    sum += toNumber(value);
    ++n;
  }
  if (n === 0)
    throw new SarafError(
      'ERR_DATA',
      'columnsToTensor',
      `expected at least one value in column "${name}" to take the mean of, received none`,
    );
  return sum / n;
}
