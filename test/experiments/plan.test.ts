import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import type { Precision } from '../../src/backend/backend.js';
import { experiment } from '../../src/experiments/experiment.js';
import { canonicalJson, fingerprint } from '../../src/experiments/fingerprint.js';
import { planExperiment, runId, trainingConfig, type RunIdentity } from '../../src/experiments/plan.js';
import { experiments, findExperiment } from '../../src/experiments/registry.js';

const lstm = findExperiment('nusax-lstm');
const cnn = findExperiment('cifar10-cnn');

describe('plan', () => {
  it('crosses factor, variant, mask and protocol', () => {
    const plan = planExperiment(lstm, { scale: 'quick', factors: ['direction'] });
    expect(plan.cells).toHaveLength(2 * 2 * 2);
    expect(plan.cells.map((c) => `${c.variant} ${c.mask} ${c.protocol}`)[0]).toBe('uni off published');
    expect(planExperiment(lstm, { scale: 'full' }).cells).toHaveLength((3 + 3 + 2) * 2 * 2);
    expect(planExperiment(cnn, { scale: 'full' }).cells).toHaveLength((3 + 3 + 3 + 2) * 2);
  });

  it('narrows by mask, protocol and seeds; an experiment without padding takes no notice of masks', () => {
    const plan = planExperiment(lstm, { scale: 'quick', factors: ['direction'], masks: ['on'], protocols: ['leak-free'], seeds: 4 });
    expect(plan.cells.map((c) => [c.mask, c.protocol])).toEqual([
      ['on', 'leak-free'],
      ['on', 'leak-free'],
    ]);
    expect(plan.seeds).toEqual([1, 2, 3, 4]);
    expect(planExperiment(cnn, { scale: 'quick', factors: ['pooling'], masks: ['on'] }).cells.every((c) => c.mask === null)).toBe(true);
  });

  it('narrows to variants by name, * standing for any letters and nothing else being special', () => {
    const names = (variants: string[], factors?: string[]): string[] => {
      const plan = planExperiment(findExperiment('news-c-lstm'), {
        scale: 'full',
        protocols: ['leak-free'],
        variants,
        ...(factors ? { factors } : {}),
      });
      return plan.cells.map((c) => c.variant);
    };
    expect(names(['* / 16 / 1e-3'])).toEqual([500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000].map((n) => `${n} / 16 / 1e-3`));
    expect(names(['LSTM', '500 / 16 / *'])).toEqual(['LSTM', '500 / 16 / 1e-3', '500 / 16 / 1e-4']);
    expect(() => names(['LSTM'], ['sweep'])).toThrow(/expected a variant of news-c-lstm \(500 \/ 16 \/ 1e-3 · .*\), received LSTM/);
    expect(() => names(['... / 16 / 1e-3'])).toThrow(expect.objectContaining({ code: 'ERR_ARG' }));
  });

  it('gives a variant its own number of seeds at a scale, unless one is asked for', () => {
    const news = findExperiment('news-c-lstm');
    const full = planExperiment(news, { scale: 'full' });
    expect(full.seeds).toEqual([1, 2, 3]);
    for (const cell of full.cells) expect(cell.seeds, cell.variant).toBe(cell.config.batchSize === 16 ? 3 : 1);
    expect(new Set(planExperiment(news, { scale: 'full', seeds: 2 }).cells.map((c) => c.seeds))).toEqual(new Set([2]));
    expect(new Set(planExperiment(news, { scale: 'quick' }).cells.map((c) => c.seeds)).size).toBe(1);
  });

  it('lets the variant win over the scale and keeps the base', () => {
    const cells = planExperiment(cnn, { scale: 'quick', factors: ['kernel'] }).cells;
    expect(cells[0]?.config).toMatchObject({ kernel: 2, filters: [32, 64, 128], trainRows: 4000, duplicates: 'keep' });
    expect(cells[1]?.config).toMatchObject({ kernel: 2, duplicates: 'remove' });
  });

  it('puts bfloat16 into every configuration and float32 into none, so that float32 runs keep their names', () => {
    const has = loadAddon().native.bf16Absent() === null;
    const plan = (precision?: Precision) =>
      planExperiment(cnn, { scale: 'quick', factors: ['pooling'], ...(precision ? { precision } : {}) });
    expect(plan('float32')).toEqual(plan());
    expect(plan().cells.some((c) => 'precision' in c.config)).toBe(false);
    if (has) expect(plan('bfloat16').cells.every((c) => c.config.precision === 'bfloat16')).toBe(true);
    else expect(() => plan('bfloat16')).toThrow(expect.objectContaining({ code: 'ERR_DEVICE' }));
    expect(() => plan('float8' as Precision)).toThrow(expect.objectContaining({ code: 'ERR_ARG' }));
  });

  it('refuses an unknown factor or a wrong number of seeds, naming what there is', () => {
    expect(() => planExperiment(lstm, { scale: 'quick', factors: ['pooling'] })).toThrow(/layers, cells, direction\), received pooling/);
    expect(() => planExperiment(lstm, { scale: 'quick', seeds: 0 })).toThrow(expect.objectContaining({ code: 'ERR_ARG' }));
    expect(() => findExperiment('nusax')).toThrow(/cifar10-cnn, nusax-lstm/);
  });
});

describe('what counts as one training', () => {
  it('leaves out what acts through prepared data alone, by a protocol or by a variant', () => {
    const e = findExperiment('hate-speech-lstm-transformer');
    const cells = planExperiment(e, { scale: 'full', factors: ['augmentation'] }).cells;
    expect(new Set(cells.map((c) => c.preparation)).size).toBe(6);
    expect(new Set(cells.map((c) => fingerprint(trainingConfig(e, c.config)))).size).toBe(1);
    expect(Object.keys(trainingConfig(e, (cells[0] as (typeof cells)[number]).config))).toContain('length');
    // Charts are files under these names.
    const named = (...names: string[]) => () =>
      experiment({ ...e, printed: undefined, defaultFactors: [], factors: [{ name: 'f', title: 'F', variants: names.map((name) => ({ name, config: {}, published: null })) }] } as never); // prettier-ignore
    expect(named('C++', 'C#')).toThrow(/differ in letters or digits, received f\/C\+\+ and f\/C#/);
    expect(named('ReLU', 'relu')).toThrow(/differ in letters or digits/);
    expect(named('+')).toThrow(/letters or digits, received f\/\+/);
    expect(named('x'.repeat(101))).toThrow(/at most 100 characters/);
    expect(named('عربي', 'فارسی')).not.toThrow();
    expect(() => experiment({ ...e, preparedOnly: ['blocks'] } as never)).toThrow(/preparedOnly \(blocks\) among preparedBy/);
  });
});

describe('identity of a run', () => {
  const base: RunIdentity = { experiment: 'x', config: { a: 1, b: [1, 2] }, mask: 'on', prepared: 'p', seed: 1, kernels: 'k', saraf: '1' };

  it('does not depend on the order of keys', () => {
    expect(runId({ ...base, config: { b: [1, 2], a: 1 } })).toBe(runId(base));
    expect(canonicalJson({ b: 1, a: undefined, c: null })).toBe('{"b":1,"c":null}');
  });

  it('changes with configuration, mask, data, seed and kernels', () => {
    const others: Partial<RunIdentity>[] = [
      { config: { a: 2, b: [1, 2] } },
      { mask: 'off' },
      { prepared: 'q' },
      { seed: 2 },
      { kernels: 'l' },
      { saraf: '2' },
    ];
    expect(new Set([base, ...others.map((o) => ({ ...base, ...o }))].map(runId)).size).toBe(others.length + 1);
  });

  it('leaves out what a protocol sets, since that acts through the prepared rows', () => {
    expect(trainingConfig(lstm, lstm.config)).not.toHaveProperty('duplicates');
    expect(trainingConfig(lstm, lstm.config)).toHaveProperty('cells');
  });

  it('refuses what JSON would lose', () => {
    expect(() => fingerprint({ a: Number.NaN })).toThrow(expect.objectContaining({ code: 'ERR_ARG' }));
    expect(() => fingerprint({ a: () => 1 })).toThrow(expect.objectContaining({ code: 'ERR_ARG' }));
  });
});

describe('declarations', () => {
  it('print every published figure of E1 and E3', () => {
    const published = (id: string): Record<string, (number | null)[]> =>
      Object.fromEntries(findExperiment(id).factors.map((f) => [f.name, f.variants.map((v) => v.published)]));
    expect(published('cifar10-cnn')).toEqual({
      layers: [66.01, 67.6, 67.87],
      filters: [69.69, 71.38, 71.41],
      kernel: [68.17, 69.26, 67.6],
      pooling: [69.27, 68.63],
      augmentation: [null, null, null, null, null, null],
    });
    expect(published('nusax-lstm')).toEqual({ layers: [73.5, 71.9, 68.1], cells: [70.7, 70.6, 74], direction: [18.3, 74.1] });
  });

  it('have JSON configurations and name factors that exist by default', () => {
    for (const e of experiments) {
      expect(JSON.parse(JSON.stringify(e.config))).toEqual(e.config);
      const names = e.factors.map((f) => f.name);
      expect(e.defaultFactors.filter((name) => !names.includes(name))).toEqual([]);
      expect(e.notStated.length).toBeGreaterThan(3);
    }
    // What npm start runs: minutes, not hours.
    expect(experiments.filter((e) => e.defaultFactors.length > 0).map((e) => e.id)).toEqual(['cifar10-cnn', 'nusax-lstm']);
  });
});
