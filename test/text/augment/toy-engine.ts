import type { AugmentationEngine, AugmentTask } from '../../../src/text/augment/engine.js';
import { randomSource } from '../../native/helpers.js';

/** An engine that marks what it was asked for. */
export function toyEngine(run?: (task: AugmentTask) => Promise<string[]>): AugmentationEngine {
  return {
    name: 'toy',
    operations: ['substitute', 'delete'],
    without: { insert: 'the toy cannot insert' },
    run:
      run ??
      (({ operation, texts, random, progress }) => {
        progress(texts.length);
        return Promise.resolve(texts.map((text, row) => (text === '' ? '' : `${text} ${operation}${random(row).integer(1000)}`)));
      }),
  };
}

/** Sentences in which the middle word follows from its neighbours: "saya makan nasi", "kamu minum teh". */
export function eatAndDrink(count: number, seed = 1): string[] {
  const next = randomSource(seed);
  const pick = (words: readonly string[]): string => words[Math.floor(next() * words.length)] as string;
  const people = 'saya kamu dia kami mereka'.split(' ');
  return Array.from({ length: count }, () =>
    next() < 0.5
      ? `${pick(people)} makan ${pick('nasi roti mie sate'.split(' '))} enak`
      : `${pick(people)} minum ${pick('teh kopi susu air'.split(' '))} segar`,
  );
}
