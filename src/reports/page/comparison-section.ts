import type { Results } from '../../experiments/results.js';
import { formatDifference } from '../format.js';
import { escapeHtml as e } from './escape.js';
import { comparisonVerdict } from '../verdicts.js';
import { table, verdictTag } from './sections.js';

/** Does the best variant really beat the others, or is it the rows and seeds that happened to be drawn? */
export function comparisonSection(results: Results): string {
  const comparisons = results.comparisons ?? [];
  if (comparisons.length === 0) return '';
  const masked = comparisons.some((c) => c.mask !== null);
  const seeds = results.seeds.length;
  const rows = comparisons.map((c) => [
    e(c.factor),
    ...(masked ? [c.mask ?? '–'] : []),
    c.protocol,
    e(c.best),
    e(c.other),
    formatDifference(c.difference),
    `${formatDifference(c.low)} to ${formatDifference(c.high)}`,
    verdictTag(comparisonVerdict(c, results.cells)),
  ]);
  return `<h2 id="comparisons">Does the best variant really beat the others?</h2>
<p>Test rows${seeds === 1 ? '' : ' and seeds'} are drawn again a thousand times, the same ones for both variants (paired bootstrap): 95 % of the differences lie in the interval.${seeds === 1 ? ' One seed was run, so how much seeds differ is not in it.' : ''}</p>
${table(
  [
    ['factor', 'text'],
    ...(masked ? [['mask', 'text'] as const] : []),
    ['protocol', 'text'],
    ['best', 'text'],
    ['other', 'text'],
    ['higher by', 'number'],
    ['95 % interval', 'number'],
    ['better?', 'text'],
  ],
  rows,
)}`;
}
