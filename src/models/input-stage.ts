import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { showShape } from '../layers/checks.js';
import { onHost } from '../losses/host.js';
import type { DType } from '../backend/backend.js';
import type { SymbolicShape } from '../layers/layer.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Workspace } from './workspace.js';

/** What a model expects of one input. */
export interface InputSpec {
  readonly name: string;
  /** With the batch axis; null when the shape was taken from data and the layers check it. */
  readonly shape: SymbolicShape | null;
  /** null: int32 stays, everything else becomes float32. */
  readonly dtype: DType | null;
}

/** Where a batch came from, for messages. */
export interface BatchPlace {
  /** From 0. */
  readonly batch: number;
  /** Rows of the data set that make the batch. */
  readonly indices: Int32Array | null;
}

/** Checks inputs of one batch against what the model expects and gives them the expected dtype. */
export class InputStage {
  private readonly specs: readonly InputSpec[];
  private readonly memory: Workspace;

  constructor(specs: readonly InputSpec[], memory: Workspace) {
    this.specs = specs;
    this.memory = memory;
  }

  /**
   * Throws: ERR_ARG for a wrong number of inputs, ERR_SHAPE for a wrong shape, ERR_DTYPE for fractions where whole
   * numbers are expected, ERR_DATA for NaN or infinity, naming batch, row and position.
   */
  prepare(op: string, x: readonly Tensor[], place: BatchPlace): Tensor[] {
    if (x.length !== this.specs.length) {
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected ${this.specs.length} input${this.specs.length === 1 ? '' : 's'} (${this.specs.map((s) => s.name).join(', ')}), received ${x.length}`,
      );
    }
    return x.map((t, i) => {
      const spec = this.specs[i] as InputSpec;
      checkShape(op, spec, t);
      checkFinite(op, 'x', t, place);
      const wanted = spec.dtype ?? (t.dtype === 'int32' ? 'int32' : 'float32');
      return t.dtype === wanted ? t : this.cast(op, t, wanted, i);
    });
  }

  private cast(op: string, t: Tensor, dtype: DType, i: number): Tensor {
    const out = this.memory.buffer(`input${i}`, t.shape, dtype);
    if (t.dtype === 'uint8' && dtype === 'float32') {
      backend().bytesToFloat(t.storage, out.storage, 1);
      return out;
    }
    const values = t.data();
    if (dtype === 'int32' || dtype === 'uint8') {
      const wrong = values.findIndex((v: number) => !Number.isInteger(v));
      if (wrong >= 0)
        throw new SarafError(
          'ERR_DTYPE',
          op,
          `expected whole numbers (${dtype}) for input ${this.specs[i]?.name}, received ${values[wrong]}; encode the data as numbers of tokens or classes`,
        );
    }
    onHost(out, (to) => to.set(values));
    return out;
  }
}

function checkShape(op: string, spec: InputSpec, t: Tensor): void {
  const { shape } = spec;
  if (!shape) return;
  if (t.rank === shape.length && t.shape.every((n, i) => shape[i] == null || shape[i] === n)) return;
  const fits = (candidate: readonly number[]): boolean =>
    candidate.length === shape.length && candidate.every((n, i) => shape[i] == null || shape[i] === n);
  const advice = fits([1, ...t.shape])
    ? '; add the batch axis with x.expandDims(0)'
    : fits([...t.shape, 1])
      ? '; add the last axis with x.expandDims(-1)'
      : '; reshape the data or change the input shape of the model';
  throw new SarafError(
    'ERR_SHAPE',
    op,
    `expected input ${spec.name} of shape ${showShape(shape)}, received ${showShape(t.shape)}${advice}`,
  );
}

/** Throws ERR_DATA at the first value that is NaN or infinite, saying where it is. */
export function checkFinite(op: string, name: string, t: Tensor, place: BatchPlace): void {
  if (t.dtype === 'int32' || t.dtype === 'uint8') return;
  const values = t.data();
  // v − v is 0 for a finite number and NaN for any other: one pass without branches, the search only when something is wrong.
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    sum += v - v;
  }
  if (sum === 0) return;
  const at = values.findIndex((v: number) => !Number.isFinite(v));
  const rows = t.shape[0] ?? 1;
  const perRow = values.length / rows;
  const row = Math.floor(at / perRow);
  const dataRow = place.indices?.[row];
  throw new SarafError(
    'ERR_DATA',
    op,
    `expected finite numbers in ${name}, received ${values[at]} at batch ${place.batch}, row ${row}${dataRow === undefined ? '' : ` (row ${dataRow} of the data)`}, column ${at % perRow}; fill or drop missing values first`,
  );
}
