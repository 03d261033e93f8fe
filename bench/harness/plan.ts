import type { Contender } from '../contenders/contender.js';
import { SARAF } from '../contenders/index.js';
import { goals, type Goal } from '../goals.js';
import { suiteNamed, type AnySuite, type SuiteName } from '../suites/index.js';
import type { Shape } from '../suites/suite.js';
import { matches } from './options.js';

/** Work of a call below which one thread may be faster than several. */
const SMALL_FLOPS = 1e8;

export interface PlannedTrial {
  readonly contender: Contender;
  readonly threads: number;
}

/** One shape and who is timed on it. */
export interface PlannedShape {
  readonly suite: AnySuite;
  readonly shape: Shape;
  readonly trials: readonly PlannedTrial[];
}

export interface PlanOptions {
  readonly suites: readonly SuiteName[];
  readonly shapes: readonly string[] | null;
  readonly contenders: readonly Contender[];
  readonly threads: readonly number[];
  /** Everything that was named, with everyone. Otherwise only what the goals and the charts need. */
  readonly all: boolean;
}

/** Takes long and says little. */
const rare = ({ slowStart, neverFastest }: Contender): boolean => slowStart === true || neverFastest === true;

/** Whether a goal for this shape cannot be judged without the contender, or it is the one shape of a goal that all run for the charts. */
const asks = (goal: Goal, { name, slowStart, reduced }: Contender, shape: string): boolean =>
  goal.shapes[0] === shape ||
  [...(goal.named ?? []), ...(goal.against ?? []), goal.own].includes(name) ||
  (goal.frameworks !== undefined && slowStart === true && !reduced);

/** The shapes of most work of a suite without goals, one of each pass. */
function largest(suite: AnySuite): ReadonlySet<string> {
  const byPass = new Map<unknown, Shape>();
  for (const shape of suite.shapes) {
    const { pass } = shape as { pass?: unknown };
    const known = byPass.get(pass);
    if (!known || suite.flops(shape) >= suite.flops(known)) byPass.set(pass, shape);
  }
  return new Set([...byPass.values()].map((s) => s.name));
}

/** Numbers of threads: all of them where scaling is drawn or where the work is so little that one may be faster; else the most. */
function counts(contender: Contender, suite: AnySuite, shape: Shape, { threads, all }: PlanOptions): number[] {
  const most = Math.max(...threads);
  const flops = suite.flops(shape);
  const few = flops > 0 && flops < SMALL_FLOPS && !contender.neverFastest && goals.some((g) => g.suite === suite.name);
  const wanted =
    all || (contender.name === SARAF && !shape.errors)
      ? threads
      : contender.singleThreaded?.includes(suite.name as SuiteName)
        ? [Math.min(...threads)]
        : threads.filter((n) => few || n === most);
  return [...new Set(wanted.map((n) => Math.min(n, contender.maxThreads)))];
}

/**
 * What is run, in order. Without `all`, a shape is run if a goal names it or if it belongs to a family that grows, or if its suite has neither;
 * whoever takes seconds to load or is never the fastest is asked only where a goal needs it and for one shape of each goal (without goals: for the largest); and one
 * thread is tried only where it may be faster, but by saraf, whose scaling is drawn.
 */
export function plan(options: PlanOptions): PlannedShape[] {
  const { suites, shapes, contenders, all } = options;
  return suites.flatMap((name) => {
    const suite = suiteNamed(name) as AnySuite;
    const own = goals.filter((g) => g.suite === name);
    const ends = largest(suite);
    const named = new Set(own.flatMap((g) => g.shapes));
    const needed = suite.shapes.filter((s) => named.has(s.name) || s.sweep !== undefined || s.errors);
    const chosen = all || shapes !== null || needed.length === 0 ? suite.shapes : needed;
    return chosen
      .filter((shape) => matches(shapes, shape.name))
      .map((shape) => {
        const ofShape = own.filter((g) => g.shapes.includes(shape.name) && !shape.errors);
        const trials = contenders.flatMap((contender): PlannedTrial[] => {
          const needed = named.size === 0 ? ends.has(shape.name) : ofShape.some((g) => asks(g, contender, shape.name));
          // What shapes for errors alone are there for is our own error.
          if (!all && (shape.errors ? contender.name !== SARAF : rare(contender) && !needed)) return [];
          return counts(contender, suite, shape, options).map((n) => ({ contender, threads: n }));
        });
        return { suite, shape, trials };
      });
  });
}
