import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { reproduce, type ReproduceOptions } from '../../src/experiments/reproduce.js';
import type { Estimate } from '../../src/experiments/estimate.js';
import type { TrainingConfig } from '../../src/experiments/experiment.js';
import type { Results, RunRecord } from '../../src/experiments/results.js';
import { buildOverview } from '../../src/reports/overview.js';
import { buildReport } from '../../src/reports/report.js';
import { loadModel } from '../../src/models/load.js';
import type { Sequential } from '../../src/models/sequential.js';
import { adam } from '../../src/optimizers/index.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { tinyExperiment } from './tiny.js';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saraf-reproduce-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const f of folders.splice(0)) rmSync(f, { recursive: true, force: true });
});

type Extra = Partial<Omit<ReproduceOptions, 'outDir' | 'load'>>;
function options(outDir: string, extra: Extra = {}): ReproduceOptions {
  return {
    selections: [{ experiment: tinyExperiment(), selection: { scale: 'quick', factors: ['units'] } }],
    outDir,
    load: { dataDir: undefined, onProgress: undefined },
    ...extra,
  };
}

function readResults(outDir: string): Results {
  return JSON.parse(readFileSync(join(outDir, 'tiny', 'results.json'), 'utf8')) as Results;
}

/** What must not depend on time or threads. */
function withoutTimes(results: Results): unknown {
  const { cells, date: _date, machine: _machine, ...rest } = results;
  return {
    ...rest,
    cells: cells.map((c) => ({ ...c, runs: c.runs.map(({ seconds: _seconds, epochSeconds: _epochSeconds, ...run }) => run) })),
  };
}

describe('reproduce', () => {
  it('sets variants of different numbers of seeds beside each other, compared by the seeds that both have', async () => {
    const selections = [{ experiment: tinyExperiment({ fewerSeeds: true }), selection: { scale: 'quick', factors: ['units'] } }] as const;
    const [outcome] = await reproduce(options(newFolder(), { selections }));
    if (!outcome) throw new Error('nothing was run');
    const { results, trained } = outcome;
    expect(results.cells.map((c) => [c.variant, c.runs.length])).toEqual([['4', 2], ['4', 2], ['8', 1], ['8', 1]]); // prettier-ignore
    expect(results.seeds).toEqual([1, 2]);
    expect(results.comparisons?.map((c) => [c.protocol, c.rows, c.seeds])).toEqual([['published', 50, 1], ['leak-free', 40, 1]]); // prettier-ignore
    expect(results.notCompared).toEqual([]);
    const { html } = buildReport(results, trained);
    expect(html).toContain('over 1 to 2 seeds (no deviation of one)');
    expect(buildOverview([{ results, report: null }]).html).toContain('<td>1 to 2 seeds</td>');
  });

  it('writes results.json with every field that is promised', async () => {
    const out = newFolder();
    await reproduce(options(out));
    const results = readResults(out);
    expect(Object.keys(results)).toEqual(
      expect.arrayContaining(['experiment', 'scale', 'machine', 'versions', 'data', 'cells', 'notStated', 'findings']),
    );
    expect(results.audits?.map((a) => [a.protocol, a.rows, a.findings.length])).toEqual([
      ['published', { train: 60, test: 50 }, 0],
      ['leak-free', { train: 60, test: 40 }, 0],
    ]);
    expect(results).toMatchObject({
      experiment: 'tiny',
      scale: 'quick',
      data: [{ name: 'numbers', source: 'made up', sha256: 'f'.repeat(64), rows: 4000 }],
    });
    for (const cell of results.cells) {
      const sums = cell.confusion.map((_, k) => cell.confusion.reduce((sum, row) => sum + (row[k] ?? 0), 0));
      const over = (of: (run: (typeof cell.runs)[number]) => readonly number[]): number[] =>
        sums.map((_, k) => cell.runs.reduce((sum, run) => sum + (of(run)[k] ?? Number.NaN), 0));
      expect(over((run) => run.called ?? [])).toEqual(sums);
      expect(over((run) => run.hits ?? [])).toEqual(cell.confusion.map((row, k) => row[k]));
      expect(cell.interval?.low).toBeLessThanOrEqual(cell.mean);
      expect(cell.interval?.high).toBeGreaterThanOrEqual(cell.mean);
      expect(cell.runs.every((r) => (r.epochSeconds ?? 0) > 0)).toBe(true);
      expect(cell.rowsTrained).toBe(60);
    }
    expect(results.notStated).toEqual([{ name: 'units', default: '4' }]);
    expect(results.findings).toHaveLength(2);
    const [cell] = results.cells;
    expect(cell).toMatchObject({
      factor: 'units',
      variant: '4',
      protocol: 'published',
      mask: null,
      comparable: 'yes',
      metric: 'macro F1 %',
      published: 80,
    });
    expect(cell?.runs).toHaveLength(2);
    const values = cell?.runs.map((r) => r.value) ?? [];
    expect(cell?.mean).toBeCloseTo(((values[0] ?? 0) + (values[1] ?? 0)) / 2, 10);
    expect(cell?.std).toBeCloseTo(Math.abs((values[0] ?? 0) - (values[1] ?? 0)) / Math.SQRT2, 10);
    expect(cell?.difference).toBeCloseTo((cell?.mean ?? 0) - 80, 10);
    expect(results.cells[2]).toMatchObject({ variant: '8', published: null, difference: null });
  });

  it('trains once where both protocols determine the same training, and counts rows as each protocol does', async () => {
    const out = newFolder();
    const [outcome] = await reproduce(options(out));
    expect(readdirSync(join(out, 'tiny', 'runs'))).toHaveLength(4);
    const [published, leakFree] = outcome?.results.cells ?? [];
    expect(leakFree?.runs.map((r) => r.id)).toEqual(published?.runs.map((r) => r.id));
    expect(published).toMatchObject({ sameTrainingAs: 'leak-free', rowsTested: 50 });
    expect(leakFree).toMatchObject({ sameTrainingAs: 'published', rowsTested: 40 });
    expect(outcome?.results.choices.map((c) => [c.protocol, c.by, c.rows])).toEqual([
      ['published', 'test', [50, 50]],
      ['leak-free', 'validation', [40, 40]],
    ]);
  });

  it('trains twice where the protocols prepare different rows', async () => {
    const out = newFolder();
    const selections = [
      { experiment: tinyExperiment({ otherRows: true }), selection: { scale: 'quick' as const, factors: ['units'], seeds: 1 } },
    ];
    const [outcome] = await reproduce(options(out, { selections }));
    expect(readdirSync(join(out, 'tiny', 'runs'))).toHaveLength(4);
    expect(outcome?.results.cells.every((c) => c.sameTrainingAs === null)).toBe(true);
  });

  it('shares a training between factors that ask for the same model', async () => {
    const out = newFolder();
    const selections = [{ experiment: tinyExperiment(), selection: { scale: 'quick' as const, seeds: 1 } }];
    const [outcome] = await reproduce(options(out, { selections }));
    const [a] = outcome?.results.cells ?? [];
    expect(outcome?.results.cells.at(-1)?.runs[0]?.id).toBe(a?.runs[0]?.id);
    expect(a?.std).toBeNull();
  });

  it('gives the same results with one thread and with two', async () => {
    const [one, two] = [newFolder(), newFolder()];
    await reproduce(options(one, { threads: 1 }));
    await reproduce(options(two, { threads: 2 }));
    expect(withoutTimes(readResults(two))).toEqual(withoutTimes(readResults(one)));
  });

  it('keeps everything of a run in its folder, and the weights can be loaded', async () => {
    const out = newFolder();
    const [outcome] = await reproduce(options(out));
    const run = outcome?.results.cells[0]?.runs[0];
    const folder = join(out, 'tiny', 'runs', run?.id ?? '');
    const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;
    expect(read('config.json')).toMatchObject({ experiment: 'tiny', seed: 1, config: { units: 4 }, data: [{ sha256: 'f'.repeat(64) }] });
    expect(Object.keys(read('config.json'))).toEqual(expect.arrayContaining(['machine', 'versions', 'preparedSha256']));
    expect(read('history.json')['val_loss']).toHaveLength(3);
    const { evaluations } = read('metrics.json') as {
      evaluations: Record<string, { confusion: number[][]; largestShare: number; macroF1: number }>;
    };
    expect(evaluations['published']?.macroF1).toBe(run?.value);
    expect(evaluations['leak-free']?.confusion.flat().reduce((a, b) => a + b, 0)).toBe(40);
    expect(evaluations['published']?.largestShare).toBeGreaterThan(0);
    const model = await loadModel(join(folder, 'model'));
    expect(model.countParams()).toBe(5 * 4 + 4 + 4 * 2 + 2);
  });

  it('resumes: finished runs are read, not run again, and the results are the same', async () => {
    const out = newFolder();
    await reproduce(options(out));
    const before = readResults(out);
    const runs = join(out, 'tiny', 'runs');
    const id = before.cells[0]?.runs[0]?.id ?? '';
    rmSync(join(runs, id), { recursive: true });
    const other = before.cells[2]?.runs[1]?.id ?? '';
    const stamp = statSync(join(runs, other, 'metrics.json')).mtimeMs;
    const ended: string[] = [];
    await reproduce(options(out, { resume: true, listener: { runEnd: (job) => void ended.push(job.id) } }));
    expect(ended).toEqual([id]);
    expect(statSync(join(runs, other, 'metrics.json')).mtimeMs).toBe(stamp);
    expect(withoutTimes(readResults(out))).toEqual(withoutTimes(before));
    await reproduce(options(out, { listener: { runEnd: (job) => void ended.push(job.id) } }));
    expect(ended).toHaveLength(1 + 4);
  });

  it('says what the runs were made with when some come from another machine, though it was written by this one', async () => {
    const out = newFolder();
    await reproduce(options(out, { threads: 2 }));
    const origins = readResults(out).machine.runs;
    expect(origins).toHaveLength(1);
    expect(origins?.[0]).toMatchObject({ runs: 4, machine: { threads: 2 } });
    const [first = '', last = ''] = origins?.[0]?.dates ?? [];
    expect(first <= last && first > '2026').toBe(true);
    const [, old, cut] = readdirSync(join(out, 'tiny', 'runs'));
    const edit = (id: string | undefined, change: (config: Record<string, unknown>) => object): void => {
      const path = join(out, 'tiny', 'runs', id ?? '', 'config.json');
      writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>)));
    };
    edit(old, ({ date: _date, ...config }) => ({ ...config, machine: { ...(config['machine'] as object), cpu: 'Another' } }));
    edit(cut, ({ machine: _machine, ...config }) => config);
    await reproduce(options(out, { resume: true }));
    const mixed = readResults(out).machine;
    expect(mixed.cpu).not.toBe('Another');
    expect(mixed.runs?.map((o) => [o.machine.cpu === 'Another', o.runs, o.dates?.length]).sort()).toEqual([[false, 2, 2], [true, 1, undefined]]); // prettier-ignore
  });

  it('trains again on --resume what `model` defines otherwise now, each network looked at once; a run that does not say is kept', async () => {
    const out = newFolder();
    const tiny = tinyExperiment();
    const [before] = await reproduce(options(out));
    let built = 0;
    const changed = (change: (model: Sequential) => void, name: string) => ({
      ...tiny,
      model: (...args: Parameters<typeof tiny.model>) => {
        built++;
        const model = tiny.model(...args) as Sequential;
        if ((args[0] as { units?: number }).units === 8) change(model);
        return model;
      },
      title: name,
    });
    const resume = async (experiment: typeof tiny): Promise<{ redefined: string[]; ended: string[] }> => {
      const [redefined, ended]: string[][] = [[], []];
      built = 0;
      await reproduce(
        options(out, {
          selections: [{ experiment, selection: { scale: 'quick', factors: ['units'] } }],
          resume: true,
          listener: {
            redefined: (jobs) => void redefined?.push(...jobs.map((j) => j.label)),
            runEnd: (job) => void ended?.push(job.id),
          },
        }),
      );
      return { redefined: redefined ?? [], ended: ended ?? [] };
    };
    expect(await resume(changed(() => undefined, 'the same'))).toEqual({ redefined: [], ended: [] });
    expect(built).toBe(2); // of 4 runs
    const other = changed((m) => m.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] }), 'sgd');
    const again = await resume(other);
    expect(again.redefined).toEqual(['tiny 8 seed 1', 'tiny 8 seed 2']);
    expect(again.ended).toHaveLength(2);
    expect(readResults(out).cells[2]?.runs.map((r) => r.id)).toEqual(before?.results.cells[2]?.runs.map((r) => r.id));
    expect(await resume(other)).toEqual({ redefined: [], ended: [] });
    // As runs from before it was kept.
    for (const id of again.ended) {
      const path = join(out, 'tiny', 'runs', id, 'config.json');
      const { network, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as { network?: string };
      expect(network).toMatch(/^[0-9a-f]{64}$/);
      writeFileSync(path, JSON.stringify(rest));
    }
    expect(await resume(tiny)).toEqual({ redefined: [], ended: [] });
    expect(built).toBe(0);
  });

  it('leaves whole runs when aborted, and nothing of the one that was under way', async () => {
    const out = newFolder();
    const abort = new AbortController();
    let finished = 0;
    const listener = {
      runEnd: () => void finished++,
      rows: () => {
        if (finished === 2) abort.abort();
      },
    };
    await expect(reproduce(options(out, { signal: abort.signal, listener }))).rejects.toMatchObject({ name: 'AbortError' });
    expect(finished).toBe(2);
    expect(readdirSync(join(out, 'tiny', 'runs'))).toHaveLength(2);
    expect(existsSync(join(out, 'tiny', 'results.json'))).toBe(false);
    await reproduce(options(out, { resume: true, listener: { runEnd: () => void finished++ } }));
    expect(finished).toBe(4);
    const whole = newFolder();
    await reproduce(options(whole));
    expect(withoutTimes(readResults(out))).toEqual(withoutTimes(readResults(whole)));
  });

  it('keeps runs that are trained again until each is replaced', async () => {
    const out = newFolder();
    const names = (folder: string): string[] =>
      existsSync(join(out, 'tiny', folder)) ? readdirSync(join(out, 'tiny', folder)).sort() : [];
    await reproduce(options(out));
    const all = names('runs');
    expect(all).toHaveLength(4);
    const abort = new AbortController();
    const aside: [string, number][] = [];
    const listener = {
      setAside: (folder: string, runs: number) => void aside.push([folder, runs]),
      runEnd: () => abort.abort(),
    };
    await expect(reproduce(options(out, { signal: abort.signal, listener }))).rejects.toMatchObject({ name: 'AbortError' });
    expect(aside).toEqual([[join(out, 'tiny', 'runs.replaced'), 4]]);
    expect(names('runs')).toHaveLength(1);
    expect([...names('runs'), ...names('runs.replaced')].sort()).toEqual(all);
    // Once more from the beginning: what was trained anew is set aside too, and all come back.
    await reproduce(options(out));
    expect(names('runs')).toEqual(all);
    expect(existsSync(join(out, 'tiny', 'runs.replaced'))).toBe(false);
  });

  it('goes on with the others where a loss becomes infinite or no number, and says which at the end', async () => {
    const tiny = tinyExperiment();
    const model = (...args: Parameters<typeof tiny.model>): Sequential => {
      const built = tiny.model(...args) as Sequential;
      const { units } = args[0] as TrainingConfig & { units: number };
      if (units === 8)
        built.compile({ optimizer: adam({ learningRate: 3e38 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      return built;
    };
    const other = tinyExperiment({ id: 'other' });
    const selection = { scale: 'quick', factors: ['units'] } as const;
    const out = newFolder();
    const failed: string[] = [];
    const selections = [
      { experiment: { ...tiny, model }, selection },
      { experiment: other, selection },
    ];
    const all = reproduce(options(out, { selections, listener: { runFailed: (job) => void failed.push(job.label) } }));
    await expectRejection(all, 'ERR_DATA', '2 that did not', 'tiny 8 seed 1', 'finite loss', 'The other 6 are kept', '--variant');
    expect(failed).toEqual(['tiny 8 seed 1', 'tiny 8 seed 2']);
    expect(readdirSync(join(out, 'tiny', 'runs'))).toHaveLength(2);
    expect(existsSync(join(out, 'other', 'results.json'))).toBe(true);
    const without = [{ experiment: { ...tiny, model }, selection: { ...selection, variants: ['4'] } }];
    const [outcome] = await reproduce(options(out, { selections: without, resume: true }));
    expect(outcome?.results.cells.map((c) => c.variant)).toEqual(['4', '4']);
  });

  it('estimates runs, time and memory before it starts, without disturbing the results', async () => {
    const out = newFolder();
    const seen: Estimate[] = [];
    let records: RunRecord[] = [];
    const listener = {
      estimate: (e: Estimate) => {
        expect(records).toEqual([]);
        seen.push(e);
      },
      runEnd: (_: unknown, record: RunRecord) => {
        records = [...records, record];
      },
    };
    await reproduce(options(out, { listener }));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ runs: 4 });
    expect(seen[0]?.seconds).toBeGreaterThan(0);
    expect(seen[0]?.bytes).toBeGreaterThan(60 * 5 * 4);
  });

  it('measures a model once, however many rows it is to see, and counts the rows of each run', async () => {
    const tiny = tinyExperiment();
    let built = 0;
    const experiment = {
      ...tiny,
      factors: [
        {
          name: 'rows',
          title: 'Rows',
          variants: [60, 600, 1200].map((rows) => ({ name: `${rows}`, config: { rows } as Partial<TrainingConfig>, published: null })),
        },
      ],
      model: (...args: Parameters<typeof tiny.model>) => {
        built++;
        return tiny.model(...args);
      },
    };
    const selections = [{ experiment, selection: { scale: 'quick' as const, seeds: 2 } }];
    const seen: [number, number][] = [];
    const perRun = new Map<string, number>();
    const listener = {
      estimate: (e: Estimate) => {
        expect(built).toBe(3 + 1); // for its memory each, for its time once
        for (const [id, seconds] of e.perRun) perRun.set(id, seconds);
      },
      runStart: (job: { id: string; prepared: { train: { labels: { length: number } } } }) =>
        void seen.push([job.prepared.train.labels.length, perRun.get(job.id) ?? 0]),
    };
    await reproduce(options(newFolder(), { selections, listener }));
    expect(seen.map(([rows]) => rows)).toEqual([60, 60, 600, 600, 1200, 1200]);
    const [few, , more, , most] = seen.map(([, seconds]) => seconds) as [number, number, number, number, number];
    expect((most - more) / (more - few)).toBeCloseTo(600 / 540, 6); // beside what the other parts cost
  });

  it('refuses when memory will not do, before anything is written', async () => {
    const out = newFolder();
    await expectRejection(reproduce(options(out, { availableBytes: 1000 })), 'ERR_MEMORY', 'tiny', 'free memory');
    const trainers = { count: 1000, train: () => Promise.reject(new Error('must not be asked')) };
    let bytes = 0;
    await reproduce(options(newFolder(), { listener: { estimate: (e) => void (bytes = e.bytes) } }));
    await expectRejection(reproduce(options(out, { availableBytes: 2 * bytes, trainers })), 'ERR_MEMORY', 'tiny', '4 at once');
    expect(readdirSync(out)).toEqual([]);
  });

  it('hands over each experiment as soon as it is whole, before the next one begins', async () => {
    const out = newFolder();
    const heard: string[] = [];
    const selections = ['first', 'second'].map((id) => ({
      experiment: tinyExperiment({ id, epochs: 1 }),
      selection: { scale: 'quick' as const, factors: ['epochs'], seeds: 1 },
    }));
    const listener = {
      runStart: (job: { experiment: { id: string } }) => void heard.push(`run of ${job.experiment.id}`),
      experimentEnd: ({ folder, results }: { folder: string; results: Results }) => {
        expect(existsSync(join(folder, 'results.json'))).toBe(true);
        heard.push(`end of ${results.experiment}`);
      },
    };
    await reproduce(options(out, { selections, listener }));
    expect(heard).toEqual(['run of first', 'end of first', 'run of second', 'end of second']);
  });

  it.each([true, false])('calls every training by a name of its own, protocols apart: %s', async (otherRows) => {
    const labels: string[] = [];
    const listener = { runStart: (job: { label: string }) => void labels.push(job.label) };
    const selections = [
      { experiment: tinyExperiment({ otherRows, epochs: 1 }), selection: { scale: 'quick' as const, factors: ['units'], seeds: 1 } },
    ];
    await reproduce(options(newFolder(), { selections, listener }));
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels.filter((label) => label.endsWith(', leak-free')).length).toBe(otherRows ? labels.length / 2 : 0);
  });

  it('marks a stand-in and prints no difference', async () => {
    const out = newFolder();
    const selections = [{ experiment: tinyExperiment({ standIn: 'Other numbers.' }), selection: { scale: 'quick' as const } }];
    const [outcome] = await reproduce(options(out, { selections }));
    expect(outcome?.results.standIn).toBe('Other numbers.');
    for (const cell of outcome?.results.cells ?? []) expect(cell).toMatchObject({ comparable: 'stand-in', difference: null });
  });

  it('trains no full scale on a stand-in of another task, and says how the data can be had', async () => {
    const given = { standIn: 'numbers could not be had (no mirror folder). Other numbers stand in.', otherTask: true };
    const selections = [{ experiment: tinyExperiment(given), selection: { scale: 'quick' as const } }];
    const [outcome] = await reproduce(options(newFolder(), { selections }));
    expect(outcome?.results.standIn).toBe(given.standIn);
    const out = newFolder();
    const whole = [{ experiment: tinyExperiment(given), selection: { scale: 'full' as const } }];
    await expectRejection(
      reproduce(options(out, { selections: whole })),
      'ERR_DATA',
      'at full scale',
      'no mirror folder',
      'SARAF_DATA',
      '--scale quick',
    );
    expect(existsSync(join(out, 'tiny'))).toBe(false);
  });

  it('marks the cells alone whose rows are a stand-in', async () => {
    const tiny = tinyExperiment();
    const standIn = 'Rows of another kind.';
    const experiment = {
      ...tiny,
      prepare: async (...args: Parameters<typeof tiny.prepare>) => {
        const prepared = await tiny.prepare(...args);
        return (args[1] as { duplicates?: string }).duplicates === 'remove' ? { ...prepared, standIn } : prepared;
      },
    };
    const selections = [{ experiment, selection: { scale: 'quick' as const, factors: ['units'] } }];
    const [outcome] = await reproduce(options(newFolder(), { selections }));
    expect(outcome?.results.standIn).toBeNull();
    for (const cell of outcome?.results.cells ?? []) {
      const stood = cell.protocol === 'leak-free';
      expect([cell.comparable, cell.standIn]).toEqual(stood ? ['stand-in', standIn] : ['yes', undefined]);
      expect(cell.difference === null).toBe(stood || cell.published === null);
    }
  });

  it('refuses an empty selection', async () => {
    await expectRejection(reproduce(options(newFolder(), { selections: [] })), 'ERR_ARG', 'at least one experiment');
  });
});
