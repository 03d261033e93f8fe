import type { Contender } from '../contenders/contender.js';
import { goals } from '../goals.js';
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

/**
 * What is run, in order. Without `all`, a shape is run if a goal names it or if it belongs to a family that grows, or if its suite has neither;
 * and whoever takes seconds to load is asked for the shapes of goals alone, with one thread only where that may be faster.
 */
export function plan({ suites, shapes, contenders, threads, all }: PlanOptions): PlannedShape[] {
  const most = Math.max(...threads);
  return suites.flatMap((name) => {
    const suite = suiteNamed(name) as AnySuite;
    const named = new Set(goals.filter((g) => g.suite === name).flatMap((g) => g.shapes));
    const needed = suite.shapes.filter((s) => named.has(s.name) || s.sweep !== undefined || s.errors);
    const chosen = all || shapes !== null || needed.length === 0 ? suite.shapes : needed;
    return chosen
      .filter((shape) => matches(shapes, shape.name))
      .map((shape) => {
        const everyone = all || named.size === 0 || (named.has(shape.name) && !shape.errors);
        const trials = contenders.flatMap((contender): PlannedTrial[] => {
          const slow = contender.slowStart === true && !all;
          if (slow && !everyone) return [];
          const small = suite.flops(shape) < SMALL_FLOPS;
          const counts = new Set(threads.filter((n) => !slow || small || n === most).map((n) => Math.min(n, contender.maxThreads)));
          return [...counts].map((n) => ({ contender, threads: n }));
        });
        return { suite, shape, trials };
      });
  });
}
