import { describe, expect, test } from 'vitest';
import { fixtureCases } from '../../src/keras/fixtures/index.js';
import { fixtureTests } from '../helpers/fixture-tests.js';
import { fixtureFolder } from '../helpers/keras-fixtures.js';

const cases = (fixtureFolder ? fixtureCases(fixtureFolder, process.env['SARAF_DATA']) : []).filter(
  // Layers have a test of their own; the sets of the thesis' models may not be here.
  ({ name }) => !name.startsWith('layers/') && !(name.startsWith('thesis/') && !process.env['SARAF_DATA']),
);

describe.skipIf(!fixtureFolder)('saraf computes what Keras computes (set SARAF_FIXTURES to the folder of fixtures)', () => {
  test('there are cases', () => expect(cases.length).toBeGreaterThan(390));
  fixtureTests(cases);
});
