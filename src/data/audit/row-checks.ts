import { SarafError } from '../../errors.js';
import { nearDuplicateImages, type ImageBytes } from '../image-hash.js';
import type { AuditPart } from './part.js';
import { shareOf, type LeakExample, type LeakFinding } from './finding.js';

/** Test rows whose key some training row has, each with the first such row. */
function shared<K>(train: ArrayLike<K>, test: ArrayLike<K>, word: (key: K) => string): LeakExample[] {
  const first = new Map<K, number>();
  for (let row = 0; row < train.length; ++row) if (!first.has(train[row] as K)) first.set(train[row] as K, row);
  const found: LeakExample[] = [];
  for (let row = 0; row < test.length; ++row) {
    const at = first.get(test[row] as K);
    if (at !== undefined) found.push({ train: at, test: row, text: word(test[row] as K) });
  }
  return found;
}

/** Rows that resampling made of one row and that a later split put on both sides. */
export function checkSources(train: ArrayLike<number>, test: ArrayLike<number>, examples: number): LeakFinding[] {
  const found = shared(train, test, (source) => `row ${source} of the data`);
  if (found.length === 0) return [];
  const message = `${shareOf(found.length, test.length, 'test rows')} are of a row that training rows are of too: rows were copied before the split. Split first, then resample the training part.`;
  return [
    {
      kind: 'resampled-before-split',
      leakType: 'L1.2',
      count: found.length,
      of: test.length,
      message,
      examples: found.slice(0, examples),
    },
  ];
}

/** Authors, patients, sources on both sides. */
export function checkGroups(train: readonly (string | number)[], test: readonly (string | number)[], examples: number): LeakFinding[] {
  // Rows that name no group belong to none.
  const known = (groups: readonly (string | number)[]): (string | undefined)[] => groups.map((g) => (g === '' ? undefined : String(g)));
  const found = shared(known(train), known(test), (group) => group ?? '').filter(({ text }) => text !== '');
  if (found.length === 0) return [];
  const groups = new Set(found.map(({ text }) => text)).size;
  const message = `${shareOf(found.length, test.length, 'test rows')} belong to ${groups === 1 ? 'a group that has' : `${groups} groups that have`} training rows too. Split with groupedSplit.`;
  return [{ kind: 'group-overlap', leakType: 'L3.2', count: found.length, of: test.length, message, examples: found.slice(0, examples) }];
}

type Time = string | number | Date;
const ISO = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/;

/** Milliseconds, or the number itself. A time without a zone is taken as UTC, so that it is the same on every machine. */
function timeOf(value: Time, where: string): number {
  const text = typeof value === 'string' ? value.trim() : '';
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text.slice(10)) || text.length === 10;
  const time =
    typeof value !== 'string'
      ? Number(value)
      : ISO.test(text)
        ? Date.parse(`${text.replace(' ', 'T')}${zoned ? '' : 'Z'}`)
        : text === ''
          ? Number.NaN
          : Number(text);
  if (Number.isFinite(time)) return time;
  throw new SarafError(
    'ERR_DATA',
    'audit',
    `expected a time in ISO 8601 or a number at ${where}, received ${JSON.stringify(value)}; write it as 2021-08-14 or 2021-08-14T04:27:43`,
  );
}

/** Test rows that are older than the newest training row: a model that is to foretell has then seen the future. */
export function checkTimes(train: AuditPart, test: AuditPart, examples: number): LeakFinding[] {
  const said = (value: Time): string => (value instanceof Date ? value.toISOString() : String(value));
  const timesOf = ({ times = [], table }: AuditPart, side: string): number[] =>
    times.map((value, row) => timeOf(value, table?.where(row) ?? `${side} row ${row}`));
  const [trainTimes, testTimes] = [timesOf(train, 'training'), timesOf(test, 'test')];
  const newest = trainTimes.reduce((best, time, row) => (time > (trainTimes[best] as number) ? row : best), 0);
  const older = testTimes.flatMap((time, row) =>
    time < (trainTimes[newest] as number) ? [{ train: newest, test: row, text: said(test.times?.[row] as Time) }] : [],
  );
  if (older.length === 0) return [];
  const message = `${shareOf(older.length, testTimes.length, 'test rows')} are older than the newest training row (${said(train.times?.[newest] as Time)}). If the model is to foretell, split by time.`;
  return [
    { kind: 'time-overlap', leakType: 'L3.1', count: older.length, of: testTimes.length, message, examples: older.slice(0, examples) },
  ];
}

/** Test images that show nearly the same picture as a training image. */
export function checkImages(
  train: ImageBytes,
  test: ImageBytes,
  shape: readonly [number, number, number],
  examples: number,
): LeakFinding[] {
  const { removed } = nearDuplicateImages(train, test, shape);
  if (removed.length === 0) return [];
  const message = `${shareOf(removed.length, test.rows, 'test images')} show nearly the same picture as a training image (perceptual hash and colours).`;
  return [
    {
      kind: 'image-duplicate',
      leakType: 'L1.4',
      count: removed.length,
      of: test.rows,
      message,
      examples: removed.slice(0, examples).map((d) => ({ train: d.train, test: d.test, text: d.reason })),
    },
  ];
}
