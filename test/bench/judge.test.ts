import { describe, expect, it } from 'vitest';
import { goals, type Goal } from '../../bench/goals.js';
import { goalLines, judge, reachedText, summarise, tally } from '../../bench/harness/judge.js';
import type { Row } from '../../bench/harness/types.js';
import { suiteNamed } from '../../bench/suites/index.js';
import { contenders } from '../../bench/contenders/index.js';

const row = (contender: string, medianMs: number | null, shape = 'a', threads = 2, percentOfPeak: number | null = null): Row => ({
  suite: 'gemm',
  shape,
  contender,
  threads,
  medianMs,
  minMs: medianMs,
  maxMs: medianMs,
  gflops: 1,
  peakGflops: null,
  errorRms: null,
  errorMax: null,
  errorVsDirect: null,
  percentOfPeak,
  agrees: true,
  peakBytes: null,
  note: '',
});
const goal = (changes: Partial<Goal> = {}): Goal => ({
  what: 'g',
  suite: 'gemm',
  shapes: ['a'],
  peer: 1.5,
  named: ['onednn'],
  ...changes,
});
const met = (changes: Partial<Goal>, rows: readonly Row[]): boolean | null | undefined => judge([goal(changes)], rows, 'saraf')[0]?.met;

describe('a goal', () => {
  it('is met by the ratio of medians, each contender at its best number of threads', () => {
    const rows = [row('saraf', 3, 'a', 1), row('saraf', 2), row('onednn', 3, 'a', 1), row('onednn', 9), row('tfjs-node', 40)];
    const [verdict] = judge([goal({ tfjsNode: 20 })], rows, 'saraf');
    expect(verdict).toMatchObject({ met: true, ownMs: 2, peerName: 'onednn', peer: { wanted: 1.5, got: 1.5 }, tfjsNode: { got: 20 } });
    expect(met({ tfjsNode: 21 }, rows)).toBe(false);
    expect(met({ peer: 1.6 }, rows)).toBe(false);
  });

  it('is met near enough to the peak, where that is said', () => {
    const rows = [row('saraf', 2, 'a', 2, 84), row('onednn', 2)];
    expect(met({ percentOfPeak: 83 }, rows)).toBe(true);
    expect(met({ percentOfPeak: 85 }, rows)).toBe(false);
    expect(met({ percentOfPeak: 83, frameworks: 2.5 }, [...rows, row('torch', 4)])).toBe(false);
  });

  it('does not count who computes with fewer bits, nor our own variants', () => {
    const rows = [row('saraf', 2), row('onednn', 4), row('saraf-bf16', 1), row('torch', 3)];
    expect(judge([goal()], rows, 'saraf')[0]).toMatchObject({ peerName: 'torch', met: true });
    expect(judge([goal({ against: ['onednn'] })], rows, 'saraf')[0]).toMatchObject({ peerName: 'onednn' });
  });

  it('is not measured without the peers that were fastest, yet missed when it falls short of anyone', () => {
    expect(judge([goal()], [row('saraf', 1), row('torch', 2)], 'saraf')[0]).toMatchObject({ met: null, why: 'not measured: onednn' });
    expect(met({}, [row('saraf', 1), row('torch', 1.2)])).toBe(false);
    expect(judge([goal({ tfjsNode: 2 })], [row('onednn', 2)], 'saraf')[0]?.why).toBe('not measured: saraf, tfjs-node');
    expect(met({}, [row('saraf', 1), row('onednn', null)])).toBeNull();
  });

  it('may be a limit instead: of time, or of error', () => {
    const [time] = judge([{ what: 'g', suite: 'gemm', shapes: ['a'], atMostMs: 1e-3 }], [row('saraf', 4e-4)], 'saraf');
    expect(time).toMatchObject({ met: true, limit: { text: '400 ns of 1000' } });
    const error: Goal = { what: 'g', suite: 'gemm', shapes: ['a'], atMostError: 8 };
    const [worse] = judge([error], [{ ...row('saraf', 1), errorVsDirect: 9 }], 'saraf');
    expect(worse).toMatchObject({ met: false, limit: { got: 9 } });
    expect(judge([error], [row('saraf', 1)], 'saraf')[0]).toMatchObject({ met: null, why: 'not measured: the error' });
  });

  it('is summed up by the shape that is farthest behind', () => {
    const rows = [row('saraf', 1, 'a'), row('onednn', 2, 'a'), row('saraf', 1, 'b'), row('onednn', 1.2, 'b')];
    const verdicts = judge([goal({ shapes: ['a', 'b', 'c'] })], rows, 'saraf');
    expect(summarise(verdicts)).toMatchObject([{ met: false, peer: { got: 1.2 } }]);
    expect(tally(verdicts)).toEqual({ met: 1, missed: 1, notMeasured: 1 });
    expect(goalLines(verdicts)).toEqual(['✘ g (gemm/b): 1.20 of 1.5 × onednn', 'Goals: 1 met, 1 missed, 1 not measured']);
    expect(reachedText({ wanted: 2, got: null })).toBe('– of 2');
  });
});

describe('the goals', () => {
  it('name shapes and contenders that there are', () => {
    const known = contenders.map((c) => c.name);
    for (const g of goals) {
      const shapes = suiteNamed(g.suite)?.shapes.map((s) => s.name);
      // Shape and contender of the last two come with their layers and their precision.
      for (const shape of g.shapes) expect(shapes, g.what).toContain(shape);
      if (g.own === undefined)
        expect(known).toEqual(expect.arrayContaining((g.named ?? []).filter((n) => n === 'onednn' || n === 'tfjs-node')));
    }
  });
});
