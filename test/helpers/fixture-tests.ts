import { expect, test } from 'vitest';
import { runCase, type FixtureCase } from '../../src/keras/fixtures/index.js';

/** A test for each case of Keras' fixtures. */
export function fixtureTests(cases: readonly FixtureCase[]): void {
  for (const one of cases) {
    test(one.name, { timeout: 60_000 }, async () => {
      const result = await runCase(one);
      expect(result, result.detail).toMatchObject({ status: 'pass' });
    });
  }
}
