import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { readCsv } from '../data/csv.js';
import { loadModel } from '../models/load.js';
import type { Model } from '../models/model.js';
import { textTable } from './text-table.js';

/** A model, and what the places of its output mean, if that is known. */
export interface NamedModel {
  readonly model: Model;
  readonly classNames: readonly string[] | null;
}

/** What a model says of a text. */
export interface LabelledText {
  readonly text: string;
  readonly label: string;
  readonly probability: number;
}

const OP = 'predict';

/** A model file or folder, or a run of `saraf reproduce` (runs/<id>), which knows the names of its classes. */
export async function openModel(path: string): Promise<NamedModel> {
  const run = join(path, 'config.json');
  if (!existsSync(join(path, 'model')) || !existsSync(run)) return { model: await loadModel(path, { compile: false }), classNames: null };
  const { classNames } = JSON.parse(readFileSync(run, 'utf8')) as { classNames?: string[] };
  return { model: await loadModel(join(path, 'model'), { compile: false }), classNames: classNames ?? null };
}

/** The texts of a column of a CSV file. */
export async function textsOf(path: string, column: string | undefined): Promise<readonly string[]> {
  if (column === undefined)
    throw new SarafError('ERR_ARG', OP, `expected --text COLUMN with ${path}, received none; name the column of the texts`);
  return (await readCsv(path, { columns: [column] })).strings(column);
}

/**
 * The most probable class of each text.
 *
 * Throws: ERR_STATE if the model has no preprocessing, or gives no row of probabilities.
 */
export async function labelTexts({ model, classNames }: NamedModel, texts: readonly string[], batchSize: number): Promise<LabelledText[]> {
  if (texts.length === 0) return [];
  const output = await model.predict(texts, { batchSize });
  const classes = output.shape[1];
  if (output.rank !== 2 || classes === undefined || classes < 2)
    throw new SarafError('ERR_STATE', OP, `expected a model that gives a probability per class, received outputs of shape (${output.shape.join(',')}); use inputs in JSON`); // prettier-ignore
  const values = output.data();
  return texts.map((text, row) => {
    const own = values.subarray(row * classes, (row + 1) * classes);
    const best = own.indexOf(Math.max(...own));
    return { text, label: classNames?.[best] ?? String(best), probability: own[best] as number };
  });
}

const quoted = (value: string): string => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** As CSV with columns text, label, probability. */
export function labelledCsv(rows: readonly LabelledText[]): string {
  return ['text,label,probability', ...rows.map((r) => [quoted(r.text), quoted(r.label), r.probability.toFixed(4)].join(',')), ''].join(
    '\n',
  );
}

/** As a table for people. */
export function labelledTable(rows: readonly LabelledText[]): string {
  return textTable(['label', 'probability', 'text'], rows.map((r) => [r.label, r.probability.toFixed(4), r.text]), [1]); // prettier-ignore
}
