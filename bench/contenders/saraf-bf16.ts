import { setThreads } from '../../src/index.js';
import { loadAddon } from '../../src/backend/native.js';
import type { Job } from '../suites/suite.js';
import type { Contender } from './contender.js';
import { BF16_TOLERANCE } from './bf16-tolerance.js';
import { sarafBuild } from './saraf.js';
import { sarafTrainCnn, sarafTrainText } from './saraf-models.js';

const rounded = (job: Job): Job => ({ ...job, tolerance: BF16_TOLERANCE });

/** The same training steps with `precision: 'bfloat16'`, beside autocast. */
export const sarafBf16: Contender = {
  name: 'saraf-bf16',
  title: "saraf, precision: 'bfloat16'",
  maxThreads: Number.POSITIVE_INFINITY,
  reduced: true,
  load(threads) {
    setThreads(threads);
    const { native } = loadAddon();
    const absent = native.bf16Absent();
    if (absent !== null) return Promise.resolve({ unavailable: absent });
    return Promise.resolve({
      version: `${sarafBuild()}, ${native.bf16Set()} products, ${native.isa()} kernels`,
      cases: {
        'train-cnn': (inputs) => rounded(sarafTrainCnn(inputs, 'bfloat16')),
        'train-text': (inputs) => rounded(sarafTrainText(inputs, 'bfloat16')),
      },
    });
  },
};
