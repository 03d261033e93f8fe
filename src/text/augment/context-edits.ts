import type { Philox } from '../../tensor/random.js';
import type { AugmentTask } from './engine.js';
import { countOf, drawPlaces, wordsOf } from './words.js';

/** Words that may stand at a hidden place, with weights of any sum. */
export interface Candidate {
  readonly word: string;
  readonly probability: number;
}

/** A place in a text: its word hidden, or between two words. */
export interface HiddenPlace {
  readonly words: readonly string[];
  /** Words before the place. */
  readonly at: number;
  /** The word that stands there; null between words. */
  readonly hidden: string | null;
}

/** Candidates for many places; each place is judged with all other words of its text as they were. */
export type Predict = (places: readonly HiddenPlace[], progress: (done: number) => void) => Promise<readonly (readonly Candidate[])[]>;

/** Replaces words by others that fit, or adds words, as `predict` sees them. */
export async function editByContext({ operation, texts, share, random, progress }: AugmentTask, predict: Predict): Promise<string[]> {
  const inserts = operation === 'insert';
  const plans = texts.map((text, row) => {
    const words = wordsOf(text);
    const generator = random(row);
    const places = drawPlaces(generator, words.length + (inserts && words.length > 0 ? 1 : 0), countOf(words.length, share));
    return { words, generator, places };
  });
  const hidden = plans.flatMap(({ words, places }) =>
    places.map((at): HiddenPlace => ({ words, at, hidden: inserts ? null : (words[at] as string) })),
  );
  const candidates = await predict(hidden, (done) => progress(hidden.length === 0 ? 0 : Math.floor((done * texts.length) / hidden.length)));
  let next = 0;
  const edited = plans.map(({ words, generator, places }, row) => {
    const chosen = new Map<number, string>();
    for (const at of places) {
      const word = draw(candidates[next] ?? [], hidden[next]?.hidden ?? null, generator);
      if (word !== null) chosen.set(at, word);
      next++;
    }
    if (chosen.size === 0) return texts[row] as string;
    if (!inserts) return words.map((word, at) => chosen.get(at) ?? word).join(' ');
    return Array.from({ length: words.length + 1 }, (_, at) => [chosen.get(at), words[at]].filter((word) => word !== undefined))
      .flat()
      .join(' ');
  });
  progress(texts.length);
  return edited;
}

/** One of the candidates by their weights, never the hidden word itself; null if there is no other. */
function draw(candidates: readonly Candidate[], hidden: string | null, random: Philox): string | null {
  const others = candidates.filter(({ word }) => word !== hidden);
  const sum = others.reduce((total, { probability }) => total + probability, 0);
  let point = random.uniform() * sum;
  for (const { word, probability } of others) {
    point -= probability;
    if (point < 0) return word;
  }
  return others[0]?.word ?? null;
}
