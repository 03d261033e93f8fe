import type { Goal } from '../goals.js';
import { isReduced } from './table.js';
import type { Row } from './types.js';

/** A number wanted and what came out; null: not measured, or not asked for where `wanted` is null too. */
export interface Reached {
  readonly wanted: number | null;
  readonly got: number | null;
}

/** One goal on one shape. */
export interface Verdict {
  readonly what: string;
  readonly suite: string;
  readonly shape: string;
  readonly ownName: string;
  readonly ownMs: number | null;
  /** At which it was fastest. */
  readonly ownThreads: number | null;
  /** The peer whom `peer` is over. */
  readonly peerName: string | null;
  readonly peerMs: number | null;
  readonly peer: Reached;
  readonly percentOfPeak: Reached;
  readonly frameworks: Reached;
  readonly tfjsNode: Reached;
  /** Of a goal that sets a limit: the limit and what came out, as numbers and in words. */
  readonly limit: (Reached & { readonly text: string }) | null;
  /** null: not measured; `why` says what is missing. */
  readonly met: boolean | null;
  readonly why: string;
}

/** Libraries without a framework around them. */
const BARE = ['onednn', 'openblas'];
const TFJS_NODE = 'tfjs-node';

function fastest(rows: readonly Row[]): Row | null {
  let best: Row | null = null;
  for (const r of rows) if (r.medianMs !== null && (best === null || r.medianMs < (best.medianMs as number))) best = r;
  return best;
}

const ratio = (peer: Row | null, own: Row | null): number | null =>
  peer?.medianMs != null && own?.medianMs != null ? peer.medianMs / own.medianMs : null;

function limitOf({ atMostMs, atMostError }: Goal, own: Row | null, rows: readonly Row[]): Verdict['limit'] {
  if (atMostMs !== undefined) {
    const got = own?.medianMs ?? null;
    return { wanted: atMostMs, got, text: got === null ? '' : `${(got * 1e6).toFixed(0)} ns of ${atMostMs * 1e6}` };
  }
  if (atMostError === undefined) return null;
  const errors = rows.flatMap((r) => r.errorVsDirect ?? []);
  const got = errors.length === 0 ? null : Math.max(...errors);
  return { wanted: atMostError, got, text: got === null ? '' : `${got.toPrecision(2)} of ${atMostError} times the direct kernel’s error` };
}

function judgeShape(goal: Goal, shape: string, all: readonly Row[], usual: string): Verdict {
  const ownName = goal.own ?? usual;
  const rows = all.filter((r) => r.suite === goal.suite && r.shape === shape);
  const own = fastest(rows.filter((r) => r.contender === ownName));
  const others = rows.filter((r) => !r.contender.startsWith(usual) && (goal.against?.includes(r.contender) ?? !isReduced(r.contender)));
  const best = fastest(others);
  const tfjs = fastest(rows.filter((r) => r.contender === TFJS_NODE));
  const namedThere = goal.named === undefined || fastest(rows.filter((r) => goal.named?.includes(r.contender))) !== null;
  const peer: Reached = { wanted: goal.peer ?? null, got: goal.peer === undefined ? null : ratio(best, own) };
  const limit = limitOf(
    goal,
    own,
    rows.filter((r) => r.contender === ownName),
  );
  const percentOfPeak: Reached = { wanted: goal.percentOfPeak ?? null, got: own?.percentOfPeak ?? null };
  const frameworks: Reached = {
    wanted: goal.frameworks ?? null,
    got: goal.frameworks === undefined ? null : ratio(fastest(others.filter((r) => !BARE.includes(r.contender))), own),
  };
  const tfjsNode: Reached = { wanted: goal.tfjsNode ?? null, got: goal.tfjsNode === undefined ? null : ratio(tfjs, own) };

  const missing: string[] = [];
  if (own === null) missing.push(ownName);
  if (!namedThere) missing.push((goal.named ?? []).join(' or '));
  if (tfjsNode.wanted !== null && tfjs === null) missing.push(TFJS_NODE);
  if (frameworks.wanted !== null && own !== null && frameworks.got === null) missing.push('a framework');
  if (own !== null && limit !== null && limit.got === null) missing.push('the error');
  const atLeast = ({ wanted, got }: Reached): boolean => wanted === null || (got !== null && got >= wanted);
  const nearPeak = percentOfPeak.wanted !== null && atLeast(percentOfPeak);
  // What was measured and falls short is a goal missed, whatever else is not there to compare with.
  const short =
    (limit !== null && limit.got !== null && limit.got > (limit.wanted as number)) ||
    (peer.got !== null && !atLeast(peer) && !nearPeak) ||
    (frameworks.got !== null && !atLeast(frameworks)) ||
    (tfjsNode.got !== null && !atLeast(tfjsNode));
  return {
    what: goal.what,
    suite: goal.suite,
    shape,
    ownName,
    ownMs: own?.medianMs ?? null,
    ownThreads: own?.threads ?? null,
    peerName: goal.peer === undefined ? null : (best?.contender ?? null),
    peerMs: goal.peer === undefined ? null : (best?.medianMs ?? null),
    peer,
    percentOfPeak,
    frameworks,
    tfjsNode,
    limit,
    met: short ? false : missing.length > 0 ? null : true,
    why: missing.length === 0 ? '' : `not measured: ${missing.join(', ')}`,
  };
}

/** Every goal on every one of its shapes. `own` is the contender that the goals are for. */
export function judge(goals: readonly Goal[], rows: readonly Row[], own: string): Verdict[] {
  return goals.flatMap((goal) => goal.shapes.map((shape) => judgeShape(goal, shape, rows, own)));
}

/** One goal over all of its shapes: of each number the one that is farthest behind. */
export interface GoalSummary {
  readonly what: string;
  readonly suite: string;
  readonly shapes: readonly Verdict[];
  readonly peer: Reached;
  readonly percentOfPeak: Reached;
  readonly frameworks: Reached;
  readonly tfjsNode: Reached;
  readonly met: boolean | null;
}

function farthestBehind(all: readonly Reached[]): Reached {
  const measured = all.filter((r) => r.got !== null);
  return measured.toSorted((a, b) => (a.got as number) - (b.got as number))[0] ?? all[0] ?? { wanted: null, got: null };
}

export function summarise(verdicts: readonly Verdict[]): GoalSummary[] {
  return [...new Set(verdicts.map((v) => v.what))].map((what) => {
    const shapes = verdicts.filter((v) => v.what === what);
    const met = shapes.some((v) => v.met === false) ? false : shapes.some((v) => v.met === null) ? null : true;
    return {
      what,
      suite: (shapes[0] as Verdict).suite,
      shapes,
      peer: farthestBehind(shapes.map((v) => v.peer)),
      percentOfPeak: farthestBehind(shapes.map((v) => v.percentOfPeak)),
      frameworks: farthestBehind(shapes.map((v) => v.frameworks)),
      tfjsNode: farthestBehind(shapes.map((v) => v.tfjsNode)),
      met,
    };
  });
}

export interface Tally {
  readonly met: number;
  readonly missed: number;
  readonly notMeasured: number;
}

export const tally = (verdicts: readonly { readonly met: boolean | null }[]): Tally => ({
  met: verdicts.filter((v) => v.met === true).length,
  missed: verdicts.filter((v) => v.met === false).length,
  notMeasured: verdicts.filter((v) => v.met === null).length,
});

export const MARKS = { met: '✔', missed: '✘', open: '–' } as const;
export const markOf = (met: boolean | null): string => (met === null ? MARKS.open : met ? MARKS.met : MARKS.missed);

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** “1.62 of 1.5”: reached, and wanted. */
export function reachedText({ wanted, got }: Reached): string {
  return wanted === null ? '' : `${got === null ? '–' : number(got)} of ${wanted}`;
}

/** For a terminal: a line per goal that was missed, and the count of all. */
export function goalLines(verdicts: readonly Verdict[]): string[] {
  const { met, missed, notMeasured } = tally(verdicts);
  const lines = verdicts
    .filter((v) => v.met === false)
    .map((v) => {
      const parts = [
        v.limit?.text ?? '',
        v.peer.wanted === null ? '' : `${reachedText(v.peer)} × ${v.peerName ?? 'no peer'}`,
        v.percentOfPeak.wanted === null ? '' : `${reachedText(v.percentOfPeak)} % of peak`,
        v.frameworks.wanted === null ? '' : `${reachedText(v.frameworks)} × frameworks`,
        v.tfjsNode.wanted === null ? '' : `${reachedText(v.tfjsNode)} × tfjs-node`,
      ];
      return `${MARKS.missed} ${v.what} (${v.suite}/${v.shape}): ${parts.filter((p) => p !== '').join('; ')}`;
    });
  return [...lines, `Goals: ${met} met, ${missed} missed, ${notMeasured} not measured`];
}
