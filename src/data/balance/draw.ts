import { Philox, STREAM } from '../../tensor/random.js';
import type { Classes } from './labels.js';

/** The generator of all resampling. */
export function balanceRandom(seed = 0): Philox {
  return new Philox(seed, STREAM.balance);
}

/** Rows that stay, ascending: all of a class, or as many as it shall have, drawn without replacement. */
export function keptRows(classes: Classes, targets: ReadonlyMap<string, number>, random: Philox): Int32Array {
  const kept: number[] = [];
  for (const [label, rows] of classes) {
    const wanted = targets.get(label) as number;
    // One by one: spread arguments of a large class would overflow the stack.
    for (const row of wanted < rows.length ? random.shuffle([...rows]).slice(0, wanted) : rows) kept.push(row);
  }
  return Int32Array.from(kept).sort();
}

/** How many rows each class lacks, classes that lack none left out. */
export function lacking(classes: Classes, targets: ReadonlyMap<string, number>): Map<string, number> {
  const missing = [...classes].map(([label, rows]): [string, number] => [label, (targets.get(label) as number) - rows.length]);
  return new Map(missing.filter(([, count]) => count > 0));
}

/** Rows drawn with replacement until no class lacks any, class after class. */
export function drawnCopies(classes: Classes, targets: ReadonlyMap<string, number>, random: Philox): number[] {
  const copies: number[] = [];
  for (const [label, count] of lacking(classes, targets)) {
    const rows = classes.get(label) as readonly number[];
    for (let i = 0; i < count; ++i) copies.push(rows[random.integer(rows.length)] as number);
  }
  return copies;
}
