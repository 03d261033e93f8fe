import { chiSquarePValue } from './chi-square.js';
import type { LeakFinding } from './finding.js';
import { square } from '../../tensor/portable-math.js';

/** How far the classes of two parts are apart. */
export interface LabelShift {
  /** Share of the test rows that would need another label for equal proportions: [0,1]. */
  readonly totalVariation: number;
  /** Pearson's χ² of homogeneity, and the probability of one as large where both parts are drawn from the same rows. */
  readonly chiSquare: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  /** The smallest count that was expected: below 5 the p-value is rough. */
  readonly leastExpected: number;
  /** Shares of each label in both parts, labels sorted. */
  readonly shares: readonly { readonly label: string; readonly train: number; readonly test: number }[];
}

function countLabels(labels: ArrayLike<string | number>): Map<string, number> {
  const counts = new Map<string, number>();
  for (let row = 0; row < labels.length; ++row) counts.set(String(labels[row]), (counts.get(String(labels[row])) ?? 0) + 1);
  return counts;
}

/** Compares the proportions of the classes in two parts that have rows. */
export function labelShift(train: ArrayLike<string | number>, test: ArrayLike<string | number>): LabelShift {
  const a = countLabels(train);
  const b = countLabels(test);
  const labels = [...new Set([...a.keys(), ...b.keys()])].sort();
  const all = train.length + test.length;
  let chiSquare = 0;
  let leastExpected = Infinity;
  const shares = labels.map((label) => {
    const [inTrain, inTest] = [a.get(label) ?? 0, b.get(label) ?? 0];
    for (const [observed, rows] of [
      [inTrain, train.length],
      [inTest, test.length],
    ] as const) {
      const expected = ((inTrain + inTest) * rows) / all;
      chiSquare += square(observed - expected) / expected;
      leastExpected = Math.min(leastExpected, expected);
    }
    return { label, train: inTrain / train.length, test: inTest / test.length };
  });
  const degreesOfFreedom = labels.length - 1;
  return {
    totalVariation: shares.reduce((sum, s) => sum + Math.abs(s.train - s.test), 0) / 2,
    chiSquare,
    degreesOfFreedom,
    pValue: chiSquarePValue(chiSquare, degreesOfFreedom),
    leastExpected,
    shares,
  };
}

/** Classes in other proportions than chance would give. */
export function checkLabels(train: ArrayLike<string | number>, test: ArrayLike<string | number>, alpha: number): LeakFinding[] {
  const shift = labelShift(train, test);
  if (!(shift.pValue < alpha)) return [];
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const p = shift.pValue < 1e-4 ? shift.pValue.toExponential(1) : shift.pValue.toFixed(4);
  const rough = shift.leastExpected < 5 ? ' Some classes are expected fewer than five times, so the p-value is rough.' : '';
  return [
    {
      kind: 'label-shift',
      leakType: 'L3.3',
      count: Math.round(shift.totalVariation * test.length),
      of: test.length,
      message: `Classes have other proportions in the test part: total variation ${shift.totalVariation.toFixed(3)}, χ² ${shift.chiSquare.toFixed(2)} with ${shift.degreesOfFreedom} degrees of freedom, p ${p}.${rough}`,
      examples: shift.shares.map((s) => ({
        train: null,
        test: null,
        text: `${s.label}: ${percent(s.train)} of the training, ${percent(s.test)} of the test rows`,
      })),
    },
  ];
}
