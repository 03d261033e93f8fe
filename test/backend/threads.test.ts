import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import { getThreads, setThreads } from '../../src/backend/threads.js';
import { expectError } from '../helpers/expect-error.js';

const before = getThreads();
afterAll(() => setThreads(before));

test('setThreads', () => {
  setThreads(1);
  expect(getThreads()).toBe(1);
  setThreads(2);
  expect(getThreads()).toBe(2);
  expectError(() => setThreads(0), 'ERR_ARG', '[setThreads]', '0');
  expectError(() => setThreads(1.5), 'ERR_ARG', '1.5');
  expectError(() => setThreads(1025), 'ERR_ARG', '1 to 1024', '1025');
  expectError(() => loadAddon().native.setThreads(1025), 'ERR_ARG', '1024', '1025');
});

const node = (code: string, env: Record<string, string>): ReturnType<typeof spawnSync> =>
  spawnSync(process.execPath, ['-e', code], { env: { ...process.env, ...env }, encoding: 'utf8' });

test('SARAF_THREADS decides unless setThreads did; what is no number of threads is refused', () => {
  const path = JSON.stringify(loadAddon().path);
  const asked = `const native = require(${path}); console.log(native.threads());`;
  expect(node(asked, { SARAF_THREADS: '3' }).stdout).toBe('3\n');
  for (const wrong of ['many', '0', '-1', '2.5', '1025', '99999999999999999999']) {
    const { status, stderr } = node(asked, { SARAF_THREADS: wrong });
    expect(status).toBe(1);
    expect(stderr).toContain(`expected SARAF_THREADS to be a whole number from 1 to 1024, received ${wrong}`);
  }
  expect(
    node(`const native = require(${path}); native.setThreads(2); console.log(native.threads());`, { SARAF_THREADS: 'many' }).stdout,
  ).toBe('2\n');
});

test('a kernel that runs keeps its number of threads while another JavaScript thread sets it', () => {
  // Each kernel call is the first of its thread, whose scratch is as small as that call asked for. In a process of its own, which
  // writing beyond it ends.
  const [size, channels, filters] = [64, 16, 32];
  const geometry = [1, size, size, channels, filters, 3, 3, 1, 1, 1, 1, 1, 1, size, size, channels];
  const sets = `const { workerData } = require('node:worker_threads'); const native = require(workerData.path);
    while (Atomics.load(workerData.stop, 0) === 0) for (let i = 0; i < 1000; ++i) native.setThreads(i % 2 ? 16 : 1);`;
  const runs = `const { workerData } = require('node:worker_threads'); const native = require(workerData.path);
    const x = new Float32Array(${size * size * channels}).fill(1), w = new Float32Array(${9 * filters}).fill(1), y = new Float32Array(${size * size * filters});
    native.depthwiseForward(x, w, null, y, new Int32Array(${JSON.stringify(geometry)}), 0);
    if (y[${(3 * size + 5) * filters}] !== 9) throw new Error('wrong sum');`;
  const code = `const { once } = require('node:events'); const { Worker } = require('node:worker_threads');
    const path = ${JSON.stringify(loadAddon().path)}, stop = new Int32Array(new SharedArrayBuffer(4));
    require(path);
    const start = (code) => new Worker(code, { eval: true, workerData: { path, stop } });
    (async () => {
      const setting = start(${JSON.stringify(sets)});
      await once(setting, 'online');
      for (let i = 0; i < 60; ++i) await once(start(${JSON.stringify(runs)}), 'exit');
      Atomics.store(stop, 0, 1);
      await once(setting, 'exit');
      console.log('whole');
    })();`;
  expect(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' })).toBe('whole\n');
}, 120_000);
