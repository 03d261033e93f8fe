import { describe, expect, it } from 'vitest';
import type { Contender } from '../../bench/contenders/contender.js';
import { goals } from '../../bench/goals.js';
import { plan } from '../../bench/harness/plan.js';
import { suiteNames } from '../../bench/suites/index.js';

const load = (): Promise<{ unavailable: string }> => Promise.resolve({ unavailable: 'only planned' });
const quick: Contender = { name: 'quick', title: '', maxThreads: 4, load };
const single: Contender = { name: 'single', title: '', maxThreads: 1, load };
const slow: Contender = { name: 'slow', title: '', maxThreads: 4, slowStart: true, load };
const never: Contender = { name: 'never', title: '', maxThreads: 1, neverFastest: true, load };
const alone: Contender = { name: 'alone', title: '', maxThreads: 4, singleThreaded: ['recurrent'], load };
const ours: Contender = { name: 'saraf', title: '', maxThreads: 4, load };
const all = { suites: suiteNames, shapes: null, contenders: [quick, single, slow], threads: [1, 2], all: true };

const trialsOf = (planned: ReturnType<typeof plan>, suite: string, shape: string): string[] | undefined =>
  planned.find((p) => p.suite.name === suite && p.shape.name === shape)?.trials.map((t) => `${t.contender.name} ${t.threads}`);

describe('the plan', () => {
  it('is everything with everyone when all is asked for', () => {
    const planned = plan(all);
    expect(trialsOf(planned, 'gemm', '64')).toEqual(['quick 1', 'quick 2', 'single 1', 'slow 1', 'slow 2']);
    expect(trialsOf(planned, 'conv', 'tiny-infer')).toHaveLength(5);
  });

  it('is otherwise what goals and charts need, with less of those who are slow to load', () => {
    const planned = plan({ ...all, all: false });
    for (const goal of goals) for (const shape of goal.shapes) expect(trialsOf(planned, goal.suite, shape), shape).toBeDefined();
    expect(trialsOf(planned, 'conv', 'tiny-infer')).toBeUndefined();
    expect(trialsOf(planned, 'gemm', '64')).toEqual(['quick 1', 'quick 2', 'single 1']);
    expect(trialsOf(planned, 'gemm', '1024')).toEqual(['quick 2', 'single 1']);
    expect(trialsOf(planned, 'recurrent', 'single-rnn-infer')).toContain('slow 1');
  });

  it('asks the rare where a goal needs them and for one shape of each goal, one thread only where it may be faster', () => {
    const rarely = [ours, alone, never, { ...slow, name: 'jax' }, slow];
    const planned = plan({ ...all, contenders: rarely, all: false });
    // The first shape of a goal; one of a goal that names jax; one of a goal that does not.
    expect(trialsOf(planned, 'recurrent', 'nusax-rnn-train')).toEqual(['saraf 1', 'saraf 2', 'alone 1', 'never 1', 'jax 2', 'slow 2']);
    expect(trialsOf(planned, 'recurrent', 'hate-rnn-train')).toEqual(['saraf 1', 'saraf 2', 'alone 1', 'jax 2']);
    expect(trialsOf(planned, 'recurrent', 'b128-lstm-train')).toEqual(['saraf 1', 'saraf 2', 'alone 1']);
    // A goal over frameworks: all of them.
    expect(trialsOf(planned, 'recurrent', 'b128-gru-train')).toEqual(['saraf 1', 'saraf 2', 'alone 1', 'jax 2', 'slow 2']);
    // For our own error alone; in a suite without goals the largest shape.
    expect(trialsOf(planned, 'conv', 'relu-8x8x64-128-k3-train')).toEqual(['saraf 2']);
    expect(trialsOf(planned, 'pool', 'max-32x32x128-train')).toContain('slow 2');
    expect(trialsOf(planned, 'pool', 'max-8x8x128-train')).not.toContain('slow 2');
    expect(trialsOf(planned, 'startup', planned.at(-1)?.shape.name as string)).toEqual([
      'saraf 1',
      'saraf 2',
      'alone 2',
      'never 1',
      'jax 2',
      'slow 2',
    ]);
  });

  it('holds to the shapes that are named', () => {
    expect(plan({ ...all, suites: ['conv'], all: false, shapes: ['tiny-*'] }).map((p) => p.shape.name)).toEqual([
      'tiny-infer',
      'tiny-train',
    ]);
  });
});
