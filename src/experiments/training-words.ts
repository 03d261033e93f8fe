import { countedWords } from '../text/count-words.js';
import type { Prepared } from './experiment.js';
import type { ReadyExperiment } from './jobs.js';

/** The most frequent words of each class. */
export interface ClassWords {
  readonly name: string;
  /** How many texts the class has. */
  readonly texts: number;
  readonly words: readonly (readonly [word: string, count: number])[];
}

/** What stands in the texts that the cells of a factor are trained on. */
export interface TrainingWords {
  readonly factor: string;
  readonly title: string;
  readonly classes: readonly ClassWords[];
}

const MOST_CLASSES = 6;
const MOST_WORDS = 40;

/**
 * Words of the training texts by class, stop words left out: of each factor's first cell, the leak-free one where there is one, each set of
 * texts once; before it was resampled. None for images, or for more classes than clouds can show side by side.
 */
export function trainingWords({ plan, cells, loaded }: ReadyExperiment): TrainingWords[] {
  const { classNames } = loaded;
  if (classNames.length > MOST_CLASSES) return [];
  const seen = new Set<Prepared>();
  return plan.experiment.factors.flatMap(({ name, title }): TrainingWords[] => {
    const own = cells.filter(({ cell }) => cell.factor === name);
    const first = own.find(({ cell }) => cell.protocol === 'leak-free') ?? own[0];
    // Words as people used them, not as often as over-sampling repeats them.
    const texts = first?.prepared.unsampled?.texts ?? first?.prepared.audited.train.texts;
    if (!first || texts === undefined || seen.has(first.prepared)) return [];
    seen.add(first.prepared);
    const { labels } = first.prepared.unsampled ?? first.prepared.train;
    const classes = classNames.map((className, k): ClassWords => {
      const ofClass = texts.filter((_, row) => labels[row] === k);
      return { name: className, texts: ofClass.length, words: countedWords(ofClass, {}).slice(0, MOST_WORDS) };
    });
    const shown = classes.filter((c) => c.words.length > 0);
    return shown.length === 0 ? [] : [{ factor: name, title, classes: shown }];
  });
}
