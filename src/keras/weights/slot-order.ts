/**
 * How Keras orders an optimizer's arrays: groups of slots, and within a group the slots of one weight side by side. Adam:
 * m₀ v₀ m₁ v₁ …; RMSprop: all velocities, then all momentums.
 */
export function slotGroups(className: string, slots: number): number[][] {
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
