import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, expect, test } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import { getThreads, setThreads } from '../../src/backend/threads.js';

const before = getThreads();
afterAll(() => setThreads(before));

const TASKS = '/proc/self/task';
const masks = (): string[] =>
  readdirSync(TASKS).map((id) => /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(`${TASKS}/${id}/status`, 'utf8'))?.[1] ?? '');

test.skipIf(!existsSync(TASKS) || availableParallelism() < 2)(
  'workers are kept off the processor of the caller, which itself is bound to none',
  () => {
    const whole = masks()[0];
    expect(new Set(masks()).size).toBe(1);
    setThreads(2);
    const x = new Float32Array(512 * 512);
    loadAddon().native.matmul(x, x, new Float32Array(512 * 512), 512, 512, 512, false, false);
    const after = masks();
    expect(after.filter((mask) => mask !== whole)).toHaveLength(1);
    expect(after[0]).toBe(whole);
  },
);
