import { SarafError } from '../errors.js';
import type { Experiment } from './experiment.js';
import { cifar10Cnn } from './catalog/cifar10-cnn.js';
import { halodocCnnBilstm } from './catalog/halodoc-cnn-bilstm.js';
import { hateSpeechLstmTransformer } from './catalog/hate-speech-lstm-transformer.js';
import { newsCLstm } from './catalog/news-c-lstm.js';
import { nusaxLstm } from './catalog/nusax-lstm.js';
import { nusaxRnn } from './catalog/nusax-rnn.js';

/** Every published experiment that saraf can run again. */
export const experiments: readonly Experiment[] = [cifar10Cnn, nusaxLstm, nusaxRnn, hateSpeechLstmTransformer, halodocCnnBilstm, newsCLstm];

/** The experiment of that name. Throws ERR_ARG naming those there are. */
export function findExperiment(id: string, among: readonly Experiment[] = experiments): Experiment {
  const found = among.find((e) => e.id === id);
  if (!found) {
    throw new SarafError(
      'ERR_ARG',
      'reproduce',
      `expected an experiment (${among.map((e) => e.id).join(', ')}), received ${JSON.stringify(id)}; saraf reproduce --list shows them`,
    );
  }
  return found;
}
