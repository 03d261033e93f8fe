import { join } from 'node:path';
import type { Contender } from './contender.js';
import { benchFolder, peerPackage } from './peer-package.js';
import type { Tf } from './tfjs-api.js';
import { tfjsCases, tfjsStartup } from './tfjs-cases.js';

interface WasmBackend {
  setWasmPaths(folder: string): void;
  getThreadsCount(): number;
}

/** TensorFlow.js on WebAssembly with SIMD. Its threads are web workers started from blobs, which Node does not have. */
export const tfjsWasm: Contender = {
  name: 'tfjs-wasm',
  title: 'TensorFlow.js, WebAssembly',
  maxThreads: 1,
  neverFastest: true,
  async load() {
    const tfjs = peerPackage<Tf>('@tensorflow/tfjs');
    const wasm = peerPackage<WasmBackend>('@tensorflow/tfjs-backend-wasm');
    if (!tfjs || !wasm) return { unavailable: '@tensorflow/tfjs or @tensorflow/tfjs-backend-wasm is not installed in bench/' };
    const tf = tfjs.module;
    const files = join(wasm.folder, 'dist', '/');
    wasm.module.setWasmPaths(files);
    if (!(await tf.setBackend('wasm'))) return { unavailable: 'its WebAssembly backend does not start here' };
    await tf.ready();
    const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true ? 'SIMD' : 'no SIMD';
    const startup = tfjsStartup(
      `const tf = require('@tensorflow/tfjs'); const wasm = require('@tensorflow/tfjs-backend-wasm');
       wasm.setWasmPaths(${JSON.stringify(files)}); await tf.setBackend('wasm');`,
      benchFolder,
      [join(benchFolder, 'node_modules')],
    );
    return { version: `@tensorflow/tfjs ${tf.version['tfjs'] ?? ''}, wasm backend, ${simd}`, cases: { ...tfjsCases(tf), startup } };
  },
};
