import type { Job } from '../suites/suite.js';
import type { Cases } from './contender.js';
import type { Tf } from './tfjs-api.js';
import { attention, conv, gemm, pool, recurrent } from './tfjs-ops.js';
import { predict, trainCnn, trainText } from './tfjs-models.js';
import { startupJob } from './startup-job.js';

/** What every backend of TensorFlow.js is asked to do. */
export function tfjsCases(tf: Tf): Cases {
  return {
    gemm: (inputs) => gemm(tf, inputs),
    conv: (inputs) => conv(tf, inputs),
    pool: (inputs) => pool(tf, inputs),
    recurrent: (inputs) => recurrent(tf, inputs),
    attention: (inputs) => attention(tf, inputs),
    'train-cnn': (inputs) => trainCnn(tf, inputs),
    'train-text': (inputs) => trainText(tf, inputs),
    predict: (inputs) => predict(tf, inputs),
  };
}

/** `ready`: code that leaves `tf` on the wanted backend. `folder` holds node_modules. */
export function tfjsStartup(ready: string, folder: string, folders: readonly string[]): () => Job {
  const script = `(async () => {
    ${ready}
    await tf.ready();
    report(tf.matMul(tf.tensor([1, 2], [1, 2]), tf.tensor([3, 4], [2, 1])).dataSync()[0]);
  })();`;
  return () => startupJob(script, folders, 'commonjs', folder);
}
