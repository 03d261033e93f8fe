import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';
import { layersPage } from '../../src/keras/layers-table.js';
import { isInOnnx } from '../../src/onnx/export.js';
import { layerClassNames } from '../../src/layers/index.js';

test('docs/layers.md says what the registry says; if not: npm run docs', () => {
  expect(readFileSync(join(packageRoot(), 'docs', 'layers.md'), 'utf8').replaceAll('\r\n', '\n')).toBe(layersPage(isInOnnx));
});

test('every layer that bears the name of one of Keras is in the table, as one that saraf has', () => {
  const page = layersPage(isInOnnx);
  for (const name of ['Dense', 'LSTM', 'Conv2D', 'MultiHeadAttention'])
    expect(page).toMatch(new RegExp(`^\\| ${name} +\\| yes +\\| yes +\\| yes +\\| yes`, 'm'));
  expect(page).toMatch(/^\| ConvLSTM2D +\| no +\| no +\| no +\| no/m);
  const own = layerClassNames().filter((name) => !new RegExp(`^\\| ${name} `, 'm').test(page));
  expect(own).toEqual(['PositionEmbedding', 'SinePositionEncoding']);
});
