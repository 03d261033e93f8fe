import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { SarafError } from '../errors.js';
import type { KerasComparison } from '../experiments/keras-record.js';
import { fixtureTensor } from '../keras/fixtures/arrays.js';
import { thesisInputs, type ThesisReference } from '../keras/fixtures/thesis.js';
import '../keras/index.js';
import { f1Score } from '../metrics/classification.js';
import { toClasses } from '../metrics/labels.js';
import { loadModel } from '../models/load.js';
import { textTable } from './text-table.js';

function readReference(path: string): ThesisReference {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'reproduce', `expected Keras' predictions as JSON in ${path}`, { cause });
  }
  const reference = json as Partial<ThesisReference> | null;
  for (const key of ['predictions', 'test_labels'] as const) {
    if (typeof reference?.[key]?.data !== 'string' || !Array.isArray(reference[key].shape))
      throw new SarafError(
        'ERR_FORMAT',
        'reproduce',
        `expected ${key} with shape, dtype and base64 data in ${path}; a file like thesis/*/reference.json of the fixtures`,
      );
  }
  return reference as ThesisReference;
}

/**
 * Runs a model that Keras trained on the test set that a file of Keras' predictions names.
 *
 * Throws: ERR_FORMAT if the model or the file cannot be read; ERR_SHAPE if they do not belong together.
 */
export async function compareWithKeras(modelPath: string, predictionsPath: string, dataDir: string | undefined): Promise<KerasComparison> {
  const reference = readReference(predictionsPath);
  const model = await loadModel(modelPath, { compile: false });
  const found = await model.predict(await thesisInputs(reference, dataDir));
  const expected = fixtureTensor(reference.predictions);
  if (found.shape.join() !== expected.shape.join()) {
    throw new SarafError(
      'ERR_SHAPE',
      'reproduce',
      `expected predictions of shape (${found.shape.join(',')}), received (${expected.shape.join(',')}); give the file of this model`,
    );
  }
  const [ours, theirs] = [found, expected].map((t) => toClasses('reproduce', t)) as [Int32Array, Int32Array];
  const labels = fixtureTensor(reference.test_labels).data();
  const [a, b] = [found.data(), expected.data()];
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs((a[i] as number) - (b[i] as number)));
  const { keras, settings } = reference;
  return {
    model: settings?.name === undefined ? basename(modelPath) : `${settings.name}, ${basename(modelPath)}`,
    keras: keras ?? null,
    rows: labels.length,
    worst,
    different: ours.filter((label, i) => label !== theirs[i]).length,
    macroF1: { saraf: 100 * f1Score(labels, ours, { average: 'macro' }), keras: 100 * f1Score(labels, theirs, { average: 'macro' }) },
  };
}

/** The comparison for a person. */
export function comparisonTable({ rows, worst, different, macroF1 }: KerasComparison): string {
  return textTable(
    ['', 'saraf', 'Keras'],
    [
      ['macro F1', macroF1.saraf.toFixed(2), macroF1.keras.toFixed(2)],
      ['largest |Δp|', worst.toExponential(1), ''],
      ['labels that differ', `${different} of ${rows}`, ''],
    ],
    [1, 2],
  );
}
