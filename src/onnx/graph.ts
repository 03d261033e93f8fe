import type { SymbolicShape } from '../layers/layer.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/tensor.js';
import { typeCode, type OnnxAttribute, type OnnxNode, type OnnxTensor, type OnnxType } from './proto.js';

/** A tensor of the graph by name, with what is known of its shape. */
export interface Sized {
  readonly name: string;
  readonly shape: SymbolicShape;
}

/** What passes between layers. */
export interface Value extends Sized {
  readonly dtype: OnnxType;
  /** bool, true where valid; null: everything is. */
  readonly mask: Sized | null;
}

/** A length: a number, or that of an axis, which is looked up when the model runs. */
export type Length = number | readonly [of: Sized, axis: number];

const INT64_MIN = -(2n ** 63n);
/** Stands for the end of an axis in Slice. */
export const END = 2 ** 31 - 1;

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Nodes and constants of an ONNX graph under construction. Names of what it makes begin with those of the layers around. */
export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  private readonly names = new Set<string>();
  private readonly known = new Map<string, string>();
  private readonly weights = new Map<Tensor, Map<string, string>>();
  private readonly scopes: string[] = [];

  /** Runs `make` with the name of a layer before all that it names. */
  within<T>(layer: string, make: () => T): T {
    this.scopes.push(layer);
    try {
      return make();
    } finally {
      this.scopes.pop();
    }
  }

  /** A name that is not taken; an exact one for inputs and outputs. */
  unique(base: string): string {
    let name = base;
    for (let n = 1; this.names.has(name); n++) name = `${base}_${n}`;
    this.names.add(name);
    return name;
  }

  /** Adds an operator with one output; gives its name. */
  op(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    return this.ops(op, inputs, 1, attributes)[0] as string;
  }

  /** Adds an operator with several outputs. */
  ops(op: string, inputs: readonly string[], outputs: number, attributes: Readonly<Record<string, OnnxAttribute>> = {}): string[] {
    const name = this.unique([...this.scopes, op].join('/'));
    const made = Array.from({ length: outputs }, (_, i) => this.unique(outputs === 1 ? `${name}:0` : `${name}:${i}`));
    this.nodes.push({ op, name, inputs, outputs: made, attributes });
    return made;
  }

  /** Gives a value a name of its own, as outputs need. */
  named(value: string, name: string): void {
    this.nodes.push({ op: 'Identity', name: this.unique(`${name}/Identity`), inputs: [value], outputs: [name], attributes: {} });
  }

  /** A float32 number. */
  float(value: number): string {
    return this.small(`float ${Object.is(value, -0) ? '-0' : value}`, 'float32', [], Float32Array.of(value));
  }

  /** An int64 number, as shapes have it. */
  int(value: number): string {
    return this.small(`int ${value}`, 'int64', [], BigInt64Array.of(BigInt(value)));
  }

  /** A list of int64; `-Infinity` is the least one. */
  ints(values: readonly number[]): string {
    const list = values.map((v) => (v === -Infinity ? INT64_MIN : BigInt(v)));
    return this.small(`ints ${values.join()}`, 'int64', [values.length], BigInt64Array.from(list));
  }

  /** Values that only this layer uses. */
  floats(label: string, values: ArrayLike<number>, dims: Shape): string {
    return this.constant([...this.scopes, label].join('/'), 'float32', dims, Float32Array.from(values));
  }

  /** The same in double precision. */
  doubles(label: string, values: ArrayLike<number>, dims: Shape): string {
    return this.constant([...this.scopes, label].join('/'), 'float64', dims, Float64Array.from(values));
  }

  /**
   * A weight, in the layout that `form` gives it: once, however many calls use it. `how` names the layout.
   */
  weight(
    label: string,
    value: Tensor,
    how = '',
    form?: (values: Float32Array, shape: Shape) => { values: Float32Array; dims: Shape },
  ): string {
    const forms = this.weights.get(value) ?? new Map<string, string>();
    this.weights.set(value, forms);
    const before = forms.get(how);
    if (before !== undefined) return before;
    const values = Float32Array.from(value.data());
    const { values: own, dims } = form ? form(values, value.shape) : { values, dims: value.shape };
    const name = this.constant([...this.scopes, label].join('/'), 'float32', dims, own);
    forms.set(how, name);
    return name;
  }

  /** A list of lengths as a tensor, for Reshape and Expand; −1 leaves one to Reshape. */
  lengths(list: readonly Length[]): string {
    const parts = list.map((length): number | string => {
      if (typeof length === 'number') return length;
      const [of, axis] = length;
      return of.shape[axis] ?? this.op('Shape', [of.name], { start: axis, end: axis + 1 });
    });
    if (parts.every((p) => typeof p === 'number')) return this.ints(parts as number[]);
    return this.op(
      'Concat',
      parts.map((p) => (typeof p === 'number' ? this.ints([p]) : p)),
      { axis: 0 },
    );
  }

  reshape(x: string, list: readonly Length[]): string {
    return this.op('Reshape', [x, this.lengths(list)], { allowzero: 1 });
  }

  cast(x: string, to: OnnxType): string {
    return this.op('Cast', [x], { to: typeCode(to) });
  }

  transpose(x: string, perm: readonly number[]): string {
    return perm.every((axis, i) => axis === i) ? x : this.op('Transpose', [x], { perm });
  }

  unsqueeze(x: string, ...axes: readonly number[]): string {
    return this.op('Unsqueeze', [x, this.ints(axes)]);
  }

  squeeze(x: string, ...axes: readonly number[]): string {
    return this.op('Squeeze', [x, this.ints(axes)]);
  }

  /** ReduceMean and its like. */
  reduce(op: string, x: string, axes: readonly number[], keepdims = true): string {
    return this.op(op, [x, this.ints(axes)], { keepdims: Number(keepdims) });
  }

  /** Reverses the order along an axis. */
  reverse(x: string, axis: number): string {
    return this.op('Slice', [x, this.ints([-1]), this.ints([-Infinity]), this.ints([axis]), this.ints([-1])]);
  }

  private small(key: string, type: OnnxType, dims: Shape, values: ArrayBufferView): string {
    let name = this.known.get(key);
    if (name === undefined) {
      name = this.constant(key.replaceAll(' ', '_'), type, dims, values);
      this.known.set(key, name);
    }
    return name;
  }

  private constant(label: string, type: OnnxType, dims: Shape, values: ArrayBufferView): string {
    const name = this.unique(label);
    this.constants.push({ name, dims, type, bytes: bytesOf(values) });
    return name;
  }
}

/** Values with their axes in another order. */
export function transposed(values: Float32Array, shape: Shape, order: readonly number[]): { values: Float32Array; dims: Shape } {
  const dims = order.map((axis) => shape[axis] as number);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    let [rest, from] = [i, 0];
    for (let k = dims.length - 1; k >= 0; k--) {
      from += (rest % (dims[k] as number)) * (strides[order[k] as number] as number);
      rest = Math.floor(rest / (dims[k] as number));
    }
    out[i] = values[from] as number;
  }
  return { values: out, dims };
}
