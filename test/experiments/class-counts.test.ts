import { describe, expect, it } from 'vitest';
import { resampledCounts } from '../../src/experiments/class-counts.js';
import type { ReadyExperiment } from '../../src/experiments/jobs.js';

const rows = (...labels: number[]): Int32Array => Int32Array.from(labels);
const prepared = (train: Int32Array, unsampled?: Int32Array): unknown => ({
  train: { labels: train },
  ...(unsampled ? { unsampled: { texts: Array.from(unsampled, () => ''), labels: unsampled } } : {}),
});

function ready(cells: { factor: string; variant: string; protocol: string; prepared: unknown }[]): ReadyExperiment {
  return {
    plan: { experiment: { factors: [{ name: 'rate', title: 'Rate' }, { name: 'balance', title: 'Balance' }] }, protocols: ['published', 'leak-free'] }, // prettier-ignore
    loaded: { classNames: ['few', 'many', 'none'] },
    cells: cells.map(({ prepared: own, ...cell }) => ({ cell, prepared: own })),
  } as unknown as ReadyExperiment;
}

describe('resampledCounts', () => {
  const before = rows(0, 1, 1, 1);
  const over = prepared(rows(0, 0, 0, 1, 1, 1), before);

  it('counts classes before and after, variants that train on the same rows once', () => {
    const found = resampledCounts(
      ready([
        { factor: 'rate', variant: '1e-2', protocol: 'leak-free', prepared: over },
        { factor: 'rate', variant: '1e-3', protocol: 'leak-free', prepared: over },
      ]),
    );
    expect(found).toEqual([
      {
        factor: 'rate',
        title: 'Rate',
        protocol: 'leak-free',
        series: [
          { name: 'training, as collected', counts: [1, 3, 0] },
          { name: 'training, resampled', counts: [3, 3, 0] },
        ],
      },
    ]);
  });

  it('names each way to resample, per protocol, and leaves out what is not resampled', () => {
    const under = prepared(rows(0, 1), before);
    const found = resampledCounts(
      ready([
        { factor: 'balance', variant: 'as they are', protocol: 'published', prepared: prepared(before) },
        { factor: 'balance', variant: 'over', protocol: 'published', prepared: over },
        { factor: 'balance', variant: 'under', protocol: 'published', prepared: under },
        { factor: 'balance', variant: 'over', protocol: 'leak-free', prepared: over },
      ]),
    );
    expect(found.map((f) => [f.protocol, f.series.map((s) => s.name)])).toEqual([
      ['published', ['all rows, as collected', 'over', 'under']],
      ['leak-free', ['training, as collected', 'training, resampled']],
    ]);
    expect(resampledCounts(ready([{ factor: 'rate', variant: 'x', protocol: 'published', prepared: prepared(before) }]))).toEqual([]);
  });
});
