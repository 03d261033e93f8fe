import { CATEGORY_COLOURS } from '../../../src/reports/charts/spec.js';
import { contenders } from '../../contenders/index.js';
import type { Row } from '../types.js';

/** A contender has one colour on the whole page. */
export function contenderColours(rows: readonly Row[]): { readonly domain: readonly string[]; readonly range: readonly string[] } {
  const all = contenders.map((c) => c.name);
  const domain = [...new Set(rows.map((r) => r.contender))];
  const colour = (name: string): string => CATEGORY_COLOURS[Math.max(0, all.indexOf(name)) % CATEGORY_COLOURS.length] as string;
  return { domain, range: domain.map(colour) };
}
