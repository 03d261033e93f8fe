import { join } from 'node:path';
import { createRequire } from 'node:module';
import type { Contender } from './contender.js';
import { peerPackage, peersFolder } from './peer-package.js';
import type { Tf } from './tfjs-api.js';
import { tfjsCases, tfjsStartup } from './tfjs-cases.js';

// Node 23 took both functions away; this package, last published before that, still calls them.
const POLYFILL = `const util = require('node:util'); util.isNullOrUndefined ??= (v) => v == null; util.isArray ??= Array.isArray;`;

/** TensorFlow.js over the TensorFlow C library. */
export const tfjsNode: Contender = {
  name: 'tfjs-node',
  title: 'TensorFlow.js, TensorFlow C library',
  maxThreads: Number.POSITIVE_INFINITY,
  // A step of a layer is too small a graph for its threads.
  singleThreaded: ['recurrent'],
  async load(threads) {
    // The library reads them when it is loaded.
    process.env['TF_CPP_MIN_LOG_LEVEL'] = '3';
    process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
    process.env['TF_NUM_INTEROP_THREADS'] = '1';
    process.env['OMP_NUM_THREADS'] = String(threads);
    const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
    util['isNullOrUndefined'] ??= (v: unknown) => v === null || v === undefined;
    util['isArray'] ??= Array.isArray;
    const package_ = peerPackage<Tf>('@tensorflow/tfjs-node', 'tfjs-node');
    if (!package_) return { unavailable: '@tensorflow/tfjs-node is not installed; npm run peers' };
    const tf = package_.module;
    await tf.ready();
    if (tf.getBackend() !== 'tensorflow') return { unavailable: `expected its TensorFlow backend, received ${tf.getBackend()}` };
    const library = tf.backend().binding?.TF_Version ?? 'of unknown version';
    const folder = join(peersFolder, 'tfjs-node');
    const startup = tfjsStartup(`${POLYFILL} const tf = require('@tensorflow/tfjs-node');`, folder, [folder]);
    return { version: `@tensorflow/tfjs-node ${package_.version}, TensorFlow ${library}`, cases: { ...tfjsCases(tf), startup } };
  },
};
