import type { IField, Type } from 'protobufjs';

/** Types of tensors in a graph. */
export type OnnxType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool';

/** TensorProto.DataType. */
const TYPES: Record<OnnxType, number> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 };

/** The number of a type, as the attribute `to` of Cast takes it. */
export const typeCode = (type: OnnxType): number => TYPES[type];

/** A constant of the graph. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: OnnxType;
  readonly bytes: Uint8Array;
}

/** A number is an INT, unless wrapped as { float }: JavaScript cannot tell 1 from 1.0. */
export type OnnxAttribute =
  number | string | { readonly float: number } | readonly number[] | readonly string[] | { readonly floats: readonly number[] };

export interface OnnxNode {
  readonly op: string;
  readonly name: string;
  /** '' leaves an optional input or output out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or output; a size that is not known has a name. */
export interface OnnxPort {
  readonly name: string;
  readonly type: OnnxType;
  readonly dims: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

/** The operators' version, which ONNX Runtime knows since 1.14, and the format's. */
export const OPSET = 18;
const IR_VERSION = 8;
/** A message holds no more; larger weights would need files beside. */
export const MOST_BYTES = 2 ** 31 - 1;

const field = (id: number, type: string, rule?: 'repeated'): IField => ({ id, type, ...(rule ? { rule } : {}) });

/** What is written of onnx.proto3. */
const SCHEMA = {
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        opsetImport: field(8, 'OperatorSetIdProto', 'repeated'),
        producerName: field(2, 'string'),
        graph: field(7, 'GraphProto'),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    GraphProto: {
      fields: {
        node: field(1, 'NodeProto', 'repeated'),
        name: field(2, 'string'),
        initializer: field(5, 'TensorProto', 'repeated'),
        input: field(11, 'ValueInfoProto', 'repeated'),
        output: field(12, 'ValueInfoProto', 'repeated'),
      },
    },
    NodeProto: {
      fields: {
        input: field(1, 'string', 'repeated'),
        output: field(2, 'string', 'repeated'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: field(5, 'AttributeProto', 'repeated'),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        floats: field(7, 'float', 'repeated'),
        ints: field(8, 'int64', 'repeated'),
        strings: field(9, 'bytes', 'repeated'),
        type: field(20, 'int32'),
      },
    },
    TensorProto: {
      fields: { dims: field(1, 'int64', 'repeated'), dataType: field(2, 'int32'), name: field(8, 'string'), rawData: field(9, 'bytes') },
    },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    TypeProto: {
      fields: { tensorType: field(1, 'Tensor') },
      nested: {
        Tensor: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
      },
    },
    TensorShapeProto: {
      fields: { dim: field(1, 'Dimension', 'repeated') },
      nested: { Dimension: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } } },
    },
  },
};

const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');

function attribute(name: string, value: OnnxAttribute): object {
  if (typeof value === 'number') return { name, i: value, type: 2 };
  if (typeof value === 'string') return { name, s: text(value), type: 3 };
  if ('float' in value) return { name, f: value.float, type: 1 };
  if ('floats' in value) return { name, floats: value.floats, type: 6 };
  return typeof value[0] === 'string'
    ? { name, strings: (value as readonly string[]).map(text), type: 8 }
    : { name, ints: value as readonly number[], type: 7 };
}

const port = ({ name, type, dims }: OnnxPort): object => ({
  name,
  type: {
    tensorType: {
      elemType: TYPES[type],
      shape: { dim: dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) },
    },
  },
});

let messages: Promise<Type> | null = null;

/** Loaded when a model is first written: most programs never do. */
async function modelMessage(): Promise<Type> {
  const { default: protobuf } = await import('protobufjs/light.js');
  return protobuf.Root.fromJSON(SCHEMA).lookupType('ModelProto');
}

/** A model as a file of the ONNX format. */
export async function encodeOnnx({ name, nodes, constants, inputs, outputs }: OnnxModel): Promise<Uint8Array> {
  const message = await (messages ??= modelMessage());
  return message
    .encode({
      irVersion: IR_VERSION,
      producerName: 'saraf',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name,
        node: nodes.map((n) => ({
          input: n.inputs,
          output: n.outputs,
          name: n.name,
          opType: n.op,
          attribute: Object.entries(n.attributes).map(([key, value]) => attribute(key, value)),
        })),
        initializer: constants.map((c) => ({ dims: c.dims, dataType: TYPES[c.type], name: c.name, rawData: c.bytes })),
        input: inputs.map(port),
        output: outputs.map(port),
      },
    })
    .finish();
}
