import { Word2Vec } from '../../src/index.js';
import type { Job } from '../suites/suite.js';
import { sentencesOf, WORD2VEC, type Word2VecInputs } from '../suites/word2vec.js';

/** From sentences to vectors, as everyone calls it. */
export function sarafWord2Vec({ shape, text, unseen }: Word2VecInputs): Job {
  const sentences = sentencesOf(text);
  const { window, negative, sample, minCount } = WORD2VEC;
  const model = new Word2Vec({ mode: shape.mode, vectorSize: shape.D, epochs: shape.epochs, window, negative, sample, minCount, seed: 1 });
  const run = async (): Promise<void> => void (await model.fit(sentences, { verbose: 0 }));
  return {
    async check() {
      await run();
      return { loss: Float64Array.of(model.loss(sentencesOf(unseen))) };
    },
    run,
  };
}
