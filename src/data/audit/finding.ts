/**
 * The eight types of leakage.
 *
 * Source: Kapoor and Narayanan 2023, "Leakage and the reproducibility crisis in machine-learning-based science", Patterns 4(9).
 */
export const LEAK_TYPES = {
  'L1.1': 'no test set',
  'L1.2': 'preprocessing on training and test set',
  'L1.3': 'feature selection on training and test set',
  'L1.4': 'duplicates in data sets',
  L2: 'illegitimate features',
  'L3.1': 'temporal leakage',
  'L3.2': 'non-independence between training and test samples',
  'L3.3': 'sampling bias in test distribution',
} as const;
export type LeakType = keyof typeof LEAK_TYPES;

/** What an audit looks for, the most serious first. */
export const LEAK_KINDS = [
  'no-test-set',
  'resampled-before-split',
  'exact-duplicate',
  'near-duplicate',
  'image-duplicate',
  'fitted-before-split',
  'time-overlap',
  'group-overlap',
  'label-shift',
] as const;
export type LeakKind = (typeof LEAK_KINDS)[number];

/** A pair of rows, or one row, that shows a leak. */
export interface LeakExample {
  /** Row of the training part; null where it is not about one. */
  readonly train: number | null;
  /** Row of the test part; null where it is not about one. */
  readonly test: number | null;
  /** The test row's text, or the group, time, word or label that it is about. */
  readonly text: string;
  /** The training row's text, where it is another. */
  readonly trainText?: string;
}

export interface LeakFinding {
  readonly kind: LeakKind;
  readonly leakType: LeakType;
  /** Test rows concerned. */
  readonly count: number;
  /** Test rows looked at. */
  readonly of: number;
  /** What was found, in words. */
  readonly message: string;
  readonly examples: readonly LeakExample[];
}

/** "12 of 400 test rows (3.0 %)". */
export function shareOf(count: number, of: number, rows: string): string {
  return `${count} of ${of} ${rows} (${of === 0 ? '0.0' : ((100 * count) / of).toFixed(1)} %)`;
}
