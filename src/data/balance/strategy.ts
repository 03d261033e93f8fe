import { SarafError } from '../../errors.js';
import { quoted } from '../table.js';
import type { Classes } from './labels.js';

/**
 * Which classes are resampled, and how large they become; names and meaning as in imbalanced-learn.
 *
 * 'auto': every class becomes as large as the largest (over-sampling) or as small as the smallest (under-sampling). 'minority', 'majority',
 * 'not minority', 'not majority', 'all': only those classes. A number, for two classes alone: rows of the smaller over rows of the larger
 * afterwards, in (0,1]. A record: rows per label afterwards; labels that it does not name stay as they are.
 */
export type SamplingStrategy =
  'auto' | 'minority' | 'majority' | 'not minority' | 'not majority' | 'all' | number | Readonly<Record<string, number>>;

export type Direction = 'over' | 'under';

const NAMES = {
  over: ['auto', 'minority', 'not minority', 'not majority', 'all'],
  under: ['auto', 'majority', 'not minority', 'not majority', 'all'],
} as const;

/** Rows that each class shall have. Throws ERR_ARG for a strategy that does not exist, or asks for the other direction. */
export function targetsOf(op: string, direction: Direction, classes: Classes, strategy: SamplingStrategy): Map<string, number> {
  const counts = new Map([...classes].map(([label, rows]) => [label, rows.length]));
  if (typeof strategy === 'string') return byName(op, direction, counts, strategy);
  if (typeof strategy === 'number') return byRatio(op, direction, counts, strategy);
  const targets = byLabel(op, counts, strategy);
  for (const [label, count] of counts) {
    const wanted = targets.get(label) as number;
    if (direction === 'over' ? wanted < count : wanted > count)
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected at ${direction === 'over' ? 'least' : 'most'} the ${count} rows that class ${JSON.stringify(label)} has, received ${wanted}; ${direction === 'over' ? 'under' : 'over'}-sample it, or use hybridSample`,
      );
  }
  return targets;
}

/** Targets that a record names; other labels keep their rows. Throws ERR_ARG for a label that does not occur, or no count. */
export function byLabel(op: string, counts: ReadonlyMap<string, number>, wanted: Readonly<Record<string, number>>): Map<string, number> {
  const targets = new Map(counts);
  for (const [label, count] of Object.entries(wanted)) {
    if (!counts.has(label))
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected labels among ${quoted([...counts.keys()])} in samplingStrategy, received ${JSON.stringify(label)}, which no row has`,
      );
    if (!Number.isInteger(count) || count < 1)
      throw new SarafError('ERR_ARG', op, `expected a whole number of at least 1 for class ${JSON.stringify(label)}, received ${count}`);
    targets.set(label, count);
  }
  return targets;
}

function byName(op: string, direction: Direction, counts: ReadonlyMap<string, number>, name: string): Map<string, number> {
  if (!(NAMES[direction] as readonly string[]).includes(name))
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected samplingStrategy ${quoted(NAMES[direction])}, a number or a record of counts, received ${JSON.stringify(name)}`,
    );
  const { smallest, largest } = extremes(counts);
  const target = counts.get(direction === 'over' ? largest : smallest) as number;
  const resampled = (label: string): boolean => {
    if (name === 'minority') return label === smallest;
    if (name === 'majority') return label === largest;
    if (name === 'not minority') return label !== smallest;
    return name === 'not majority' ? label !== largest : true;
  };
  return new Map([...counts].map(([label, count]) => [label, resampled(label) ? target : count]));
}

function byRatio(op: string, direction: Direction, counts: ReadonlyMap<string, number>, ratio: number): Map<string, number> {
  if (counts.size !== 2)
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected a name or a record of counts for ${counts.size} classes, received the number ${ratio}, which means two classes`,
    );
  if (!(ratio > 0 && ratio <= 1)) throw new SarafError('ERR_ARG', op, `expected a samplingStrategy in (0,1], received ${ratio}`);
  const { smallest, largest } = extremes(counts);
  const few = counts.get(smallest) as number;
  const many = counts.get(largest) as number;
  const wanted = Math.floor(direction === 'over' ? ratio * many : few / ratio);
  if (direction === 'over' ? wanted < few : wanted > many)
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected a samplingStrategy of at least ${few / many}, which the rows have already (${few} to ${many}), received ${ratio}`,
    );
  return new Map(counts).set(direction === 'over' ? smallest : largest, wanted);
}

/** The first of the smallest and of the largest classes; two different ones if there are two. */
function extremes(counts: ReadonlyMap<string, number>): { smallest: string; largest: string } {
  const ascending = [...counts].sort(([, a], [, b]) => a - b);
  return { smallest: (ascending[0] as [string, number])[0], largest: (ascending.at(-1) as [string, number])[0] };
}
