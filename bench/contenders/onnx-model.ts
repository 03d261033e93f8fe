// Only what the bench's models need of the format (onnx.proto3): messages of numbered fields, integers and byte strings.

const bytes = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Uint8Array.from(out);
}

const integer = (field: number, value: number): Uint8Array => bytes(varint(field * 8), varint(value));
const block = (field: number, body: Uint8Array): Uint8Array => bytes(varint(field * 8 + 2), varint(body.length), body);
const text = (field: number, value: string): Uint8Array => block(field, Buffer.from(value, 'utf8'));

/** A tensor of the model: x, or one of its constants. */
export interface OnnxArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** TensorProto.DataType: FLOAT 1, INT32 6. */
const typeOf = ({ values }: OnnxArray): number => (values instanceof Int32Array ? 6 : 1);

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

/** AttributeProto: name 1, i 3, s 4, ints 8, type 20 (INT 2, STRING 3, INTS 7). */
function attribute(name: string, value: number | string | readonly number[]): Uint8Array {
  if (typeof value === 'number') return bytes(text(1, name), integer(3, value), integer(20, 2));
  if (typeof value === 'string') return bytes(text(1, name), text(4, value), integer(20, 3));
  return bytes(text(1, name), ...value.map((v) => integer(8, v)), integer(20, 7));
}

function node({ op, inputs, outputs, attributes = {} }: OnnxNode): Uint8Array {
  const list = Object.entries(attributes).map(([name, value]) => block(5, attribute(name, value)));
  return bytes(...inputs.map((i) => text(1, i)), ...outputs.map((o) => text(2, o)), text(4, op), ...list);
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9. */
function constant(array: OnnxArray): Uint8Array {
  const { name, shape, values } = array;
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return bytes(...shape.map((d) => integer(1, d)), integer(2, typeOf(array)), text(8, name), block(9, raw));
}

/** ValueInfoProto: name 1, type 2 → tensor_type 1 → elem_type 1, shape 2 → dim 1 → dim_value 1. */
function value(name: string, shape: readonly number[], type: number): Uint8Array {
  const dims = bytes(...shape.map((d) => block(1, integer(1, d))));
  return bytes(text(1, name), block(2, block(1, bytes(integer(1, type), block(2, dims)))));
}

/** A model of one input x and one output y in float32, operators of version 17. */
export function onnxModel(nodes: readonly OnnxNode[], constants: readonly OnnxArray[], x: OnnxArray, y: readonly number[]): Uint8Array {
  const graph = bytes(
    ...nodes.map((n) => block(1, node(n))),
    text(2, 'bench'),
    ...constants.map((c) => block(5, constant(c))),
    block(11, value('x', x.shape, typeOf(x))),
    block(12, value('y', y, 1)),
  );
  return bytes(integer(1, 8), block(7, graph), block(8, bytes(text(1, ''), integer(2, 17))));
}
