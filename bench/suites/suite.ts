import type { SampleRequest } from '../harness/types.js';

/** One case: its sizes by their letters, and the name under which it is asked for and reported. */
export interface Shape {
  readonly name: string;
  /** The size that grows from case to case within a family of cases: the page draws cost against it. */
  readonly sweep?: string;
  /** Belongs to every run though nothing is compared on it but errors. */
  readonly errors?: true;
}

/**
 * What is timed: named shapes, the work in each, the numbers to start from, and what contenders must agree on.
 *
 * Inputs are made from the shape alone, so that every process has the same ones.
 */
export interface Suite<S extends Shape, Inputs> {
  readonly name: string;
  readonly title: string;
  readonly shapes: readonly S[];
  /** Floating-point operations of one run; a multiply-add is two. 0: not arithmetic. */
  flops(shape: S): number;
  /** Bytes that must be read or written once at least: operands and results, without intermediate values. */
  bytes(shape: S): number;
  inputs(shape: S): Inputs;
  /**
   * What must come out, in double: written out from the formula, or by the `_ref` kernels in double, which are that and
   * are themselves held against Keras and against differences.
   */
  reference(inputs: Inputs): Outputs;
  /** Largest error allowed per output, relative in the l2 norm, against the reference; and why that much. */
  readonly tolerance: Readonly<Record<string, number>>;
}

/** Outputs by name; every contender reports the same names, in Keras' layouts. */
export type Outputs = Readonly<Record<string, Float32Array | Float64Array>>;

/** A tensor before it belongs to anyone. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a contender with a clock of its own reports. */
export interface OwnClock {
  /** Milliseconds a call, one number per repetition. */
  readonly times: readonly number[];
  /** Processor time that its process used meanwhile, in milliseconds; absent: not known. */
  readonly cpuMs?: number;
  /** Most memory that its process held; absent: not known. */
  readonly peakBytes?: number;
}

/** One case as a contender runs it. */
export interface Job {
  /** Does the work once from the initial state and says what came out. */
  check(): Outputs | Promise<Outputs>;
  /** Of a fast algorithm: the same outputs by the plain one in the same precision, so that the price in error can be told. */
  direct?(): Outputs;
  /** The work that is timed. What it leaves behind (moved weights) does not matter. */
  run(): void | Promise<void>;
  /** For a contender that must keep its own clock (another process). A repetition is as many calls as fill `repetitionMs`. */
  sample?(request: SampleRequest, repetitionMs: number): Promise<OwnClock>;
  /**
   * The variant that it computes, where it has not the usual one: compared with the reference's outputs `variant/…`.
   */
  readonly variant?: string;
  /** Allowed errors in place of the suite's: for a contender that computes with fewer bits, whose name says so. */
  readonly tolerance?: Readonly<Record<string, number>>;
  /** Added to the row's note. */
  note?(): string;
}
