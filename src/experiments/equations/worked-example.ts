/** The parts of the sheet, in its order. */
export const EQUATION_TOPICS = ['Recurrent layers', 'Attention, normalisation, pooling', 'Training', 'Scores'] as const;
export type EquationTopic = (typeof EQUATION_TOPICS)[number];

/** A formula of the documents with numbers in it: what stands beside it, and what our kernels make of the same numbers. */
export interface WorkedExample {
  readonly topic: EquationTopic;
  readonly name: string;
  readonly formula: string;
  /** The formula in LaTeX's mathematics. */
  readonly latex: string;
  readonly document: string;
  /** The numbers that go in. */
  readonly given: string;
  /** As printed, or where a document has the formula alone, evaluated in double precision. */
  readonly expected: readonly number[];
  readonly by: 'print' | 'formula';
  readonly computed: readonly number[];
  /** What each number is: `1`, `2`, … where they are the parts of one thing. */
  readonly labels: readonly string[];
  /** Digits after the point to which both are compared. */
  readonly decimals: number;
  /** Positions of `expected` where the two differ by more than rounding explains. */
  readonly differ: readonly number[];
  /** What is wrong where they differ, or else worth knowing. */
  readonly note: string | null;
}

/** Something in the documents' worked numbers that does not follow from what is printed beside it. */
export interface EquationFinding {
  readonly document: string;
  readonly text: string;
}

export const D001 = 'Document 001';
export const D002 = 'Document 002';
export const D003 = 'Document 003';
export const D004 = 'Document 004';
/** Of formulas that more than one document has. */
export const SEVERAL = 'Documents 001 to 003';

interface Given extends Omit<WorkedExample, 'differ' | 'note' | 'labels'> {
  readonly note?: string;
  readonly labels?: readonly string[];
  /** How far off the result may be because the numbers that go in were rounded. Default 0. */
  readonly rounded?: number;
}

/** An example with the positions where what was computed is off by more than half a unit of the last digit and float32's own rounding. */
export function example({ rounded = 0, note, labels, ...given }: Given): WorkedExample {
  const { expected, computed, decimals } = given;
  const differ = expected.flatMap((value, i) => {
    const most = 0.5 * 10 ** -decimals + rounded + 1e-6 * Math.max(1, Math.abs(value));
    return Math.abs((computed[i] ?? NaN) - value) <= most ? [] : [i];
  });
  return { ...given, labels: labels ?? expected.map((_, i) => String(i + 1)), note: note ?? null, differ };
}

/** How far both agree, in words: `agree to 3 decimals`, `1 of 6 differs at 3 decimals`. */
export function exampleAgreement({ expected, differ, decimals }: WorkedExample): string {
  const digits = decimals === 0 ? 'the unit' : `${decimals} decimal${decimals === 1 ? '' : 's'}`;
  if (differ.length === 0) return `agree to ${digits}`;
  return `${differ.length} of ${expected.length} ${differ.length === 1 ? 'differs' : 'differ'} at ${digits}`;
}

/** Numbers as a vector: `(0.6 −1.9)`. */
export const vector = (values: readonly number[]): string => `(${values.map(String).join(' ').replaceAll('-', '−')})`;
/** Rows one after the other: `(1 0)(0 −1)`. */
export const matrix = (rows: readonly (readonly number[])[]): string => rows.map(vector).join('');

// The formulas in double precision.
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
/** W·x of rows. */
export const product = (rows: readonly (readonly number[])[], x: readonly number[]): number[] => rows.map((row) => dot(row, x));
export const softmax = (scores: readonly number[]): number[] => {
  const powers = scores.map(Math.exp);
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / total);
};
