import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareRuns } from '../../src/experiments/compare-runs.js';
import { reproduce } from '../../src/experiments/reproduce.js';
import { saraf } from '../cli/capture.js';
import { expectError } from '../helpers/expect-error.js';
import { tinyExperiment } from './tiny.js';

let folder = '';
const runs: Record<string, string[]> = {};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-compare-'));
  for (const [name, threads] of [
    ['one', 1],
    ['two', 2],
  ] as const) {
    const experiment = tinyExperiment();
    await reproduce({
      selections: [{ experiment, selection: { scale: 'quick', factors: ['units'], seeds: 2 } }],
      outDir: join(folder, name),
      load: { dataDir: undefined, onProgress: undefined },
      threads,
    });
    const at = join(folder, name, experiment.id, 'runs');
    runs[name] = readdirSync(at).sort().map((id) => join(at, id)); // prettier-ignore
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run with some text of one of its files replaced. */
function changed(name: string, file: string, change: (text: string) => string): string {
  const to = join(folder, name);
  cpSync(runs['one']?.[0] as string, to, { recursive: true });
  writeFileSync(join(to, file), change(readFileSync(join(to, file), 'utf8')));
  return to;
}

describe('compareRuns', () => {
  test('the same run on one and on two threads differs in its threads alone', () => {
    const found = compareRuns(runs['one']?.[0] as string, runs['two']?.[0] as string);
    expect(found.differences).toEqual([{ aspect: 'environment', name: 'machine.threads', a: '1', b: '2' }]);
    expect(found.predictions?.different).toBe(0);
    expect(found.unexplained).toBe(false);
  });

  test('two runs of one experiment: what was asked for, and what came out', () => {
    const [first, ...others] = runs['one'] as [string, ...string[]];
    for (const other of others) {
      const found = compareRuns(first, other);
      expect(found.differences.some((d) => d.aspect === 'configuration' && /^(seed|config\.)/.test(d.name))).toBe(true);
      expect(found.differences.every((d) => d.aspect !== 'code' && d.aspect !== 'environment')).toBe(true);
      expect(found.unexplained).toBe(false);
    }
  });

  test('a network defined otherwise is code, where both runs say what theirs is', () => {
    const [first] = runs['one'] as [string, ...string[]];
    const of = (name: string, replacement: string): unknown =>
      compareRuns(
        first,
        changed(name, 'config.json', (text) => text.replace(/"network": "[0-9a-f]+"/, replacement)),
      ).differences;
    expect(of('redefined', '"network": "other"')).toMatchObject([{ aspect: 'code', name: 'network', b: '"other"' }]);
    expect(of('unsaid', '"later": null')).not.toContainEqual(expect.objectContaining({ name: 'network' }));
  });

  test('another result from the same configuration, data and code is told', async () => {
    const flipped = changed('flipped', 'predictions.json', (text) =>
      text.replace(/"test":\[(\d+)/, (_, label: string) => `"test":[${Number(label) + 1}`),
    );
    const found = compareRuns(runs['one']?.[0] as string, flipped);
    expect(found.predictions?.different).toBe(1);
    expect(found.unexplained).toBe(true);
    const { code, out } = await saraf(['compare', runs['one']?.[0] as string, flipped]);
    expect(code).toBe(1);
    expect(out).toContain('1 of ');
    expect(out).toContain('please report this');
    expect(out).toContain('The same in both: configuration, data, code, environment, result.');
  });

  test('another result is explained by bfloat16 on another instruction set, and by exact: false, alone', async () => {
    const flip = (text: string): string => text.replace(/"test":\[(\d+)/, (_, label: string) => `"test":[${Number(label) + 1}`);
    /** The first run, as another machine may have made it. */
    const made = (name: string, machine: object, precision?: string, other = false): string => {
      const to = changed(name, 'predictions.json', other ? flip : (text) => text);
      const config = JSON.parse(readFileSync(join(to, 'config.json'), 'utf8')) as { config: object; machine: object };
      Object.assign(config.config, precision === undefined ? {} : { precision });
      Object.assign(config.machine, machine);
      writeFileSync(join(to, 'config.json'), JSON.stringify(config));
      return to;
    };
    const amx = made('amx', { bf16: 'amx' }, 'bfloat16');
    const found = compareRuns(amx, made('avx512', { bf16: 'avx512_bf16' }, 'bfloat16', true));
    expect(found).toMatchObject({ unexplained: false, predictions: { different: 1 } });
    expect(found.otherBits).toContain('amx than on avx512_bf16');
    const { code, out } = await saraf(['compare', amx, join(folder, 'avx512')]);
    expect(code).toBe(0);
    expect(out).toContain('Not the same bits are to be expected: products in bfloat16');
    expect(out).not.toContain('please report this');
    // The same set, and float32 on another one: neither explains anything.
    expect(compareRuns(amx, made('amx-2', { bf16: 'amx' }, 'bfloat16', true))).toMatchObject({ otherBits: null, unexplained: true });
    const plain = made('plain', { bf16: 'amx' });
    expect(compareRuns(plain, made('plain-2', { bf16: null, isa: 'ref' }, undefined, true)).unexplained).toBe(true);
    const inexact = made('inexact', { exact: false, isa: 'sse2' }, undefined, true);
    expect(compareRuns(plain, inexact)).toMatchObject({ unexplained: false });
    expect(compareRuns(plain, inexact).otherBits).toContain('exact: false');
    expect(compareRuns(inexact, made('inexact-avx', { exact: false, isa: 'avx' })).unexplained).toBe(false);
    expect(compareRuns(inexact, made('inexact-2', { exact: false, isa: 'sse2' })).unexplained).toBe(true);
  });

  test('where data came from and which cells asked for a run explain nothing', () => {
    const elsewhere = changed('elsewhere', 'config.json', (text) => {
      const config = JSON.parse(text) as { data: { source: string }[]; cells: object[] };
      return JSON.stringify({ ...config, data: config.data.map((d) => ({ ...d, source: 'a cache' })), cells: config.cells.slice(0, 1) });
    });
    const found = compareRuns(runs['one']?.[0] as string, elsewhere);
    expect(found.differences).toContainEqual({ aspect: 'data', name: 'data[0].source', a: '"made up"', b: '"a cache"' });
    expect(found.unexplained).toBe(false);
    const path = join(elsewhere, 'predictions.json');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(/"test":\[(\d+)/, (_, label: string) => `"test":[${Number(label) + 1}`),
    );
    expect(compareRuns(runs['one']?.[0] as string, elsewhere).unexplained).toBe(true);
    // One of them was not evaluated for a protocol: no other result.
    writeFileSync(path, readFileSync(join(runs['one']?.[0] as string, 'predictions.json')));
    const metrics = join(elsewhere, 'metrics.json');
    const { evaluations, ...rest } = JSON.parse(readFileSync(metrics, 'utf8')) as { evaluations: Record<string, unknown> };
    writeFileSync(metrics, JSON.stringify({ ...rest, evaluations: { published: evaluations['published'] } }));
    expect(compareRuns(runs['one']?.[0] as string, elsewhere).unexplained).toBe(false);
  });

  test('other data: other rows, no comparison of predictions', async () => {
    const other = changed('other', 'config.json', (text) => text.replace(/"preparedSha256": "./, '"preparedSha256": "x'));
    const found = compareRuns(runs['one']?.[0] as string, other);
    expect(found.predictions).toBe(null);
    expect(found.differences.map((d) => d.aspect)).toEqual(['data']);
    const { code, out } = await saraf(['compare', runs['one']?.[0] as string, other, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(found);
  });

  test('errors', async () => {
    expectError(() => compareRuns(folder, folder), 'ERR_FORMAT', 'predictions.json', 'runs/<id>');
    const broken = changed('broken', 'metrics.json', () => '{"id"');
    expectError(() => compareRuns(broken, broken), 'ERR_FORMAT', 'metrics.json', 'damaged');
    expect((await saraf(['compare', 'nowhere', 'nowhere'])).err).toContain('nowhere');
  });
});
