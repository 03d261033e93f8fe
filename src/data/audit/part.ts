import { SarafError } from '../../errors.js';
import { partOf } from '../../tensor/part.js';
import { labelValues, type ClassLabels } from '../balance/labels.js';
import type { ImageBytes } from '../image-hash.js';
import type { Table } from '../table.js';

/** What is known of the rows of one side of a split; each list has one entry a row. What both sides have is compared. */
export interface AuditPart {
  readonly texts?: readonly string[];
  readonly labels?: ClassLabels;
  /** Whose row it is (author, patient, source): no group may be on both sides. */
  readonly groups?: readonly (string | number)[];
  /** When it was made: a number, a Date, or text in ISO 8601. */
  readonly times?: readonly (string | number | Date)[];
  /** Which row of the original data it is, as resampling returns it in `rows`. */
  readonly sources?: ArrayLike<number>;
  readonly images?: ImageBytes;
  /** The table that the rows came from: messages then name its file and line. */
  readonly table?: Table;
}

/** Lists that both sides have. Throws ERR_ARG if only one has it, ERR_DATA for lists of different lengths or no training rows. */
export function rowsOfPart(part: AuditPart, side: 'train' | 'test'): number {
  const lengths = Object.entries(part)
    .filter(([name, list]) => list !== undefined && name !== 'table')
    .map(([name, list]): [string, number] => [name, name === 'images' ? (list as ImageBytes).rows : lengthOf(list as ClassLabels)]);
  const [first] = lengths;
  if (!first)
    throw new SarafError('ERR_ARG', 'audit', `expected something of the ${side} rows: texts, labels, groups, times, sources or images`);
  const other = lengths.find(([, length]) => length !== first[1]);
  if (other)
    throw new SarafError(
      'ERR_DATA',
      'audit',
      `expected as many ${side} ${other[0]} as ${first[0]}, received ${other[1]} and ${first[1]}; give one of each a row`,
    );
  return first[1];
}

function lengthOf(list: ClassLabels | ArrayLike<unknown>): number {
  return 'length' in list ? list.length : labelValues('audit', list).length;
}

/** Throws ERR_ARG if the sides are swapped, or one lacks what the other has. */
export function checkSides(train: AuditPart, test: AuditPart): void {
  for (const name of ['texts', 'labels', 'groups', 'times', 'sources', 'images'] as const) {
    if ((train[name] === undefined) !== (test[name] === undefined))
      throw new SarafError('ERR_ARG', 'audit', `expected ${name} of both sides or of none, received those of one side`);
    if (partOf(train[name]) === 'test' || partOf(test[name]) === 'train')
      throw new SarafError('ERR_ARG', 'audit', `expected ${name} of the training part as train, received the other way round; swap them`);
  }
}
