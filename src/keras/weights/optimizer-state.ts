import type { Weight } from '../../layers/layer.js';
import type { Optimizer } from '../../optimizers/optimizer.js';
import type { Problems } from '../problems.js';
import { oldSlotGroups, scalarsBehind, slotSequence, stateGroups, stateNames } from './slot-order.js';
import type { Assignment, StoredArray } from './stored.js';

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Slots of an optimizer's weights, as the file's arrays lie: one weight after the other, or one slot after the other. */
export interface OptimizerState {
  readonly iterations: number;
  readonly assignments: readonly Assignment[];
}

/**
 * Finds the step count and the slots of each weight among an optimizer's arrays. `weights` are the trainable ones in Keras' order.
 *
 * Keras 3 puts a weight's slots side by side (Adam) or one slot of all weights after the other (RMSprop, and Keras before 2.11);
 * shapes tell which, and names where shapes do not.
 */
export async function optimizerState(
  arrays: readonly { name: string; stored: StoredArray }[],
  optimizer: Optimizer,
  weights: readonly Weight[],
  problems: Problems,
): Promise<OptimizerState> {
  const none = { iterations: 0, assignments: [] };
  const [first, ...rest] = arrays;
  if (!first) return none;
  if (!first.stored.isNumeric || sizeOf(first.stored.shape) !== 1) {
    problems.add('optimizer', `expected the number of steps first, received ${first.name}`);
    return none;
  }
  const iterations = Number((await first.stored.numbers())[0]);
  if (!Number.isSafeInteger(iterations) || iterations < 0) {
    problems.add('optimizer', `expected the number of steps, received ${iterations}`);
    return none;
  }
  const slotNames = stateNames(optimizer);
  const wanted = slotNames.length * weights.length;
  const usual = slotSequence(stateGroups(optimizer), weights.length);
  const old = slotSequence(oldSlotGroups(slotNames.length), weights.length);
  // Scalars may stand before the slots (the learning rate where it is no schedule) and behind them (Nadam's product in Keras 3).
  const endingAt = (end: number): typeof rest => rest.slice(Math.max(0, end - wanted), Math.max(0, end));
  const fitting = (slots: typeof rest, sequence: typeof usual): boolean =>
    sequence.every(({ weight }, at) => slots[at]?.stored.shape.join() === weights[weight]?.value.shape.join());
  const behind = scalarsBehind(optimizer).length;
  const inFront = endingAt(rest.length - behind);
  const end = behind > 0 && [usual, old].some((sequence) => fitting(inFront, sequence)) ? rest.length - behind : rest.length;
  const slots = endingAt(end);
  const others = [...rest.slice(0, Math.max(0, end - wanted)), ...rest.slice(end)];
  if (slots.length < wanted || others.some((o) => sizeOf(o.stored.shape) !== 1)) {
    // Before the first step there may be no slots.
    if (iterations > 0 || rest.some((o) => sizeOf(o.stored.shape) !== 1))
      problems.add('optimizer', `expected ${slotNames.length} arrays for each of ${weights.length} weights, received ${rest.length}`);
    return { iterations, assignments: [] };
  }
  const fits = (sequence: typeof usual): boolean => fitting(slots, sequence);
  // Where the usual order too begins with one slot of two weights, names would not tell; the old optimizers had no such slots.
  const told = usual[0]?.slot !== usual[1]?.slot && sameSlotFirst(slots.map((s) => s.name));
  const sequence = fits(old) && (!fits(usual) || told) ? old : usual;
  return {
    iterations,
    assignments: sequence.map(({ weight, slot }, at) => ({
      label: `optimizer: ${slotNames[slot] as string} of ${(weights[weight] as Weight).name}`,
      target: optimizer.slotsOf((weights[weight] as Weight).value)[slot] as Assignment['target'],
      stored: slots[at]?.stored ?? null,
    })),
  };
}

/** Whether the first two names speak of the same slot: `…_velocity` and `…_velocity`, or `Adam/m/…` and `Adam/m/…`. */
function sameSlotFirst(names: readonly string[]): boolean {
  const [a, b] = names as [string, string | undefined];
  if (b === undefined || /^\d+$/.test(a)) return false;
  const end = (name: string): string => /_(momentum|velocity|accumulator|average_gradient|[a-z]+)$/.exec(name)?.[0] ?? '';
  const middle = (name: string): string => name.split('/').slice(0, 2).join('/');
  return end(a) !== '' ? end(a) === end(b) : middle(a) === middle(b);
}
