import { join } from 'node:path';
import type { Contender } from './contender.js';
import { benchFolder, peerPackage } from './peer-package.js';
import type { Tf } from './tfjs-api.js';
import { tfjsCases, tfjsStartup } from './tfjs-cases.js';

/** TensorFlow.js in plain JavaScript: what `npm install @tensorflow/tfjs` gives. */
export const tfjsCpu: Contender = {
  name: 'tfjs-cpu',
  title: 'TensorFlow.js, plain JavaScript',
  maxThreads: 1,
  neverFastest: true,
  async load() {
    const tfjs = peerPackage<Tf>('@tensorflow/tfjs');
    if (!tfjs) return { unavailable: '@tensorflow/tfjs is not installed in bench/' };
    const tf = tfjs.module;
    await tf.setBackend('cpu');
    await tf.ready();
    const startup = tfjsStartup(`const tf = require('@tensorflow/tfjs'); await tf.setBackend('cpu');`, benchFolder, [
      join(benchFolder, 'node_modules'),
    ]);
    return { version: `@tensorflow/tfjs ${tf.version['tfjs'] ?? ''}, cpu backend`, cases: { ...tfjsCases(tf), startup } };
  },
};
