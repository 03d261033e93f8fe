import { SarafError } from '../errors.js';
import { bestFinding, orderFinding, ranCells, scoreValues } from './claims.js';
import type { Factor, FindingContext, PublishedRepeat, TrainingConfig } from './experiment.js';
import type { Finding } from './results.js';

/** A conclusion on the variants of a factor: an order from the lowest to the highest score, or which one is best. */
export interface TableClaim {
  readonly factor: string;
  readonly order?: readonly (string | number)[];
  readonly best?: string | number;
  /** Default: the claim in words. */
  readonly title?: string;
}

/** What a document says of a table, for the report: figures in percent, conclusions, one configuration printed with several figures. */
export interface TableDocument {
  /** Its name. */
  readonly document?: string;
  /** Figures by factor and variant: `{ model: { bilstm: 71.2 }, units: { 64: 70.4 } }`. */
  readonly published?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly claims?: readonly TableClaim[];
  readonly repeats?: readonly PublishedRepeat[];
}

type Factors<C extends TrainingConfig> = readonly Factor<C>[];

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws ERR_ARG, with what there is, for a factor or a variant that is none. */
function checkNames<C extends TrainingConfig>(
  op: string,
  what: string,
  factors: Factors<C>,
  factor: unknown,
  names: readonly unknown[],
): void {
  const found = factors.find((f) => f.name === factor);
  if (!found)
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected ${what} of a factor (${factors.map((f) => f.name).join(', ')}), received ${String(factor)}`,
    );
  const known = found.variants.map((v) => v.name);
  const unknown = names.find((name) => !known.includes(String(name)));
  if (unknown !== undefined)
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected ${what} of a variant of ${found.name} (${known.join(', ')}), received ${String(unknown)}`,
    );
}

/** The factors with a document's figures. Throws ERR_ARG for a figure of nothing, or one that is no number. */
export function withFigures<C extends TrainingConfig>(
  op: string,
  factors: Factors<C>,
  published: TableDocument['published'] = {},
): Factors<C> {
  for (const [factor, figures] of Object.entries(published)) {
    if (!isMap(figures))
      throw new SarafError('ERR_ARG', op, `expected published figures by the variants of ${factor}, received ${JSON.stringify(figures)}`);
    checkNames(op, 'a published figure', factors, factor, Object.keys(figures));
    const odd = Object.entries(figures).find(([, figure]) => typeof figure !== 'number' || !Number.isFinite(figure));
    if (odd)
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected the published figure of ${factor}: ${odd[0]} in percent, received ${JSON.stringify(odd[1])}`,
      );
  }
  return factors.map((f) => ({ ...f, variants: f.variants.map((v) => ({ ...v, published: published[f.name]?.[v.name] ?? null })) }));
}

/** Throws ERR_ARG unless each claim is an order of two variants at least, or a best one. */
export function checkClaims<C extends TrainingConfig>(op: string, factors: Factors<C>, claims: readonly TableClaim[] = []): void {
  for (const claim of claims) {
    const { order, best } = isMap(claim) ? claim : {};
    if ((order === undefined) === (best === undefined))
      throw new SarafError('ERR_ARG', op, `expected a claim { factor, order: [lowest, …, highest] } or { factor, best }, received ${JSON.stringify(claim)}`); // prettier-ignore
    if (order !== undefined && (!Array.isArray(order) || order.length < 2))
      throw new SarafError('ERR_ARG', op, `expected two variants at least in the order of a claim, received ${JSON.stringify(order)}`);
    checkNames(op, 'a claim', factors, claim.factor, order ?? [best]);
    if (best !== undefined && factors.find((f) => f.name === claim.factor)?.variants.length === 1)
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected another variant of ${claim.factor} to be worse than ${String(best)}, received it alone`,
      );
  }
}

/** Throws ERR_ARG unless each is a configuration with the figures that are printed of it. */
export function checkRepeats(op: string, repeats: readonly PublishedRepeat[] = []): void {
  for (const repeat of repeats) {
    const { configuration, values } = isMap(repeat) ? repeat : {};
    const numbers = Array.isArray(values) && values.length > 1 && values.every((v) => typeof v === 'number' && Number.isFinite(v));
    if (typeof configuration !== 'string' || !numbers)
      throw new SarafError('ERR_ARG', op, `expected repeats as { configuration, values: [figure, figure, …] }, received ${JSON.stringify(repeat)}`); // prettier-ignore
  }
}

/** What came of each claim. */
export function claimFindings<C extends TrainingConfig>(
  claims: readonly TableClaim[],
  factors: Factors<C>,
  metric: string,
  context: FindingContext,
): Finding[] {
  return claims.map(({ factor, order, best, title }) => {
    const values = scoreValues(ranCells(context, factor, null), context);
    if (order) return orderFinding(title ?? `${factor}: ${order.join(' < ')}`, metric, order.map(String), values, 2);
    const names = factors.find((f) => f.name === factor)?.variants.map((v) => v.name) ?? [];
    const others = names.filter((name) => name !== String(best));
    return bestFinding(title ?? `${factor}: ${String(best)} is best`, metric, String(best), others, values);
  });
}
