import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Experiment, Prepared } from '../../src/experiments/experiment.js';
import { reproduce, type Reproduced } from '../../src/experiments/reproduce.js';
import { tinyExperiment } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-baselines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The tiny experiment with a baseline that says how often it was learnt. */
function counted(change?: (prepared: Prepared) => Prepared): { experiment: Experiment; learnt: () => number } {
  const tiny = tinyExperiment({ otherRows: true });
  let n = 0;
  return {
    learnt: () => n,
    experiment: {
      ...tiny,
      prepare: async (loaded, config) => (change ?? ((p) => p))(await tiny.prepare(loaded, config)),
      baselines: () => [{ name: 'coin', value: 50 + ++n, note: '' }],
    },
  };
}

async function run(experiment: Experiment, resume: boolean, signal?: AbortSignal): Promise<{ outcome: Reproduced; said: string[] }> {
  const said: string[] = [];
  const [outcome] = await reproduce({
    selections: [{ experiment, selection: { scale: 'quick', factors: ['units'], seeds: 1 } }],
    outDir: folder,
    load: { dataDir: undefined, onProgress: (p) => void said.push(p.what) },
    resume,
    ...(signal ? { signal } : {}),
  });
  return { outcome: outcome as Reproduced, said };
}

describe('baselines', () => {
  it('are learnt once for each protocol’s rows, kept, and learnt again without --resume or where what they look at differs', async () => {
    const { experiment, learnt } = counted();
    const first = await run(experiment, false);
    expect(learnt()).toBe(2);
    expect(first.said).toEqual(['baselines of tiny, units (published)', 'baselines of tiny, units (leak-free)']);
    const again = await run(experiment, true);
    expect([learnt(), again.said]).toEqual([2, []]);
    expect(again.outcome.results.baselines).toEqual(first.outcome.results.baselines);
    await run(experiment, false);
    expect(learnt()).toBe(4);

    // A test row that does not count, or another text, changes what a baseline scores but nothing that a network is trained on.
    const without = counted((p) => ({ ...p, test: { ...p.test, keep: Uint8Array.from(p.test.labels, (_, i) => (i === 0 ? 0 : 1)) } }));
    await run(without.experiment, true);
    expect(without.learnt()).toBe(2);
    const texts = counted((p) => ({ ...p, unsampled: { texts: Array.from(p.train.labels, String), labels: p.train.labels } }));
    await run(texts.experiment, true);
    expect(texts.learnt()).toBe(2);
    await run(counted().experiment, true);
  });

  it('are learnt again where the file is damaged, and not after Ctrl-C', async () => {
    const { experiment, learnt } = counted();
    await run(experiment, true);
    const path = join(folder, 'tiny', 'baselines.json');
    for (const damaged of ['{"a": [', '[]', '']) {
      writeFileSync(path, damaged);
      await run(experiment, true);
      expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object)).toHaveLength(2);
    }
    expect(learnt()).toBe(6);
    writeFileSync(path, '{}');
    await expect(run(experiment, true, AbortSignal.abort())).rejects.toThrow();
    expect(learnt()).toBe(6);
  });
});
