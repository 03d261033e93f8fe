import { SarafError } from '../errors.js';
import { cifar10 } from './sets/cifar-10.js';
import { clickid } from './sets/clickid.js';
import { halodocReviews } from './sets/halodoc-reviews.js';
import { idHateSpeech } from './sets/id-hate-speech.js';
import { emot, smsa } from './sets/indonlu.js';
import { nusaxSenti } from './sets/nusax-senti.js';
import type { DataSet } from './data-set.js';

/** Every data set that saraf knows how to find, by name. */
export const dataSets: readonly DataSet[] = [nusaxSenti, cifar10, idHateSpeech, halodocReviews, clickid, smsa, emot];

/** The data set of that name. Throws ERR_ARG naming those there are. */
export function dataSet(id: string): DataSet {
  const found = dataSets.find((set) => set.id === id);
  if (!found) {
    throw new SarafError('ERR_ARG', 'data', `expected one of ${dataSets.map((set) => set.id).join(', ')}, received ${JSON.stringify(id)}`);
  }
  return found;
}
