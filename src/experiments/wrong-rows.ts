import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { encodePng } from '../files/png.js';
import type { Prepared } from './experiment.js';

/** A test row that a model got wrong. */
export interface WrongRow {
  /** From 0 in the test part. */
  readonly row: number;
  readonly label: string;
  readonly predicted: string;
  /** What the model gave its answer, in [0,1]. */
  readonly probability: number;
  /** Left out without leaks, since it repeats a row of an earlier part. */
  readonly repeated?: true;
  readonly text?: string;
  /** PNG as an address of data. Only the first ones of a run have it. */
  readonly picture?: string;
}

/** Pictures that a run keeps. */
const MOST_PICTURES = 100;
/** Wrong rows that stay in memory with each run. */
export const MOST_REMEMBERED = 20;

const FILE = 'errors.json';

/** Every test row that was predicted wrong, the most confident first; equally confident ones in their order. */
export function wrongRows(
  prepared: Prepared,
  predictions: readonly number[],
  probabilities: readonly number[],
  classNames: readonly string[],
  repeated: (row: number) => boolean = () => false,
): WrongRow[] {
  const { audited, test } = prepared;
  const { images } = audited.test;
  const texts = prepared.writtenTests ?? audited.test.texts;
  const shape = audited.imageShape;
  const pixels = shape ? shape[0] * shape[1] * shape[2] : 0;
  const name = (k: number | undefined): string => classNames[k ?? -1] ?? String(k);
  return predictions
    .map((_, row) => row)
    .filter((row) => predictions[row] !== test.labels[row])
    .sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b)
    .map((row, rank): WrongRow => {
      const picture =
        images && shape && rank < MOST_PICTURES
          ? `data:image/png;base64,${Buffer.from(encodePng(images.images.subarray(row * pixels, (row + 1) * pixels), shape)).toString('base64')}`
          : undefined;
      return {
        row,
        label: name(test.labels[row]),
        predicted: name(predictions[row]),
        probability: probabilities[row] ?? 0,
        ...(repeated(row) ? { repeated: true } : {}),
        ...(texts?.[row] === undefined ? {} : { text: texts[row] }),
        ...(picture === undefined ? {} : { picture }),
      };
    });
}

/** As a run's folder keeps them. */
export function wrongRowsFile(rows: readonly WrongRow[]): { readonly name: string; readonly text: string } {
  return { name: FILE, text: `{"rows":[\n${rows.map((r) => JSON.stringify(r)).join(',\n')}\n]}\n` };
}

/**
 * The wrong rows of a finished run, the most confident first; null in runs from before they were kept.
 *
 * Throws: ERR_FORMAT if the file is damaged.
 */
export function readWrongRows(folder: string): WrongRow[] | null {
  const path = join(folder, FILE);
  if (!existsSync(path)) return null;
  try {
    const { rows } = JSON.parse(readFileSync(path, 'utf8')) as { rows?: unknown };
    const whole = (r: unknown): boolean => typeof (r as WrongRow | null)?.row === 'number' && typeof (r as WrongRow).label === 'string';
    if (Array.isArray(rows) && rows.every(whole)) return rows as WrongRow[];
    throw new Error('no rows');
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'errors', `expected a list of rows in ${path}; the file is damaged, run again`, { cause });
  }
}
