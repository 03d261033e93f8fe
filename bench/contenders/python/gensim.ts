import { unseenLoss } from '../../suites/word2vec.js';
import type { Contender } from '../contender.js';
import { pythonContender } from './python-contender.js';

const peer = pythonContender({
  name: 'gensim',
  title: 'gensim, as many workers as threads',
  framework: { name: 'gensim', title: 'gensim' },
  program: 'gensim_main.py',
  env: () => ({ OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }),
});

/** Word vectors alone: its tables come back, and their loss is what is compared. */
export const gensim: Contender = {
  ...peer,
  async load(threads) {
    const loaded = await peer.load(threads);
    if ('unavailable' in loaded) return loaded;
    const { word2vec } = loaded.cases;
    return {
      version: loaded.version,
      cases: {
        async word2vec(inputs) {
          const job = await (word2vec as NonNullable<typeof word2vec>)(inputs);
          const { input = [], output = [] } = (await job.check()) as Partial<Record<string, ArrayLike<number>>>;
          return { ...job, check: () => ({ loss: Float64Array.of(unseenLoss(inputs, input, output)) }) };
        },
      },
    };
  },
};
