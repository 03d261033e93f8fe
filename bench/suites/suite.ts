/** Sizes of one case, by their letters, and the name under which it is asked for and reported. */
export type Shape<Dim extends string = string> = { readonly name: string } & Readonly<Record<Dim, number>>;

/**
 * What is timed: named shapes, the work in each, the numbers to start from, and what contenders must agree on.
 *
 * Inputs are made from the shape alone, so that every process has the same ones.
 */
export interface Suite<Dim extends string, Inputs> {
  readonly name: string;
  readonly title: string;
  /** From little work to much: who does not finish one is not asked for the next. */
  readonly shapes: readonly Shape<Dim>[];
  /** Floating-point operations of one run; a multiply-add is two. */
  flops(shape: Shape<Dim>): number;
  inputs(shape: Shape<Dim>): Inputs;
  /** What must come out: the plain formula in double, written for this purpose and shared with no contender. */
  reference(inputs: Inputs): Outputs;
  /** Largest error allowed per output, relative in the l2 norm, against the reference; and why that much. */
  readonly tolerance: Readonly<Record<string, number>>;
}

/** Outputs by name; every contender reports the same names, in Keras' layouts. */
export type Outputs = Readonly<Record<string, Float32Array | Float64Array>>;

/** One case as a contender runs it. */
export interface Job {
  /** Does the work once from the initial state and says what came out. */
  check(): Outputs | Promise<Outputs>;
  /** The work that is timed. What it leaves behind (moved weights) does not matter. */
  run(): void | Promise<void>;
}
