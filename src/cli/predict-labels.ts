import { csvLine } from '../files/csv-line.js';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { ImagePipeline } from '../data/image-pipeline.js';
import { Table } from '../data/table.js';
import { Rescaling } from '../layers/index.js';
import { argmaxRows } from '../metrics/labels.js';
import { loadModel } from '../models/load.js';
import type { Model } from '../models/model.js';
import { textTable } from './text-table.js';

/** A model, and what the places of its output mean, if that is known. */
export interface NamedModel {
  readonly model: Model;
  readonly classNames: readonly string[] | null;
}

/** What a model says of a text or picture. */
export interface Label {
  readonly label: string;
  readonly probability: number;
}

const OP = 'predict';

/** A model file or folder, or a run of `saraf reproduce` (runs/<id>), which knows the names of its classes. */
export async function openModel(path: string): Promise<NamedModel> {
  const run = join(path, 'config.json');
  if (!existsSync(join(path, 'model')) || !existsSync(run)) return { model: await loadModel(path, { compile: false }), classNames: null };
  return { model: await loadModel(join(path, 'model'), { compile: false }), classNames: classNamesIn(run) };
}

function classNamesIn(file: string): readonly string[] | null {
  try {
    const { classNames } = JSON.parse(readFileSync(file, 'utf8')) as { classNames?: unknown };
    return Array.isArray(classNames) ? (classNames as string[]) : null;
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', OP, `expected JSON in ${file}; the file is damaged, run again`, { cause });
  }
}

/** The model, if it takes texts. Throws ERR_STATE otherwise. */
export function ofTexts(named: NamedModel): NamedModel {
  const { preprocessing } = named.model;
  if (preprocessing instanceof ImagePipeline || (!preprocessing && picturesByShape(named.model)))
    throw new SarafError('ERR_STATE', OP, 'expected picture files, received texts: the model labels pictures; name .png or .jpg files, or a folder of them'); // prettier-ignore
  return named;
}

/**
 * The model, if it takes pictures. Where no `ImagePipeline` was saved with it, but it scales pixels itself, its input says the rest.
 *
 * Throws: ERR_STATE if it takes none, or how its pixels were scaled is not known.
 */
export function ofPictures(named: NamedModel): NamedModel {
  const { model } = named;
  if (model.preprocessing instanceof ImagePipeline) return named;
  if (model.preprocessing)
    throw new SarafError('ERR_STATE', OP, 'expected texts, received pictures: the model labels texts; use --say TEXT or a CSV file with --text COLUMN'); // prettier-ignore
  const size = picturesByShape(model);
  if (!size) throw new SarafError('ERR_STATE', OP, `expected a model of pictures, received one with inputs of shape ${inputShapes(model)}`);
  if (!(model.layers[0] instanceof Rescaling))
    throw new SarafError('ERR_STATE', OP, 'expected a model that was saved with how its pixels are scaled, received one without; run it again, or set model.preprocessing = new ImagePipeline({ height, width, scale }) and save it again'); // prettier-ignore
  model.preprocessing = new ImagePipeline(size);
  return named;
}

const symbolic = (model: Model): (readonly (number | null)[])[] =>
  model.graph.inputs.map((at) => model.graph.tensors[at]?.shape.slice(1) ?? []);
const inputShapes = (model: Model): string => symbolic(model).map((shape) => `(${['N', ...shape].join(',')})`).join(' and '); // prettier-ignore

/** Size of the pictures that a model takes, by the shape of its one input; null if it takes none. */
function picturesByShape(model: Model): { height: number; width: number; channels: 1 | 3 } | null {
  const [shape = [], ...others] = symbolic(model);
  const [height, width, channels] = shape;
  if (others.length > 0 || shape.length !== 3 || !height || !width || (channels !== 1 && channels !== 3)) return null;
  return { height, width, channels };
}

/**
 * The most probable class of each row: texts, or names of picture files.
 *
 * Throws: ERR_STATE if the model has no preprocessing, or gives no row of probabilities.
 */
export async function labelRows({ model, classNames }: NamedModel, rows: readonly string[], batchSize: number): Promise<Label[]> {
  // Pictures are far larger than their names: one batch of them at a time. Texts may be padded to the longest of all.
  const step = model.preprocessing instanceof ImagePipeline ? batchSize : rows.length;
  const labels: Label[] = [];
  for (let from = 0; from < rows.length; from += step) {
    const output = await model.predict(rows.slice(from, from + step), { batchSize });
    const [count = 0, width = 0] = output.shape;
    const values = output.data();
    if (output.rank !== 2 || (width === 1 ? classNames?.length !== 2 : width < 2))
      throw new SarafError('ERR_STATE', OP, `expected a model that gives a probability per class, received outputs of shape (${output.shape.join(',')}); use inputs in JSON`); // prettier-ignore
    // One output for two classes is the probability of the second.
    const best = width === 1 ? Array.from(values, (p) => (p > 0.5 ? 1 : 0)) : argmaxRows(values, count, width);
    for (const [row, k] of best.entries()) {
      const own = values[row * width + (width === 1 ? 0 : k)] as number;
      labels.push({ label: classNames?.[k] ?? String(k), probability: width === 1 && k === 0 ? 1 - own : own });
    }
  }
  return labels;
}

/** A name for a new column: with `_predicted` behind it where the table has one of that name. */
function freeName(name: string, taken: readonly string[]): string {
  return taken.includes(name) ? freeName(`${name}_predicted`, taken) : name;
}

/** The rows with what the model says of each in two more columns, label and probability; none of the table's own is touched. */
export function withLabels(table: Table, labels: readonly Label[]): Table {
  return table.withColumns(
    new Map([
      [freeName('label', table.columns), labels.map((l) => l.label)],
      [freeName('probability', table.columns), labels.map((l) => l.probability.toFixed(4))],
    ]),
  );
}

/** A table as CSV with a header line. */
export function csvText({ columns, data, rows }: Table, delimiter = ','): string {
  const lines = Array.from({ length: rows }, (_, row) =>
    csvLine(
      data.map((values) => String(values[row] ?? '')),
      delimiter,
    ),
  );
  return [csvLine(columns, delimiter), ...lines, ''].join('\n');
}

/** As a table for people. */
export function labelledText(what: string, rows: readonly string[], labels: readonly Label[]): string {
  return textTable(['label', 'probability', what], labels.map((l, i) => [l.label, l.probability.toFixed(4), rows[i] ?? '']), [1]); // prettier-ignore
}
