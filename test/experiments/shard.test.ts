import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Job } from '../../src/experiments/jobs.js';
import { packRuns } from '../../src/experiments/packed-runs.js';
import { reproduce, type Reproduced } from '../../src/experiments/reproduce.js';
import { shardOf, type Shard } from '../../src/experiments/shard.js';
import { saraf } from '../cli/capture.js';
import { tinyExperiment } from './tiny.js';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saraf-shard-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const f of folders.splice(0)) rmSync(f, { recursive: true, force: true });
});

/** Jobs as far as their cost goes: `[epochs, rows]` of each. */
function jobsOf(costs: readonly (readonly [number, number])[]): Job[] {
  return costs.map(([epochs, rows], i) => ({ id: `run-${i}`, config: { epochs }, prepared: { train: { labels: new Int32Array(rows) } } }) as unknown as Job); // prettier-ignore
}
const parts = (jobs: readonly Job[], count: number): string[][] =>
  Array.from({ length: count }, (_, i) => [...shardOf(jobs, { index: i + 1, count })]);

interface Outcome {
  readonly outcomes: readonly Reproduced[];
  readonly trained: readonly string[];
  /** What `shardEnd` was told. */
  readonly here: readonly (readonly [number, number])[];
}

async function run(out: string, shard?: Shard, resume = true): Promise<Outcome> {
  const trained: string[] = [];
  const here: [number, number][] = [];
  const outcomes = await reproduce({
    selections: ['tiny', 'other'].map((id) => ({ experiment: tinyExperiment({ id }), selection: { scale: 'quick' } })),
    outDir: out,
    load: { dataDir: undefined, onProgress: undefined },
    resume,
    ...(shard ? { shard } : {}),
    listener: {
      runEnd: (job) => void trained.push(`${job.experiment.id} ${job.id}`),
      shardEnd: (_folder, ...counts) => void here.push(counts),
    },
  });
  return { outcomes, trained, here };
}

describe('a shard', () => {
  it('has every run in one part alone, and parts of about the same rows', () => {
    // As protocols alternate in a sweep: dealt one by one, the first machine would have all the long ones.
    const costs = Array.from({ length: 10 }, (_, i) => 500 * (i + 1)).flatMap((rows) => [[20, rows], [20, rows / 2]] as const); // prettier-ignore
    const jobs = jobsOf(costs);
    for (const count of [1, 2, 3, 5]) {
      const found = parts(jobs, count);
      expect(found.flat().sort()).toEqual(jobs.map((job) => job.id).sort());
      if (count > 3) continue;
      const rows = found.map((ids) => ids.reduce((sum, id) => sum + (costs[Number(id.slice(4))]?.[1] ?? 0), 0));
      expect(Math.max(...rows) / Math.min(...rows)).toBeLessThan(1.1);
    }
    // Of epochs too.
    expect(parts(jobsOf([[30, 10], [10, 10], [10, 10], [10, 10]]), 2)).toEqual([['run-0'], ['run-1', 'run-2', 'run-3']]); // prettier-ignore
  });

  it('may be empty where there are more machines than runs', () => {
    expect(parts(jobsOf([[1, 5]]), 3)).toEqual([['run-0'], [], []]);
    expect(parts([], 2)).toEqual([[], []]);
  });
});

describe('reproduce with a shard', () => {
  it('trains its part of all experiments, and the packed parts give the results of one machine, without training', async () => {
    const expected = await run(newFolder());
    const merged = newFolder();
    const trained: string[] = [];
    for (const index of [1, 2, 3]) {
      const out = newFolder();
      const part = await run(out, { index, count: 3 });
      trained.push(...part.trained);
      for (const [n, { folder }] of expected.outcomes.entries()) {
        const id = folder.split('/').at(-1) as string;
        expect(part.here[n]?.[1]).toBeGreaterThan(part.here[n]?.[0] as number);
        expect(existsSync(join(out, id, 'results.json'))).toBe(false);
        if (existsSync(join(out, id, 'runs'))) packRuns(join(out, id), join(merged, `${id}-${index}`));
      }
      expect(part.outcomes).toEqual([]);
    }
    expect([...trained].sort()).toEqual([...expected.trained].sort());
    for (const name of readdirSync(merged)) {
      const [id, index] = name.split('-') as [string, string];
      // Laid in one after another, as they come from the machines.
      mkdirSync(join(merged, 'out', id), { recursive: true });
      copyFileSync(join(merged, name), join(merged, 'out', id, `runs-${index}.jsonl.gz`));
    }
    const actual = await run(join(merged, 'out'));
    expect(actual.trained).toEqual([]);
    const scores = ({ outcomes }: Outcome): unknown =>
      outcomes.map(({ results }) => results.cells.map((c) => [c.variant, c.protocol, c.mean, c.interval, c.confusion]));
    expect(scores(actual)).toEqual(scores(expected));
  });

  it('goes on in its part after an interruption, and draws results where it is the last one', async () => {
    const out = newFolder();
    const first = await run(out, { index: 1, count: 2 });
    expect(first.trained.length).toBeGreaterThan(0);
    expect((await run(out, { index: 1, count: 2 })).trained).toEqual([]);
    const last = await run(out, { index: 2, count: 2 });
    expect(last.outcomes.map((o) => o.results.experiment)).toEqual(['tiny', 'other']);
    expect(last.here).toEqual([]);
    // Without resume its own runs are trained again, and the other part's are not looked at.
    const anew = await run(out, { index: 2, count: 2 }, false);
    expect([...anew.trained].sort()).toEqual([...last.trained].sort());
    expect(anew.outcomes).toEqual([]);
  });

  it('says what is there and how the parts come together; with all there, results and overview', async () => {
    const out = newFolder();
    const args = ['reproduce', 'tiny', '--factor', 'units', '--seeds', '2', '--out', out];
    const half = await saraf([...args, '--shard', '1/2'], [tinyExperiment()]);
    expect(half.code).toBe(0);
    expect(half.out).toBe('');
    expect(half.err).toContain(`2 of 4 runs are in`);
    expect(half.err).toMatch(/npx saraf pack .*tiny --out runs-N\.jsonl\.gz/);
    expect(half.err).toMatch(/with --resume and without --shard/);
    const whole = await saraf([...args, '--shard', '2/2', '--resume'], [tinyExperiment()]);
    expect(whole.err).toContain('2 of them finished already');
    expect(whole.out).toContain('Report: ');
    writeFileSync(join(out, 'tiny', 'results.json'), '{}');
    await saraf([...args, '--shard', '1/2'], [tinyExperiment()]);
    expect(existsSync(join(out, 'tiny', 'results.json'))).toBe(false); // of runs that are replaced
  });

  it('refuses parts that are none', async () => {
    for (const bad of ['3/2', '0/2', '1', '1/0', 'a/b', '1/2/3', '-1/2', '1.5/2']) {
      const { code, err } = await saraf(['reproduce', 'tiny', '--shard', bad, '--out', newFolder()], [tinyExperiment()]);
      expect(code).toBe(2);
      expect(err).toContain('Expected INDEX/COUNT');
    }
  });
});
