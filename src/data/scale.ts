import { SarafError } from '../errors.js';
import { refuseTestRows, samePart } from '../tensor/part.js';
import { tensor, Tensor } from '../tensor/tensor.js';
import { fromFrame, type FrameLike } from './frame.js';
import { readStored } from './stored.js';
import { isMissing, quoted, Table, toNumber, type Cell } from './table.js';
import { square } from '../tensor/portable-math.js';

export interface ScalerOptions {
  /** 'standard' (default): mean 0 and standard deviation 1, of the whole, not of a sample. 'minMax': the smallest and largest value at the ends of `range`. */
  method?: 'standard' | 'minMax';
  /** Of 'minMax'. Default [0,1]. Values beyond those learnt from come to lie beyond it. */
  range?: readonly [number, number];
  /** A missing value: 'error' (default) refuses it, 'keep' leaves it missing, 'mean' puts the mean of the training rows in its place, a number that number. */
  missing?: 'error' | 'keep' | 'mean' | number;
}

/** What is learnt of one column. */
interface Learnt {
  readonly mean: number;
  /** Scaled: (x − from) · factor + to. */
  readonly from: number;
  readonly factor: number;
  readonly to: number;
}

const OP = 'scaler';
const FORMAT = 'saraf-scaler';

/**
 * Brings columns of numbers to one scale, learnt once from training rows.
 *
 * A column of one value becomes 0, or the lower end of the range. As JSON it is the same scaler to the bit.
 * Shapes: a table or frame and names of columns → a table in which they are scaled; a tensor (N,D), scaled by its D columns, → float32 (N,D).
 * Throws: ERR_ARG for rows of a test part in `fit`; ERR_STATE before `fit` and for a second one; ERR_DATA naming column and row for what is no number.
 * Source: scikit-learn's StandardScaler and MinMaxScaler.
 * Example: `const scaler = new Scaler({ missing: 'mean' }).fit(train, ['age', 'income']); const x = scaler.transform(test)`
 */
export class Scaler {
  readonly method: 'standard' | 'minMax';
  readonly range: readonly [number, number];
  readonly missing: 'error' | 'keep' | 'mean' | number;
  private names: readonly string[] | null = null;
  private learnt: readonly Learnt[] | null = null;

  constructor(options: ScalerOptions = {}) {
    const { method = 'standard', range = [0, 1], missing = 'error' } = options;
    const unknown = Object.keys(options).find((key) => !['method', 'range', 'missing'].includes(key));
    if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options method, range, missing, received "${unknown}"`);
    if (method !== 'standard' && method !== 'minMax')
      throw new SarafError('ERR_ARG', OP, `expected method "standard" or "minMax", received ${JSON.stringify(method)}`);
    if (!Array.isArray(range) || range.length !== 2 || !range.every(Number.isFinite) || !(range[0] < range[1]))
      throw new SarafError('ERR_ARG', OP, `expected range [low, high] of two numbers, received ${JSON.stringify(range)}`);
    if (!(typeof missing === 'number' ? Number.isFinite(missing) : ['error', 'keep', 'mean'].includes(missing)))
      throw new SarafError('ERR_ARG', OP, `expected missing "error", "keep", "mean" or a number, received ${String(missing)}`);
    this.method = method;
    this.range = range;
    this.missing = missing;
  }

  /** Names of the columns that are scaled; null for columns of a tensor. */
  get columns(): readonly string[] | null {
    return this.names;
  }

  /** Learns from training rows: of a table or frame the named columns, of a tensor all. */
  fit(rows: Table | FrameLike | Tensor, names?: string | readonly string[]): this {
    if (this.learnt) throw new SarafError('ERR_STATE', OP, 'expected one fit, this scaler has learnt already; make a new one');
    refuseTestRows(OP, 'fit', rows);
    if (rows instanceof Tensor) {
      if (names !== undefined) throw new SarafError('ERR_ARG', OP, 'expected no names with a tensor, received some; pass a table');
      this.learnt = Array.from({ length: widthOf(rows) }, (_, d) => this.learn(this.columnOf(rows, d), `column ${d}`));
      return this;
    }
    const table = rows instanceof Table ? rows : fromFrame(rows);
    const list = typeof names === 'string' ? [names] : (names ?? []);
    if (list.length === 0)
      throw new SarafError('ERR_ARG', OP, `expected names of columns to scale, of ${quoted(table.columns)}, received none`);
    this.learnt = list.map((name) => this.learn(this.numbers(table, name), `column "${name}"`));
    this.names = [...list];
    return this;
  }

  /** Scales the columns that it has learnt; the others stay. */
  transform(rows: Tensor): Tensor;
  transform(rows: Table | FrameLike): Table;
  transform(rows: Table | FrameLike | Tensor): Table | Tensor {
    return this.each(rows, (x, { from, factor, to }) => (x - from) * factor + to, true);
  }

  /** The values before they were scaled, up to rounding. */
  inverse(rows: Tensor): Tensor;
  inverse(rows: Table | FrameLike): Table;
  inverse(rows: Table | FrameLike | Tensor): Table | Tensor {
    return this.each(rows, (x, { from, factor, to }) => (x - to) / factor + from, false);
  }

  /** Everything that makes this scaler again, for `JSON.stringify`. */
  toJSON(): Record<string, unknown> {
    const { method, range, missing, names, learnt } = this;
    return { format: FORMAT, formatVersion: 1, method, range, missing, columns: names, learnt };
  }

  /** The scaler that `toJSON` wrote, as an object or as text. Throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): Scaler {
    return readStored(OP, FORMAT, json, ({ method, range, missing, columns, learnt }) => {
      const scaler = new Scaler({ method, range, missing } as ScalerOptions);
      const numbers = (one: unknown): boolean =>
        ['mean', 'from', 'factor', 'to'].every((key) => Number.isFinite((one as Record<string, unknown> | null)?.[key]));
      if (learnt === null) return scaler;
      const named = columns === null || (Array.isArray(columns) && columns.every((name) => typeof name === 'string'));
      if (!named || !Array.isArray(learnt) || !learnt.every(numbers) || (columns !== null && columns.length !== learnt.length)) return null;
      scaler.names = columns as string[] | null;
      scaler.learnt = learnt as Learnt[];
      return scaler;
    });
  }

  private learn(values: Iterable<number>, what: string): Learnt {
    // A missing value that a number stands for counts as that number.
    const known = Array.from(values, (x) => (Number.isNaN(x) && typeof this.missing === 'number' ? this.missing : x)).filter(
      (x) => !Number.isNaN(x),
    );
    if (known.length === 0) throw new SarafError('ERR_DATA', OP, `expected at least one value in ${what} to learn from, received none`);
    const low = known.reduce((a, b) => Math.min(a, b));
    const high = known.reduce((a, b) => Math.max(a, b));
    const [bottom, top] = this.range;
    const standard = this.method === 'standard';
    // The mean of one value, summed, may miss it by a rounding, which must not count as a deviation.
    if (low === high) return { mean: low, from: low, factor: 1, to: standard ? 0 : bottom };
    const mean = known.reduce((sum, x) => sum + x, 0) / known.length;
    if (!standard) return { mean, from: low, factor: (top - bottom) / (high - low), to: bottom };
    const deviation = Math.sqrt(known.reduce((sum, x) => sum + square(x - mean), 0) / known.length);
    return { mean, from: mean, factor: 1 / deviation, to: 0 };
  }

  /** The numbers of a column; NaN where they are missing and may be. */
  private numbers(table: Table, name: string): number[] {
    return table.column(name).map((value, row) => {
      if (isMissing(value)) {
        if (this.missing !== 'error') return NaN;
        throw new SarafError(
          'ERR_DATA',
          OP,
          `expected a value in column "${name}" at ${table.where(row)}, received none; pass missing: "keep", "mean" or a number, or drop the row`,
        );
      }
      const x = toNumber(value);
      if (!Number.isFinite(x))
        throw new SarafError(
          'ERR_DATA',
          OP,
          `expected a number in column "${name}" at ${table.where(row)}, received ${JSON.stringify(value)}; encode or correct it first`,
        );
      return x;
    });
  }

  /** The numbers of a tensor's column; NaN where they are missing and may be. */
  private columnOf(x: Tensor, d: number): number[] {
    const width = widthOf(x);
    const values = x.data();
    return Array.from({ length: values.length / width }, (_, n) => {
      const value = values[n * width + d] as number;
      if (Number.isFinite(value) || (Number.isNaN(value) && this.missing !== 'error')) return value;
      throw new SarafError(
        'ERR_DATA',
        OP,
        `expected a finite number in column ${d} at row ${n}, received ${value}; say how to treat missing values`,
      );
    });
  }

  private each(rows: Table | FrameLike | Tensor, scale: (x: number, learnt: Learnt) => number, fill: boolean): Table | Tensor {
    const { learnt, names } = this;
    if (!learnt) throw new SarafError('ERR_STATE', OP, 'expected a scaler that has learnt; call fit(trainingRows) first');
    const filled = (x: number, of: Learnt): number =>
      !Number.isNaN(x) || !fill || this.missing === 'keep' ? x : this.missing === 'mean' ? of.mean : (this.missing as number);
    if (rows instanceof Tensor) {
      const width = widthOf(rows);
      if (width !== learnt.length)
        throw new SarafError('ERR_SHAPE', OP, `expected x of shape (N,${learnt.length}), received (${rows.shape.join(',')})`);
      const out = new Float32Array(rows.size);
      for (const [d, of] of learnt.entries()) this.columnOf(rows, d).forEach((x, n) => (out[n * width + d] = scale(filled(x, of), of)));
      return samePart(tensor(out, rows.shape), rows);
    }
    if (!names) throw new SarafError('ERR_ARG', OP, 'expected a tensor, as the scaler has learnt from one, received a table');
    const table = rows instanceof Table ? rows : fromFrame(rows);
    const scaled = new Map(
      names.map((name, d) => {
        const of = learnt[d] as Learnt;
        const cells = this.numbers(table, name).map((x): Cell => {
          const y = scale(filled(x, of), of);
          return Number.isNaN(y) ? null : y;
        });
        return [name, cells];
      }),
    );
    return table.withColumns(scaled);
  }
}

function widthOf(x: Tensor): number {
  const [, width] = x.shape;
  if (x.shape.length !== 2 || !width)
    throw new SarafError(
      'ERR_SHAPE',
      OP,
      `expected x of shape (N,D), received (${x.shape.join(',')}); reshape it so that each column is a feature`,
    );
  return width;
}
