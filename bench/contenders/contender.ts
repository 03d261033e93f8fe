import type { InputsOf, SuiteName } from '../suites/index.js';
import type { Job } from '../suites/suite.js';

/** How a contender does each suite; a suite left out is not in its power, and shown as such. */
export type Cases = { readonly [Name in SuiteName]?: (inputs: InputsOf<Name>) => Job | Promise<Job> };

/** The cases seen alike: the inputs given are those of the suite asked for. */
export type AnyCases = Readonly<Record<string, ((inputs: unknown) => Job | Promise<Job>) | undefined>>;

export interface LoadedContender {
  /** Package, version, backend, instruction set: whatever decides the speed. */
  readonly version: string;
  readonly cases: Cases;
}

/** Why a contender cannot run here. */
export interface Unavailable {
  readonly unavailable: string;
}

/** Thrown by a case that is not in the contender's power, or not here: the row says why. */
export class NotAvailable extends Error {}

/** One way to do the work. Runs in a process of its own, at its best known settings. */
export interface Contender {
  readonly name: string;
  /** What it is, for the page. */
  readonly title: string;
  /** Most threads it can use; asked for more it is run once with these. */
  readonly maxThreads: number;
  /** Computes with fewer bits than float32: shown, yet never counted as the best peer. */
  readonly reduced?: boolean;
  /** Takes seconds to load: one process serves all shapes of a suite, and without --all only what goals ask of it is run. */
  readonly slowStart?: boolean;
  /** Never the fastest: without --all it runs one shape of each goal, for the charts. */
  readonly neverFastest?: boolean;
  /** Suites in which one thread was always faster: without --all it is not asked with more. */
  readonly singleThreaded?: readonly SuiteName[];
  load(threads: number): Promise<LoadedContender | Unavailable>;
}
