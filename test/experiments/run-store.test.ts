import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RunStore } from '../../src/experiments/run-store.js';
import type { RunRecord } from '../../src/experiments/results.js';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saraf-store-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const f of folders.splice(0)) rmSync(f, { recursive: true, force: true });
});

const record: RunRecord = {
  id: 'abc',
  seed: 3,
  seconds: 1.5,
  rowsPerSecond: 100,
  history: { loss: [1, 0.5], val_loss: [1.1, 0.9] },
  testPredictions: [0, 1, 2],
  validationPredictions: [2],
};

const wrong = Array.from({ length: 30 }, (_, row) => ({ row, label: 'a', predicted: 'b', probability: 1 - row / 100 }));

const saveWeights = (folder: string): void => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'weights'), 'w');
};

describe('run store', () => {
  it('writes a whole run and reads it again', async () => {
    const store = new RunStore(newFolder());
    await store.write(record, { seed: 3 }, { evaluations: {} }, wrong, saveWeights);
    expect(store.read('abc')).toEqual({ ...record, wrong: wrong.slice(0, 20) });
    expect(readdirSync(store.path('abc')).sort()).toEqual([
      'config.json',
      'errors.json',
      'history.csv',
      'history.json',
      'metrics.json',
      'model',
      'predictions.json',
    ]);
    expect(readFileSync(join(store.path('abc'), 'history.csv'), 'utf8')).toBe('epoch,loss,val_loss\n1,1,1.1\n2,0.5,0.9\n');
    expect(store.read('other')).toBeNull();
  });

  it('leaves nothing behind when a write fails', async () => {
    const store = new RunStore(newFolder());
    await expect(store.write(record, {}, {}, [], () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
    expect(readdirSync(store.folder)).toEqual([]);
    expect(store.read('abc')).toBeNull();
  });

  it('takes a folder without metrics.json for unfinished, and clears away what a killed process left, not what another one is writing', () => {
    const store = new RunStore(newFolder());
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const elsewhere = '.abc.another-machine.1.0-0.tmp';
    const alive = `.abc.${hostname()}.${process.ppid}.0-0.tmp`;
    for (const name of [elsewhere, alive, `.abc.${hostname()}.${dead}.0-0.tmp`]) mkdirSync(join(store.folder, name), { recursive: true });
    mkdirSync(store.path('abc'));
    expect(store.read('abc')).toBeNull();
    store.clean();
    expect(readdirSync(store.folder).sort()).toEqual([elsewhere, alive, 'abc'].sort());
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(join(store.folder, elsewhere), old, old);
    store.clean();
    expect(readdirSync(store.folder).sort()).toEqual([alive, 'abc'].sort());
  });

  it('reads runs from before wrong rows were kept, and refuses damaged ones', async () => {
    const store = new RunStore(newFolder());
    await store.write(record, {}, {}, wrong, saveWeights);
    const path = join(store.path('abc'), 'errors.json');
    for (const text of ['{', 'null', '{"rows": [{"row": "1"}]}', '{"rows": 7}']) {
      writeFileSync(path, text);
      expect(() => store.read('abc')).toThrow(expect.objectContaining({ code: 'ERR_FORMAT' }));
    }
    rmSync(path);
    expect(store.read('abc')).toEqual(record);
  });

  it('refuses files that are no record, saying what to do', async () => {
    const store = new RunStore(newFolder());
    await store.write(record, {}, {}, [], saveWeights);
    writeFileSync(join(store.path('abc'), 'metrics.json'), '{"id": "abc"}');
    expect(() => store.read('abc')).toThrow(/remove the folder/);
    writeFileSync(join(store.path('abc'), 'metrics.json'), '{');
    expect(() => store.read('abc')).toThrow(expect.objectContaining({ code: 'ERR_FORMAT' }));
  });
});
