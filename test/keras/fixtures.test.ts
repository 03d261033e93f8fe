import { describe, expect, test } from 'vitest';
import { runCase, type CaseResult } from '../../src/keras/fixtures/comparison.js';
import { hdf5Cases, modelCases } from '../../src/keras/fixtures/models.js';
import { thesisCases } from '../../src/keras/fixtures/thesis.js';
import { fixtureFolder } from '../helpers/keras-fixtures.js';

const root = fixtureFolder ?? '';
const cases = fixtureFolder ? [...hdf5Cases(root), ...modelCases(root), ...thesisCases(root, process.env['SARAF_DATA'])] : [];

/** Models with something that saraf may not have yet, and what that is: they pass, or say so. */
const NOT_YET: Record<string, RegExp> = {
  'models/cnn-batchnorm-gap/': /BatchNormalization|ReLU|GlobalAveragePooling2D/,
  'models/depthwise-residual/': /SeparableConv2D|BatchNormalization|LeakyReLU|DepthwiseConv2D|Conv2DTranspose|GlobalMaxPooling2D|AdamW/,
  'models/encoder-decoder/': /TimeDistributed/,
  'models/nested/': /BatchNormalization|GlobalAveragePooling2D/,
  'models/shared-layer/': /Multiply|Subtract/,
  'models/time-distributed-cnn-lstm/': /TimeDistributed/,
};

describe.skipIf(!fixtureFolder)('files of Keras (set SARAF_FIXTURES to the folder of fixtures)', () => {
  test('there are cases', () => expect(cases.length).toBeGreaterThan(120));
  test.each(cases.map((c) => [c.name, c] as const))('%s', async (name, one) => {
    const result: CaseResult = await runCase(one);
    const waiting = Object.entries(NOT_YET).find(([model]) => name.startsWith(model))?.[1];
    if (waiting && result.status === 'unsupported') expect(result.detail).toMatch(waiting);
    else expect(result, result.detail).toMatchObject({ status: 'pass' });
  });
});
