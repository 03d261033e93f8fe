import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OnnxPort } from '../../src/onnx/proto.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';

type Values = Float32Array | Int32Array | Uint8Array;
interface OrtTensor {
  readonly data: Values;
  readonly dims: readonly number[];
  readonly type: string;
}
interface Ort {
  readonly Tensor: new (type: string, data: Values, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<Readonly<Record<string, OrtTensor>>>; release(): Promise<void> }>;
  };
}

/** A folder with node_modules/onnxruntime-node, or where the bench keeps it. */
const folders = [process.env['SARAF_ONNXRUNTIME'], join(import.meta.dirname, '..', '..', 'bench', '.cache', 'peers', 'onnxruntime-node')];
const found = folders.find((f): f is string => f !== undefined && existsSync(join(f, 'node_modules', 'onnxruntime-node', 'package.json')));

/** Why there is no ONNX Runtime, or null if there is. */
export const noOnnxRuntime = found
  ? null
  : 'no onnxruntime-node: set SARAF_ONNXRUNTIME to a folder where it is installed, or npm run peers';

let loaded: Ort | null = null;

/** Runs a model in ONNX Runtime; outputs in their order. */
export async function runOnnx(model: Uint8Array, ports: readonly OnnxPort[], inputs: readonly Tensor[]): Promise<Tensor[]> {
  const ort = (loaded ??= createRequire(join(found as string, 'package.json'))('onnxruntime-node') as Ort);
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  try {
    const feeds = Object.fromEntries(
      ports.map(({ name, type }, i): [string, OrtTensor] => {
        const x = inputs[i] as Tensor;
        const values = x.data();
        const data = type === 'float32' ? Float32Array.from(values) : type === 'int32' ? Int32Array.from(values) : Uint8Array.from(values);
        return [name, new ort.Tensor(type, data, x.shape)];
      }),
    );
    return Object.values(await session.run(feeds)).map(({ data, dims, type }) =>
      tensor(type === 'bool' ? Uint8Array.from(data) : data, dims),
    );
  } finally {
    await session.release();
  }
}
