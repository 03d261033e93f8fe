import { expect, test } from 'vitest';
import { runCase, type FixtureCase } from '../../src/keras/fixtures/index.js';

/**
 * A test for each case of Keras' fixtures. `notYet` names those that need what saraf does not have: they are no tests of their
 * own, and the one test about them fails as soon as the list is not the truth.
 */
export function fixtureTests(cases: readonly FixtureCase[], notYet: readonly string[] = []): void {
  const waiting = new Set(notYet);
  for (const one of cases) {
    if (waiting.has(one.name)) continue;
    test(one.name, { timeout: 60_000 }, async () => {
      const result = await runCase(one);
      expect(result, result.detail).toMatchObject({ status: 'pass' });
    });
  }
  if (waiting.size === 0) return;
  test(`${waiting.size} cases need what saraf does not have yet, and no others`, { timeout: 60_000 }, async () => {
    const known = new Set(cases.map((one) => one.name));
    expect([...waiting].filter((name) => !known.has(name))).toEqual([]);
    const results = [];
    for (const one of cases) if (waiting.has(one.name)) results.push(await runCase(one));
    expect(results.filter((r) => r.status !== 'unsupported').map((r) => `${r.name}: ${r.status}, take it off the list`)).toEqual([]);
  });
}
