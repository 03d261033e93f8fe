import { Nadam } from '../../optimizers/nadam.js';
import type { Optimizer } from '../../optimizers/optimizer.js';

/** Names of all tensors that an optimizer keeps per weight: those of its update, then averages and accumulated gradients. */
export function stateNames(optimizer: Optimizer): readonly string[] {
  return (optimizer as { readonly stateNames?: readonly string[] }).stateNames ?? optimizer.slotNames;
}

/** The groups of one optimizer: what every optimizer may keep comes before the slots of its update. */
export function stateGroups(optimizer: Optimizer): number[][] {
  const own = optimizer.slotNames.length;
  const others = stateNames(optimizer).slice(own);
  return [...others.map((_, i) => [own + i]), ...slotGroups(optimizer.className, own)];
}

/** Numbers that Keras 3 keeps of an optimizer behind its slots, with their names. */
export function scalarsBehind(optimizer: Optimizer): readonly (readonly [name: string, value: number])[] {
  return optimizer instanceof Nadam ? [['u_product', optimizer.momentumProduct]] : [];
}

/**
 * How Keras orders an optimizer's arrays: groups of slots, and within a group the slots of one weight side by side. Adam:
 * m₀ v₀ m₁ v₁ …; RMSprop: all velocities, then all momentums.
 */
function slotGroups(className: string, slots: number): number[][] {
  const all = Array.from({ length: slots }, (_, i) => i);
  if (className === 'RMSprop') return all.map((i) => [i]);
  if ((className === 'Adam' || className === 'AdamW') && slots === 3) return [[0, 1], [2]];
  return slots === 0 ? [] : [all];
}

/** Keras 2's old optimizers: all of one slot, then all of the next. */
export function oldSlotGroups(slots: number): number[][] {
  return Array.from({ length: slots }, (_, i) => [i]);
}

/** Pairs of weight and slot in the order of the arrays. */
export function slotSequence(groups: readonly (readonly number[])[], weights: number): { weight: number; slot: number }[] {
  return groups.flatMap((group) => Array.from({ length: weights }, (_, weight) => group.map((slot) => ({ weight, slot }))).flat());
}
