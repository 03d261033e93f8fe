import type { FindingContext, MaskSetting, Protocol } from './experiment.js';
import type { CellResult, Finding, Trained } from './results.js';
import { margin, type Ordered } from './margin.js';
import { mean } from './statistics.js';

export type { Ordered } from './margin.js';

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

/** The scores of some variants. */
export function scoreValues(trained: readonly Trained[], { compare }: FindingContext): Ordered[] {
  return trained.map(({ cell }) => ({ name: cell.variant, value: cell.mean, scored: { cells: new Map([['', cell]]), compare } }));
}

/**
 * Mean scores over the settings of a sweep: cells that share a name are one figure, and are paired with those of another name by `setting`.
 * Settings that one of the names lacks are left out of all.
 */
export function settingValues(
  trained: readonly Trained[],
  { compare }: FindingContext,
  key: (cell: CellResult) => { readonly name: string; readonly setting: string },
): Ordered[] {
  const groups = new Map<string, Map<string, CellResult>>();
  for (const { cell } of trained) {
    const { name, setting } = key(cell);
    groups.set(name, (groups.get(name) ?? new Map<string, CellResult>()).set(setting, cell));
  }
  const all = [...groups.values()];
  return [...groups].map(([name, own]) => {
    const cells = new Map([...own].filter(([setting]) => all.every((group) => group.has(setting))));
    return { name, value: cells.size === 0 ? null : mean([...cells.values()].map((c) => c.mean)), scored: { cells, compare } };
  });
}

/** A history value of some variants, as `historyValue` takes it, with those of each seed. */
export function historyValues(trained: readonly Trained[], key: string, pick: Pick = last): Ordered[] {
  return trained.map((t) => ({ name: t.cell.variant, value: historyValue(t, key, pick), seeds: ofSeeds(t, key, pick) }));
}

/** `71.4 ± 2.1`. */
export function inWords(cell: CellResult): string {
  return `${cell.mean.toFixed(1)}${cell.std === null ? '' : ` ± ${cell.std.toFixed(1)}`}`;
}

/** What the margins say of a claim: a word on each, and whether it holds. */
interface Judged {
  readonly holds: boolean | null;
  readonly scope?: 'runs';
  readonly text: string;
}

const signed = (value: number, digits: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;

/** Whether each second one lies above the first: holds if all do, does not if one lies below, cannot be told otherwise. */
function judge(pairs: readonly (readonly [Ordered, Ordered])[], digits: number): Judged {
  const margins = pairs.map(([a, b]) => ({ a, b, found: margin(a, b) }));
  const told = margins.map(({ found }) => ('why' in found ? null : found.low > 0 ? true : found.high < 0 ? false : null));
  const holds = told.includes(false) ? false : told.length > 0 && told.every((t) => t === true) ? true : null;
  const known = margins.flatMap(({ a, b, found }) => ('why' in found ? [] : [{ a, b, ...found }]));
  const over = [...new Set(known.map((m) => m.over))].join('; ');
  // Names of stacks hold commas themselves.
  const named = ({ name }: Ordered): string => (name.includes(',') ? `“${name}”` : name);
  const ranges = known.map(
    (m) => `${named(m.b)} less ${named(m.a)} ${signed(m.difference, digits)} (${signed(m.low, digits)} to ${signed(m.high, digits)})`,
  );
  const differences = ranges.length === 0 ? '' : ` Differences with 95 % intervals over ${over}: ${ranges.join('; ')}.`;
  const why = [...new Set(margins.flatMap(({ found }) => ('why' in found ? [found.why] : [])))];
  const missing = why.length === 0 ? '' : ` Not told: ${why.join('; ')}.`;
  return { holds, ...closing(holds, known, differences + missing) };
}

/** With what a verdict ends: that it cannot be told, or that it rests on one seed. */
function closing(holds: boolean | null, known: readonly { readonly sample: number }[], text: string): Omit<Judged, 'holds'> {
  if (holds === null) return { text: known.length === 0 ? text : `${text} Zero is in an interval: this cannot be told.` };
  if (known.every(({ sample }) => sample > 1)) return { text };
  return { scope: 'runs', text: `${text} One seed: this is said of these runs; how much seeds differ is not known.` };
}

const observes = (claim: string, what: string): string => `The document observes ${claim} (${what}).`;

const notRun = (title: string, said: string): Finding => ({
  kind: 'computed',
  title,
  text: `${said} Not all of these variants were run.`,
  holds: null,
  notRun: true,
});

function inOrder(values: readonly Ordered[], digits: number): string {
  return values
    .toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))
    .map((v) => `${v.name} ${(v.value ?? 0).toFixed(digits)}`)
    .join(' < ');
}

/**
 * A finding about an order: does it hold for what was run here?
 *
 * `claimed` names variants from the lowest to the highest value. `asked`: what is asked, where it is nothing that the document observes.
 */
export function orderFinding(
  title: string,
  what: string,
  claimed: readonly string[],
  values: readonly Ordered[],
  digits = 3,
  asked = observes(claimed.join(' < '), what),
): Finding {
  const found = claimed.flatMap((name) => values.find((v) => v.name === name && v.value !== null) ?? []);
  if (found.length < claimed.length || found.length < 2) return notRun(title, asked);
  const { text, ...judged } = judge(
    found.slice(1).map((v, i) => [found[i] as Ordered, v]),
    digits,
  );
  return { kind: 'computed', title, text: `${asked} Here: ${inOrder(found, digits)}.${text}`, ...judged };
}

/** A finding about the variant that is called the best of all that are named in `others`. `asked`: see `orderFinding`. */
export function bestFinding(
  title: string,
  what: string,
  claimed: string,
  others: readonly string[],
  values: readonly Ordered[],
  digits = 2,
  asked = observes(`${claimed} as the best`, what),
): Finding {
  const known = (name: string): Ordered[] => values.filter((v) => v.name === name && v.value !== null);
  const [best] = known(claimed);
  const rest = others.flatMap(known);
  if (!best || rest.length < others.length) return notRun(title, asked);
  const { text, ...judged } = judge(
    rest.map((other) => [other, best]),
    digits,
  );
  return { kind: 'computed', title, text: `${asked} Here: ${inOrder([best, ...rest], digits)}.${text}`, ...judged };
}

/**
 * A finding about a value that the document says no longer grows after `from`: it holds if the 95 % interval of the growth up to `to` ends below
 * `margin`, and does not if it begins above. The document gives no margin, so it is ours, and the text says so.
 */
export function saturationFinding(
  title: string,
  what: string,
  { from, to, margin: least }: { readonly from: string; readonly to: string; readonly margin: number },
  values: readonly Ordered[],
  digits = 2,
): Finding {
  const said = observes(`no growth from ${from} to ${to}`, what);
  const [a, b] = [from, to].map((name) => values.find((v) => v.name === name && v.value !== null));
  if (!a || !b) return notRun(title, said);
  const found = margin(a, b);
  const ours = `that a growth of less than ${least} counts as none is this report’s choice`;
  const growth = `${said} Here it grows by ${((b.value ?? 0) - (a.value ?? 0)).toFixed(digits)}`;
  if ('why' in found) return { kind: 'computed', title, text: `${growth}; ${ours}. Not told: ${found.why}.`, holds: null };
  const holds = found.high < least ? true : found.low > least ? false : null;
  const range = `${growth} (95 % interval ${signed(found.low, digits)} to ${signed(found.high, digits)} over ${found.over}); ${ours}.`;
  if (holds === null) return { kind: 'computed', title, text: `${range} The interval includes it: this cannot be told.`, holds };
  return { kind: 'computed', title, holds, ...closing(holds, [found], range) };
}
