import { SarafError } from '../errors.js';
import { STREAM, Philox } from '../tensor/random.js';
import { exp, log } from '../tensor/portable-math.js';

/** A value that a search may choose: plain, so that it can be written down. */
export type ParamValue = number | string | boolean | null;
/** One choice of all parameters. */
export type Params = Readonly<Record<string, ParamValue>>;

/** Numbers of a range, for random and halving searches. */
export interface Range {
  readonly kind: 'uniform' | 'logUniform' | 'intUniform';
  readonly low: number;
  readonly high: number;
}
/** What each parameter may be: a list of values, or a range. */
export type Space = Readonly<Record<string, readonly ParamValue[] | Range>>;

const OP = 'search';

/** Any number in [low, high), all alike. Throws ERR_ARG unless low < high. */
export const uniform = (low: number, high: number): Range => range('uniform', low, high);
/** Any number in [low, high), all orders of magnitude alike: learning rates. Throws ERR_ARG unless 0 < low < high. */
export const logUniform = (low: number, high: number): Range => range('logUniform', low, high);
/** Any whole number from low to high, both included. Throws ERR_ARG unless low < high are whole. */
export const intUniform = (low: number, high: number): Range => range('intUniform', low, high);

function range(kind: Range['kind'], low: number, high: number): Range {
  const whole = kind !== 'intUniform' || (Number.isSafeInteger(low) && Number.isSafeInteger(high));
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high && whole) || (kind === 'logUniform' && low <= 0))
    throw new SarafError(
      'ERR_ARG',
      kind,
      `expected ${kind === 'logUniform' ? '0 < ' : ''}low < high${kind === 'intUniform' ? ', whole numbers' : ''}, received ${low} and ${high}`,
    );
  return { kind, low, high };
}

export const isRange = (values: Space[string]): values is Range => !Array.isArray(values);

/** Throws ERR_ARG for a space that is empty, or a parameter without values. */
export function checkSpace(space: Space): void {
  const names = Object.keys(space);
  if (names.length === 0) throw new SarafError('ERR_ARG', OP, 'expected a space with at least one parameter, received none');
  for (const name of names) {
    const values = space[name] as Space[string];
    if (isRange(values)) range(values.kind, values.low, values.high);
    else if (values.length === 0)
      throw new SarafError('ERR_ARG', OP, `expected values of ${name}, received an empty list; give at least one`);
    else if (new Set(values).size !== values.length)
      throw new SarafError('ERR_ARG', OP, `expected different values of ${name}, received ${JSON.stringify(values)}`);
  }
}

/** Every combination of the lists, the last parameter changing fastest. Throws ERR_ARG for a range. */
export function gridOf(space: Space): Params[] {
  let grid: Record<string, ParamValue>[] = [{}];
  for (const [name, values] of Object.entries(space)) {
    if (isRange(values))
      throw new SarafError('ERR_ARG', OP, `expected a list of values of ${name} for a grid, received a range; use strategy "random"`);
    grid = grid.flatMap((params) => values.map((value) => ({ ...params, [name]: value })));
  }
  return grid;
}

/** How many different values there are. */
function countOf(values: Space[string]): number {
  if (!isRange(values)) return values.length;
  return values.kind === 'intUniform' ? values.high - values.low + 1 : Infinity;
}

/** So many different choices at random; of lists and whole numbers at most all there are. The first of a longer draw are those of a shorter. */
export function sampleOf(space: Space, trials: number, seed: number): Params[] {
  const all = Object.values(space).reduce((n, values) => n * countOf(values), 1);
  const seen = new Map<string, Params>();
  // A counter per trial, so that each is drawn alike however many there are.
  for (let draw = 0; seen.size < Math.min(trials, all); draw++) {
    const random = new Philox(seed, STREAM.search, draw);
    const params = Object.fromEntries(Object.entries(space).map(([name, values]) => [name, drawn(values, random)]));
    const key = JSON.stringify(params);
    if (!seen.has(key)) seen.set(key, params);
  }
  return [...seen.values()];
}

function drawn(values: Space[string], random: Philox): ParamValue {
  if (!isRange(values)) return values[random.integer(values.length)] as ParamValue;
  const { kind, low, high } = values;
  if (kind === 'intUniform') return low + random.integer(high - low + 1);
  if (kind === 'uniform') return random.uniform(low, high);
  // exp may round beyond an end.
  return Math.min(Math.max(exp(random.uniform(log(low), log(high))), low), high);
}
