import { join } from 'node:path';
import type { Job } from '../suites/suite.js';
import type { Contender } from './contender.js';
import { conv, gemm, permute, recurrent, type OnnxCase } from './onnx-layers.js';
import { onnxModel } from './onnx-model.js';
import { predict } from './onnx-predict.js';
import { peerPackage, peersFolder } from './peer-package.js';
import { startupJob } from './startup-job.js';

/** The part of the package that is used. */
interface Ort {
  readonly Tensor: new (type: 'float32' | 'int32', data: Float32Array | Int32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<Readonly<Record<string, { readonly data: Float32Array }>>> }>;
  };
}

async function job(ort: Ort, threads: number, { nodes, constants, x, y, back, output = 'y' }: OnnxCase): Promise<Job> {
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' };
  const session = await ort.InferenceSession.create(onnxModel(nodes, constants, x, y), options);
  const feeds = { x: new ort.Tensor(x.values instanceof Int32Array ? 'int32' : 'float32', x.values, x.shape) };
  return {
    async check() {
      const values = Float32Array.from((await session.run(feeds))['y']?.data ?? []);
      return { [output]: back ? permute({ name: 'y', shape: y, values }, back).values : values };
    },
    async run() {
      await session.run(feeds);
    },
  };
}

/** ONNX Runtime's CPU provider. It does not train. */
export const onnxruntimeNode: Contender = {
  name: 'onnxruntime-node',
  title: 'ONNX Runtime, CPU',
  maxThreads: Number.POSITIVE_INFINITY,
  async load(threads) {
    const peer = 'onnxruntime-node';
    const installed = peerPackage<Ort>('onnxruntime-node', peer);
    if (!installed) return { unavailable: 'onnxruntime-node is not installed; npm run peers' };
    const ort = installed.module;
    const folder = join(peersFolder, peer);
    const tiny = gemm({
      shape: { name: 'tiny', M: 1, N: 1, K: 2 },
      a: Float32Array.of(1, 2),
      b: Float32Array.of(3, 4),
    });
    const model = Buffer.from(onnxModel(tiny.nodes, tiny.constants, tiny.x, tiny.y)).toString('base64');
    const script = `(async () => {
      const ort = require('onnxruntime-node');
      const session = await ort.InferenceSession.create(Buffer.from('${model}', 'base64'));
      report((await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [1, 2]) })).y.data[0]);
    })();`;
    return {
      version: `onnxruntime-node ${installed.version}, CPU`,
      cases: {
        gemm: (inputs) => job(ort, threads, gemm(inputs)),
        conv: (inputs) => job(ort, threads, conv(inputs)),
        recurrent: (inputs) => job(ort, threads, recurrent(inputs)),
        predict: (inputs) => job(ort, threads, predict(inputs)),
        startup: () => startupJob(script, [folder], 'commonjs', folder),
      },
    };
  },
};
