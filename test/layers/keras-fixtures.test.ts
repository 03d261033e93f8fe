import { describe, expect, test } from 'vitest';
import { layerCases } from '../../src/keras/fixtures/layers.js';
import { fixtureTests } from '../helpers/fixture-tests.js';
import { fixtureFolder } from '../helpers/keras-fixtures.js';

const cases = fixtureFolder ? [...layerCases(fixtureFolder)] : [];

describe.skipIf(!fixtureFolder)('layers compute what Keras computes (set SARAF_FIXTURES to the folder of fixtures)', () => {
  test('there are cases', () => expect(cases.length).toBeGreaterThan(590));
  fixtureTests(cases);
});
