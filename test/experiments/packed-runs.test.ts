import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { packRuns } from '../../src/experiments/packed-runs.js';
import { reproduce, type Reproduced } from '../../src/experiments/reproduce.js';
import { RunStore } from '../../src/experiments/run-store.js';
import { saraf } from '../cli/capture.js';
import { tinyExperiment } from './tiny.js';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saraf-pack-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const f of folders.splice(0)) rmSync(f, { recursive: true, force: true });
});

const untimed = ({ results }: Reproduced): unknown => ({
  ...results,
  date: null,
  machine: { ...results.machine, runs: results.machine.runs?.map((r) => ({ ...r, dates: null })) },
  cells: results.cells.map((c) => ({ ...c, runs: c.runs.map((r) => ({ ...r, seconds: 0, epochSeconds: 0 })) })),
});

/** Reproduces the tiny experiment; `trained` counts what was not found finished. */
async function run(out: string, variants?: readonly string[]): Promise<Reproduced & { trainedHere: number }> {
  let trainedHere = 0;
  const [outcome] = await reproduce({
    selections: [{ experiment: tinyExperiment(), selection: { scale: 'quick', factors: ['units'], ...(variants ? { variants } : {}) } }],
    outDir: out,
    load: { dataDir: undefined, onProgress: undefined },
    resume: true,
    listener: { runEnd: () => void trainedHere++ },
  });
  if (!outcome) throw new Error('nothing was run');
  return { ...outcome, trainedHere };
}

describe('packed runs', () => {
  it('let two machines share a matrix: a third one has all of it and trains nothing, to the same results', async () => {
    const [whole, a, b, merged] = [newFolder(), newFolder(), newFolder(), newFolder()];
    const expected = await run(whole);
    await run(a, ['4']);
    await run(b, ['8']);
    mkdirSync(join(merged, 'tiny'));
    const packedA = packRuns(join(a, 'tiny'), join(merged, 'tiny', 'runs-a.jsonl.gz'));
    const packedB = packRuns(join(b, 'tiny'), join(merged, 'tiny', 'runs-b.jsonl.gz'));
    expect(packedA.runs + packedB.runs).toBe(expected.trainedHere);
    const actual = await run(merged);
    expect(actual.trainedHere).toBe(0);
    expect(untimed(actual)).toEqual(untimed(expected));
    expect(actual.results.machine.runs?.reduce((n, r) => n + r.runs, 0)).toBe(expected.trainedHere);
    // What was packed is packed again: nothing is lost on the way over several machines.
    const again = packRuns(join(merged, 'tiny'));
    expect(again.runs).toBe(expected.trainedHere);
    expect(readFileSync(again.path)).toEqual(readFileSync(packRuns(join(merged, 'tiny')).path));
  });

  it('hold neither texts nor pictures of the data, nor weights', async () => {
    const out = newFolder();
    await run(out, ['4']);
    const runs = gunzipSync(readFileSync(packRuns(join(out, 'tiny')).path)).toString('utf8').trim().split('\n'); // prettier-ignore
    for (const line of runs)
      expect(Object.keys(JSON.parse(line) as object).sort()).toEqual(['config', 'curves', 'history', 'metrics', 'predictions']);
  });

  it('go behind a folder of the same run, which has its wrong rows too', async () => {
    const out = newFolder();
    await run(out, ['4']);
    const id = readdirSync(join(out, 'tiny', 'runs'))[0] as string;
    packRuns(join(out, 'tiny'));
    expect(new RunStore(join(out, 'tiny')).read(id)?.wrong).toBeDefined();
    rmSync(join(out, 'tiny', 'runs', id), { recursive: true });
    const store = new RunStore(join(out, 'tiny'));
    expect(store.read(id)).not.toHaveProperty('wrong');
    expect(store.network(id)).toMatch(/^[0-9a-f]{64}$/);
    expect(store.read('other')).toBeNull();
  });

  it('are refused when damaged or cut short, by the name of the file', async () => {
    const out = newFolder();
    await run(out, ['4']);
    const { path } = packRuns(join(out, 'tiny'));
    rmSync(join(out, 'tiny', 'runs'), { recursive: true });
    const bytes = readFileSync(path);
    for (const damaged of [
      bytes.subarray(0, bytes.length - 20),
      Buffer.from('no gzip'),
      gzipSync('{"metrics": {}}\n'),
      gzipSync(''),
      gzipSync('null\n'),
    ]) {
      // prettier-ignore
      writeFileSync(path, damaged);
      await expect(run(out, ['4'])).rejects.toThrow(/expected runs that saraf pack wrote in .*runs\.jsonl\.gz/);
      expect(() => packRuns(join(out, 'tiny'))).toThrow(expect.objectContaining({ code: 'ERR_FORMAT' }));
    }
  });

  it('leave out a run that is not finished, and refuse a folder without one', async () => {
    const out = newFolder();
    const { trainedHere } = await run(out, ['4']);
    mkdirSync(join(out, 'tiny', 'runs', 'unfinished'));
    mkdirSync(join(out, 'tiny', 'runs', '.half.1.tmp'));
    const seen = await saraf(['pack', join(out, 'tiny'), '--out', join(out, 'part.jsonl.gz')]);
    expect(seen.err).toMatch(new RegExp(`^${trainedHere} runs in .*part\\.jsonl\\.gz \\(\\d+ kB\\)\n$`));
    expect(seen.code).toBe(0);
    const none = await saraf(['pack', out]);
    expect(none.code).not.toBe(0);
    expect(none.err).toContain('expected the folder of an experiment with finished runs');
  });
});
