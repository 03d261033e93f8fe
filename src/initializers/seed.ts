import { SarafError } from '../errors.js';
import type { RandomKey } from '../backend/backend.js';

/** The largest seed: seeds are 32-bit words of the generator's key. */
const MAX_SEED = 0xffffffff;

let globalSeed = 0;
let nextStream = 0;

/** Throws ERR_ARG unless `seed` is an integer in [0, 2³²). */
export function checkSeed(op: string, seed: number): number {
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) {
    throw new SarafError('ERR_ARG', op, `expected seed to be an integer in [0, ${MAX_SEED}], received ${String(seed)}`);
  }
  return seed;
}

/**
 * Sets the seed of everything random: initial weights, dropout, shuffling.
 *
 * Each place that draws takes the next stream of this seed, so the same program with the same seed gives the same bits on
 * every machine. Without a call the seed is 0: results repeat until another seed is asked for.
 * Throws: ERR_ARG if seed is no integer in [0, 2³²).
 * Example: setSeed(42)
 */
export function setSeed(seed: number): void {
  globalSeed = checkSeed('setSeed', seed);
  nextStream = 0;
}

/** The seed in force. */
export function getSeed(): number {
  return globalSeed;
}

/** The key of one more draw site of the global seed. */
export function nextKey(): RandomKey {
  return { seed: globalSeed, stream: nextStream++ };
}

/** Draw sites kept for a model that draws later. */
const RESERVED = 4096;

/** Sets draw sites of the global seed aside for a model whose weights are drawn later, when its input shape is known. */
export function reserveKeys(): RandomKey {
  const first = { seed: globalSeed, stream: nextStream };
  nextStream += RESERVED;
  return first;
}

/** The key that `nextKey` would give: where the global seed's draws are. For `goOnAt`. */
export function placeOfDraws(): RandomKey {
  return { seed: globalSeed, stream: nextStream };
}

/** Puts the global seed and its draws back where they were. */
export function goOnAt(place: RandomKey): void {
  globalSeed = place.seed;
  nextStream = place.stream;
}

/** Runs `work` with the draw sites that `reserveKeys` set aside: it draws what it would have drawn then. */
export function withReservedKeys<T>(first: RandomKey, work: () => T): T {
  const kept = placeOfDraws();
  goOnAt(first);
  try {
    return work();
  } finally {
    goOnAt(kept);
  }
}

/** Runs `work` under a seed of its own and puts the global seed back as it was. */
export function withSeed<T>(seed: number, work: () => T): T {
  const kept = placeOfDraws();
  setSeed(seed);
  try {
    return work();
  } finally {
    goOnAt(kept);
  }
}
