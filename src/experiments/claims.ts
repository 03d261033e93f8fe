import type { MaskSetting, Protocol } from './experiment.js';
import { mean } from './statistics.js';
import type { FindingContext } from './experiment.js';
import type { CellResult, Finding, Trained } from './results.js';

/** What was run of a factor under one protocol and mask; the published protocol if both were. */
export function ranCells(context: FindingContext, factor: string, mask: MaskSetting): Trained[] {
  const own = context.trained.filter((t) => t.cell.factor === factor && t.cell.mask === mask);
  const protocol: Protocol = own.some((t) => t.cell.protocol === 'published') ? 'published' : 'leak-free';
  return own.filter((t) => t.cell.protocol === protocol);
}

/** Mean over seeds of a history value: the last epoch's, or what `pick` takes of the list. */
export function historyValue(
  trained: Trained,
  key: string,
  pick: (values: readonly number[]) => number | undefined = (v) => v.at(-1),
): number | null {
  const values = trained.histories.map((h) => pick(h[key] ?? [])).filter((v): v is number => v !== undefined && Number.isFinite(v));
  return values.length === 0 ? null : mean(values);
}

/** `71.4 ± 2.1`. */
export function inWords(cell: CellResult): string {
  return `${cell.mean.toFixed(1)}${cell.std === null ? '' : ` ± ${cell.std.toFixed(1)}`}`;
}

export interface Ordered {
  readonly name: string;
  readonly value: number | null;
}

/**
 * A finding about an order that the document observes: does it hold for what was run here?
 *
 * `claimed` names variants from the lowest to the highest value. If a variant is missing the finding cannot be checked.
 */
export function orderFinding(title: string, what: string, claimed: readonly string[], values: readonly Ordered[], digits = 3): Finding {
  const found = claimed.map((name) => values.find((v) => v.name === name)?.value ?? null);
  if (found.some((v) => v === null)) {
    return {
      kind: 'computed',
      title,
      text: `The document observes ${claimed.join(' < ')} (${what}). Not all of these variants were run.`,
      holds: null,
    };
  }
  const numbers = found.map((v) => v ?? 0);
  const holds = numbers.every((v, i) => i === 0 || v > (numbers[i - 1] ?? 0));
  const here = claimed
    .map((name, i) => ({ name, value: numbers[i] ?? 0 }))
    .sort((a, b) => a.value - b.value)
    .map((v) => `${v.name} ${v.value.toFixed(digits)}`)
    .join(' < ');
  return { kind: 'computed', title, text: `The document observes ${claimed.join(' < ')} (${what}). Here: ${here}.`, holds };
}
