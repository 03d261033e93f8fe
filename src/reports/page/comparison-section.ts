import type { Results, UncomparedVariants, VariantComparison } from '../../experiments/results.js';
import { formatDifference } from '../format.js';
import { escapeHtml as e } from './escape.js';
import { comparisonVerdict } from '../verdicts.js';
import { table, verdictTag } from './sections.js';

/** Which pairs have no comparison, each reason once. */
function notComparedItems(pairs: readonly UncomparedVariants[]): string {
  const reasons = new Map<string, string[]>();
  for (const { factor, mask, protocol, best, other, why } of pairs) {
    const key = [factor, ...(mask === null ? [] : [`mask ${mask}`]), protocol, why].join('\n');
    reasons.set(key, [...(reasons.get(key) ?? []), `${best} and ${other}`]);
  }
  const items = [...reasons].map(([key, names]) => {
    const parts = key.split('\n');
    return `<li>${e(parts.slice(0, -1).join(' · '))}: ${e(names.join('; '))}: ${e(parts.at(-1) ?? '')}.</li>`;
  });
  return `<h3>Not compared row by row</h3><ul>${items.join('\n')}</ul>`;
}

/** Does the best variant really beat the others, or is it the rows and seeds that happened to be drawn? */
export function comparisonSection(results: Results): string {
  const comparisons = results.comparisons ?? [];
  const notCompared = results.notCompared ?? [];
  if (comparisons.length + notCompared.length === 0) return '';
  const masked = comparisons.some((c) => c.mask !== null);
  const seedsOf = (c: VariantComparison): number => c.seeds ?? results.seeds.length;
  const single = comparisons.some((c) => seedsOf(c) === 1);
  const several = comparisons.some((c) => seedsOf(c) > 1);
  const counted = comparisons.some((c) => c.rows !== undefined);
  const rows = comparisons.map((c) => [
    e(c.factor),
    ...(masked ? [c.mask ?? '–'] : []),
    c.protocol,
    e(c.best),
    e(c.other),
    formatDifference(c.difference),
    `${formatDifference(c.low)} to ${formatDifference(c.high)}`,
    ...(counted ? [c.rows?.toLocaleString('en') ?? '–'] : []),
    verdictTag(comparisonVerdict(c, results.cells)),
  ]);
  const compared =
    comparisons.length === 0
      ? ''
      : `<p>Test rows${several ? ' and seeds' : ''} are drawn again a thousand times, the same ones for both variants (paired bootstrap): 95 % of the differences lie in the interval${several ? ', which is widened as Student’s is where seeds are few' : ''}. Rows that count for one of the two alone are left out.${single ? ' Where one seed was run, the answer is about these two networks: how much seeds differ is not in it.' : ''} The best variant was found on the same rows, which flatters it a little.</p>
${table(
  [
    ['factor', 'text'],
    ...(masked ? [['mask', 'text'] as const] : []),
    ['protocol', 'text'],
    ['best', 'text'],
    ['other', 'text'],
    ['higher by', 'number'],
    ['95 % interval', 'number'],
    ...(counted ? [['test rows', 'number'] as const] : []),
    ['better?', 'text'],
  ],
  rows,
)}`;
  return `<h2 id="comparisons">Does the best variant really beat the others?</h2>
${compared}
${notCompared.length === 0 ? '' : notComparedItems(notCompared)}`;
}
