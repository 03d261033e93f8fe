import { describe, expect, it } from 'vitest';
import type { AnyCases } from '../../bench/contenders/contender.js';
import { nativeContender } from '../../bench/contenders/native-program.js';
import { onednn } from '../../bench/contenders/onednn.js';
import { openblas } from '../../bench/contenders/openblas.js';
import { compare, ofVariant } from '../../bench/harness/compare.js';
import { suiteNamed, type AnySuite } from '../../bench/suites/index.js';

describe('a C++ library as a contender', () => {
  it('names the package that is missing', async () => {
    const peer = {
      name: 'absent',
      title: 'Absent',
      library: 'LibAbsent',
      header: 'no/such/header.h',
      package: 'libabsent-dev',
      files: ['openblas.cc'],
      link: [],
      suites: [],
      env: () => ({}),
    };
    const loaded = await nativeContender(peer).load(1);
    expect('unavailable' in loaded && loaded.unavailable).toMatch(
      /LibAbsent is not installed; apt-get install libabsent-dev|no C\+\+ compiler/,
    );
  });

  // Where the library is not installed there is a reason to be read; where it is, its results are the reference's.
  it.each([
    [openblas, 'gemm', 'odd-127x61x251'],
    [onednn, 'gemm', '64'],
    [onednn, 'conv', 'odd-13x13x5-7-train'],
    [onednn, 'pool', 'max-odd-15x15x7-train'],
    [onednn, 'recurrent', 'odd-bilstm-train'],
    [onednn, 'recurrent', 'tiny-gru-train'],
  ] as const)('$0.name does $1/$2, or says what to install', { timeout: 60_000 }, async (contender, suiteName, shapeName) => {
    const loaded = await contender.load(1);
    if ('unavailable' in loaded) return expect(loaded.unavailable).toMatch(/apt-get install|not ported/);
    const suite = suiteNamed(suiteName) as AnySuite;
    const shape = suite.shapes.find((s) => s.name === shapeName);
    if (!shape) throw new Error(`no shape ${shapeName}`);
    const inputs = suite.inputs(shape);
    const job = await (loaded.cases as AnyCases)[suiteName]?.(inputs);
    const { agrees, note } = compare(
      await (job as NonNullable<typeof job>).check(),
      ofVariant(suite.reference(inputs), undefined),
      suite.tolerance,
    );
    expect(agrees, note).toBe(true);
  });
});
