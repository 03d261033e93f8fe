import { nearDuplicates, type Duplicate } from '../duplicates.js';
import { shareOf, type LeakFinding } from './finding.js';
import { FEWEST_WORDS, nearCopies } from './near-copies.js';

/** Two sides' texts, and their labels where known. */
export interface TextSides {
  readonly train: readonly string[];
  readonly test: readonly string[];
  readonly labels: { readonly train: ArrayLike<string | number>; readonly test: ArrayLike<string | number> } | null;
}

/** The test part is the training part, or there is none. */
export function checkTestSet({ train, test }: Pick<TextSides, 'train' | 'test'>, examples: number): LeakFinding[] {
  if (test.length !== train.length || test.some((text, row) => text !== train[row])) return [];
  return [
    {
      kind: 'no-test-set',
      leakType: 'L1.1',
      count: test.length,
      of: test.length,
      message: `The test part is the training part: the same ${test.length} texts in the same order.`,
      examples: test.slice(0, examples).map((text, row) => ({ train: row, test: row, text })),
    },
  ];
}

/** Test texts that the training part has too, then those that are nearly a training text. */
export function checkTexts(sides: TextSides, threshold: number, examples: number): { findings: LeakFinding[]; givenUp: number } {
  const { train, test } = sides;
  const { removed, kept } = nearDuplicates(train, test);
  const findings: LeakFinding[] = [];
  if (removed.length > 0) {
    const same = removed.filter((d) => train[d.train] === test[d.test]).length;
    findings.push({
      kind: 'exact-duplicate',
      leakType: 'L1.4',
      count: removed.length,
      of: test.length,
      message: `${shareOf(removed.length, test.length, 'test texts')} are training texts once case, punctuation and spacing are taken away, ${same} of them character for character${otherLabels(sides, removed)}.`,
      examples: removed.slice(0, examples).map((pair) => exampleOf(sides, pair)),
    });
  }
  const rest = Array.from(kept, (row) => test[row] as string);
  const { pairs, givenUp } = nearCopies(train, rest, { threshold });
  if (pairs.length > 0) {
    const found = pairs.map((pair) => ({ ...pair, test: kept[pair.test] as number }));
    findings.push({
      kind: 'near-duplicate',
      leakType: 'L1.4',
      count: found.length,
      of: test.length,
      message: `${shareOf(found.length, test.length, 'test texts')}, these not equal to one, share at least ${Math.round(100 * threshold)} % of their words with a training text${otherLabels(sides, found)}. Texts of fewer than ${FEWEST_WORDS} different words are not judged.`,
      examples: [...found]
        .sort((a, b) => b.similarity - a.similarity || a.test - b.test)
        .slice(0, examples)
        .map((pair) => exampleOf(sides, pair)),
    });
  }
  return { findings, givenUp };
}

function exampleOf({ train, test }: TextSides, pair: Pick<Duplicate, 'train' | 'test'>): LeakFinding['examples'][number] {
  const text = test[pair.test] as string;
  const trainText = train[pair.train] as string;
  return { train: pair.train, test: pair.test, text, ...(trainText === text ? {} : { trainText }) };
}

/** A copy with another label is no help to a model, but says that labels are noisy. */
function otherLabels({ labels }: TextSides, pairs: readonly Pick<Duplicate, 'train' | 'test'>[]): string {
  if (!labels) return '';
  const other = pairs.filter((pair) => String(labels.train[pair.train]) !== String(labels.test[pair.test])).length;
  return `; ${other} have another label there`;
}
