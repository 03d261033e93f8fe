import { expect, test } from 'vitest';
import { runCase, type CaseResult, type FixtureCase } from '../../src/keras/fixtures/index.js';

/**
 * A test for each case of Keras' fixtures. Where saraf does not have what a case needs, the test says so and is skipped; `most`
 * is how many of these there may be.
 */
export function fixtureTests(cases: readonly FixtureCase[], most: number): void {
  const unsupported: CaseResult[] = [];
  for (const one of cases) {
    test(one.name, { timeout: 60_000 }, async (context) => {
      const result = await runCase(one);
      if (result.status === 'unsupported') {
        unsupported.push(result);
        return context.skip(`not in saraf: ${result.detail}`);
      }
      expect(result, result.detail).toMatchObject({ status: 'pass' });
    });
  }
  test(`at most ${most} of the cases need something that saraf does not have`, () => {
    expect(unsupported.length, unsupported.map((r) => `${r.name}: ${r.detail}`).join('\n')).toBeLessThanOrEqual(most);
  });
}
