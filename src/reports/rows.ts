import type { CellResult, Results } from '../experiments/results.js';

/** One row of a factor's table: both protocols of a variant at one mask setting. */
export interface TableRow {
  readonly factor: string;
  readonly variant: string;
  readonly mask: CellResult['mask'];
  readonly published: number | null;
  readonly reproduced: CellResult | null;
  readonly leakFree: CellResult | null;
}

/** Seeds of the cells that have the fewest, and of those that have the most. */
export function seedRange(cells: readonly CellResult[]): readonly [least: number, most: number] {
  const counts = cells.map((c) => c.runs.length);
  return counts.length === 0 ? [0, 0] : [Math.min(...counts), Math.max(...counts)];
}

/** "one seed", "5 seeds", "1 to 3 seeds". */
export function seedsInWords(cells: readonly CellResult[]): string {
  const [least, most] = seedRange(cells);
  return least !== most ? `${least} to ${most} seeds` : most === 1 ? 'one seed' : `${most} seeds`;
}

/** Pairs the cells of both protocols, in the order in which they were declared. */
export function tableRows(cells: readonly CellResult[]): TableRow[] {
  const rows = new Map<string, TableRow>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.factor, cell.mask, cell.variant]);
    const row = rows.get(key) ?? {
      factor: cell.factor,
      variant: cell.variant,
      mask: cell.mask,
      published: cell.published,
      reproduced: null,
      leakFree: null,
    };
    rows.set(key, cell.protocol === 'published' ? { ...row, reproduced: cell } : { ...row, leakFree: cell });
  }
  return [...rows.values()];
}

/** Variants that are shown where nothing is published. */
const MOST_UNPUBLISHED = 12;

/** The rows with a published figure; of an experiment without any, the first ones. */
export function publishedRows(results: Results): TableRow[] {
  const rows = tableRows(results.cells);
  const printed = rows.filter((r) => r.published !== null);
  return printed.length > 0 ? printed : rows.slice(0, MOST_UNPUBLISHED);
}

/** How many points the published protocol scores above the leak-free one. */
export interface ShownEffect {
  readonly effect: number;
  /** null in results from before it was counted. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Whether the test rows of both are the same raw ones; null in older results. */
  readonly paired: boolean | null;
}

/** The effect of the leak on a row; null where one of the protocols was not run. */
export function leakEffect({ leakEffects = [] }: Results, { factor, variant, mask, reproduced, leakFree }: TableRow): ShownEffect | null {
  if (reproduced === null || leakFree === null) return null;
  const found = leakEffects.find((x) => x.factor === factor && x.variant === variant && x.mask === mask);
  if (!found) return { effect: reproduced.mean - leakFree.mean, interval: null, paired: null };
  return { effect: found.effect, interval: [found.low, found.high], paired: found.paired };
}

/** "4,000" or "400 to 4,000". */
function span(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((n) => n.toLocaleString('en')) as [string, string];
  return low === high ? low : `${low} to ${high}`;
}

/** What an effect of the leak holds beside the leak: that the protocols train on different numbers of rows. Nothing where they do not. */
export function trainingRowsNote(rows: readonly TableRow[]): string {
  const pairs = rows.flatMap(({ reproduced, leakFree }): [number, number][] => {
    const [one, other] = [reproduced?.rowsTrained, leakFree?.rowsTrained];
    return one === undefined || other === undefined || one === other ? [] : [[one, other]];
  });
  if (pairs.length === 0) return '';
  return `Training rows differ between the protocols: ${span(pairs.map(([n]) => n))} as published, ${span(pairs.map(([, m]) => m))} leak-free. What that gives or takes is in the effect too.`;
}

/** The factors that have cells, in order. */
export function factorsRun(results: Results): Results['factors'][number][] {
  return results.factors.filter((f) => results.cells.some((c) => c.factor === f.name)).map((f) => ({ ...f }));
}

/** Why some of the cells are stand-ins, each reason once, with the variants that it holds for. */
export function cellStandIns(cells: readonly CellResult[]): string[] {
  const variants = new Map<string, Set<string>>();
  for (const { standIn, variant } of cells)
    if (standIn !== undefined) variants.set(standIn, (variants.get(standIn) ?? new Set()).add(variant));
  return [...variants].map(([reason, names]) => `${[...names].join(', ')}: ${reason}`);
}

/** Whether a row's figures may be set beside the published one; where the protocols differ in that, which of them is a stand-in. */
export function comparability({ reproduced, leakFree }: TableRow): string {
  if (reproduced !== null && leakFree !== null && reproduced.comparable !== leakFree.comparable)
    return `${reproduced.comparable === 'stand-in' ? 'reproduced' : 'leak-free'}: stand-in`;
  return (reproduced ?? leakFree)?.comparable ?? '–';
}

/** `mask off`, `mask on`, or nothing where there is no padding. */
export function maskLabel(mask: CellResult['mask']): string {
  return mask === null ? '' : `mask ${mask}`;
}
