import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import { makeFolder } from '../files/make-folder.js';
import type { Finding } from './results.js';

/** How a model that Keras trained predicts here, beside what Keras predicted. */
export interface KerasComparison {
  /** Its name and its file's: `nusax-bilstm, model.keras`. */
  readonly model: string;
  /** Keras' version, where the file of predictions says it. */
  readonly keras: string | null;
  readonly rows: number;
  /** Largest difference of a probability. */
  readonly worst: number;
  /** Rows whose most probable class is another one. */
  readonly different: number;
  /** In percent. */
  readonly macroF1: { readonly saraf: number; readonly keras: number };
}

const fileIn = (folder: string): string => join(folder, 'keras.json');

/** The comparisons that an experiment's folder holds. Throws ERR_FORMAT for a damaged file. */
export function readKerasRecord(folder: string): KerasComparison[] {
  const path = fileIn(folder);
  if (!existsSync(path)) return [];
  try {
    const list: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (Array.isArray(list)) return list as KerasComparison[];
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'reproduce', `expected JSON in ${path}; delete it and run --keras again`, { cause });
  }
  throw new SarafError('ERR_FORMAT', 'reproduce', `expected a list of comparisons in ${path}; delete it and run --keras again`);
}

/** Adds a comparison to an experiment's folder, in place of an earlier one of the same model. */
export function addToKerasRecord(folder: string, comparison: KerasComparison): void {
  const others = readKerasRecord(folder).filter(({ model }) => model !== comparison.model);
  makeFolder(folder);
  writeFileAtomic(fileIn(folder), toJsonText([...others, comparison].sort((a, b) => (a.model < b.model ? -1 : 1))));
}

/** The claim that a forward pass of one's own predicts what Keras does, as a finding; none where no model was compared. */
export function kerasFindings(comparisons: readonly KerasComparison[]): Finding[] {
  if (comparisons.length === 0) return [];
  const of = ({ model, rows, worst, different, macroF1 }: KerasComparison): string =>
    `${model}: ${different} of ${rows} labels differ, the largest |Δp| is ${worst.toExponential(1)}, macro F1 ${macroF1.saraf.toFixed(2)} here and ${macroF1.keras.toFixed(2)} in Keras.`;
  return [
    {
      kind: 'computed',
      title: 'A forward pass from scratch predicts exactly what Keras does',
      text: comparisons.map(of).join(' '),
      holds: comparisons.every(({ different, macroF1 }) => different === 0 && macroF1.saraf === macroF1.keras),
    },
  ];
}
