import type { MaskSetting, Protocol } from './experiment.js';
import { interval95, mean } from './statistics.js';
import type { FindingContext } from './experiment.js';
import type { CellResult, Finding, Trained } from './results.js';

/** What was run of a factor under one protocol and mask; the published protocol if both were. */
export function ranCells(context: FindingContext, factor: string, mask: MaskSetting): Trained[] {
  const own = context.trained.filter((t) => t.cell.factor === factor && t.cell.mask === mask);
  const protocol: Protocol = own.some((t) => t.cell.protocol === 'published') ? 'published' : 'leak-free';
  return own.filter((t) => t.cell.protocol === protocol);
}

/** Mean over seeds of a history value: the last epoch's, or what `pick` takes of the list. */
export function historyValue(trained: Trained, key: string, pick: Pick = last): number | null {
  const values = ofSeeds(trained, key, pick);
  return values.length === 0 ? null : mean(values);
}

type Pick = (values: readonly number[]) => number | undefined;
const last: Pick = (values) => values.at(-1);

function ofSeeds({ histories }: Trained, key: string, pick: Pick): number[] {
  return histories.map((h) => pick(h[key] ?? [])).filter((v): v is number => v !== undefined && Number.isFinite(v));
}

/** The scores of some variants, with those of each seed. */
export function scoreValues(trained: readonly Trained[]): Ordered[] {
  return trained.map(({ cell }) => ({ name: cell.variant, value: cell.mean, seeds: cell.runs.map((r) => r.value) }));
}

/** A history value of some variants, as `historyValue` takes it, with those of each seed. */
export function historyValues(trained: readonly Trained[], key: string, pick: Pick = last): Ordered[] {
  return trained.map((t) => ({ name: t.cell.variant, value: historyValue(t, key, pick), seeds: ofSeeds(t, key, pick) }));
}

/** `71.4 ± 2.1`. */
export function inWords(cell: CellResult): string {
  return `${cell.mean.toFixed(1)}${cell.std === null ? '' : ` ± ${cell.std.toFixed(1)}`}`;
}

export interface Ordered {
  readonly name: string;
  readonly value: number | null;
  /** The values that `value` is the mean of, one per seed, so that a verdict can say whether the seeds agree. Absent: `value` is taken as it is. */
  readonly seeds?: readonly number[];
}

/** Whether `b` lies above `a`: by the 95 % interval of the mean difference, seed by seed. null: the seeds cannot tell, or there is only one. */
export function isAbove(a: Ordered, b: Ordered): boolean | null {
  if (!a.seeds || !b.seeds) return (b.value ?? 0) > (a.value ?? 0);
  const seeds = Math.min(a.seeds.length, b.seeds.length);
  const interval = interval95(Array.from({ length: seeds }, (_, i) => (b.seeds?.[i] ?? 0) - (a.seeds?.[i] ?? 0)));
  if (interval === null) return null;
  return interval[0] > 0 ? true : interval[1] < 0 ? false : null;
}

/** Holds if all do, does not if one does not, cannot be told otherwise. */
function verdict(pairs: readonly (boolean | null)[]): boolean | null {
  return pairs.includes(false) ? false : pairs.every((p) => p === true) ? true : null;
}

/** Said of values whose seeds do not agree enough. */
export function untold(values: readonly Ordered[]): string {
  const seeds = Math.min(...values.map((v) => v.seeds?.length ?? 2));
  return ` With ${seeds === 1 ? 'one seed' : `${seeds} seeds`} this cannot be told.`;
}

const notRun = (title: string, claim: string, what: string): Finding => ({
  kind: 'computed',
  title,
  text: `The document observes ${claim} (${what}). Not all of these variants were run.`,
  holds: null,
});

function inOrder(values: readonly Ordered[], digits: number): string {
  return values
    .toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))
    .map((v) => `${v.name} ${(v.value ?? 0).toFixed(digits)}`)
    .join(' < ');
}

/**
 * A finding about an order that the document observes: does it hold for what was run here?
 *
 * `claimed` names variants from the lowest to the highest value. If a variant is missing, or the seeds do not agree enough, it cannot be told.
 */
export function orderFinding(title: string, what: string, claimed: readonly string[], values: readonly Ordered[], digits = 3): Finding {
  const found = claimed.flatMap((name) => values.find((v) => v.name === name && v.value !== null) ?? []);
  const claim = claimed.join(' < ');
  if (found.length < claimed.length) return notRun(title, claim, what);
  const holds = verdict(found.slice(1).map((v, i) => isAbove(found[i] as Ordered, v)));
  const text = `The document observes ${claim} (${what}). Here: ${inOrder(found, digits)}.${holds === null ? untold(found) : ''}`;
  return { kind: 'computed', title, text, holds };
}

/** A finding about the variant that the document calls the best of all that it names in `others`. */
export function bestFinding(
  title: string,
  what: string,
  claimed: string,
  others: readonly string[],
  values: readonly Ordered[],
  digits = 2,
): Finding {
  const known = (name: string): Ordered[] => values.filter((v) => v.name === name && v.value !== null);
  const [best] = known(claimed);
  const rest = others.flatMap(known);
  if (!best || rest.length < others.length) return notRun(title, `${claimed} as the best`, what);
  const holds = verdict(rest.map((other) => isAbove(other, best)));
  const text = `The document observes ${claimed} as the best (${what}). Here: ${inOrder([best, ...rest], digits)}.${holds === null ? untold([best, ...rest]) : ''}`;
  return { kind: 'computed', title, text, holds };
}

/**
 * A finding about a value that the document says no longer grows after `from`: it holds if the 95 % interval of the growth up to `to`,
 * seed by seed, ends below `margin`, and does not if it begins above.
 */
export function saturationFinding(
  title: string,
  what: string,
  { from, to, margin }: { readonly from: string; readonly to: string; readonly margin: number },
  values: readonly Ordered[],
  digits = 2,
): Finding {
  const claim = `no growth from ${from} to ${to}`;
  const [a, b] = [from, to].map((name) => values.find((v) => v.name === name && v.value !== null));
  if (!a || !b) return notRun(title, claim, what);
  const seeds = Math.min(a.seeds?.length ?? 0, b.seeds?.length ?? 0);
  const interval = interval95(Array.from({ length: seeds }, (_, i) => (b.seeds?.[i] ?? 0) - (a.seeds?.[i] ?? 0)));
  const holds = interval === null ? null : interval[1] < margin ? true : interval[0] > margin ? false : null;
  const growth = ((b.value ?? 0) - (a.value ?? 0)).toFixed(digits);
  const text = `The document observes ${claim} (${what}). Here it grows by ${growth}; a growth of less than ${margin} would count as none.${holds === null ? untold([a, b]) : ''}`;
  return { kind: 'computed', title, text, holds };
}
