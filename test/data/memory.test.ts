import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { availableMemory, containerMemory, estimateMemory, formatBytes, requireMemory } from '../../src/data/memory.js';

const dir = mkdtempSync(join(tmpdir(), 'saraf-memory-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('an estimate adds up its parts', () => {
  const estimate = estimateMemory({ data: 1000, parameters: 10, activationsPerRow: 5, batchSize: 8 });
  expect(estimate.parts).toEqual([
    { what: 'data', bytes: 1000 },
    { what: 'weights', bytes: 40 },
    { what: 'gradients', bytes: 40 },
    { what: 'optimizer', bytes: 80 },
    { what: 'activations of a batch of 8', bytes: 160 },
  ]);
  expect(estimate.total).toBe(1320);
  expect(() => estimateMemory({ data: -1 })).toThrow(/data of at least 0/);
  expect(() => estimateMemory({ parameters: NaN })).toThrow(/parameters/);
});

test('what does not fit is refused with advice for the largest part', () => {
  requireMemory('fit', estimateMemory({ data: 900 }), 1000);
  const refuse = (needs: Parameters<typeof estimateMemory>[0]): string => {
    try {
      requireMemory('fit', estimateMemory(needs), 1e9);
    } catch (error) {
      expect((error as { code?: string }).code).toBe('ERR_MEMORY');
      return (error as Error).message;
    }
    return '';
  };
  expect(refuse({ data: 2e9 })).toContain('expected 2 GB of free memory (data 2 GB), received 1 GB; use fewer rows');
  expect(refuse({ data: 1, activationsPerRow: 1e9, batchSize: 4 })).toContain('use a smaller batch');
  expect(refuse({ parameters: 1e9 })).toContain('use fewer units');
});

test('free memory is positive and no more than there is', () => {
  const bytes = availableMemory();
  expect(bytes).toBeGreaterThan(1e6);
  expect(bytes).toBeLessThanOrEqual(totalmem());
});

test('limits of containers, at every level, with file cache counted as free', () => {
  const at = (folder: string, files: Record<string, string>): void => {
    mkdirSync(join(dir, folder), { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, folder, name), content);
  };
  at('v2/box', { 'memory.max': '1000\n', 'memory.current': '600\n', 'memory.stat': 'anon 1\ninactive_file 100\n' });
  at('v2/box/inner', { 'memory.max': 'max\n', 'memory.current': '600\n' });
  writeFileSync(join(dir, 'member2'), '0::/box/inner\n');
  expect(containerMemory(join(dir, 'member2'), join(dir, 'v2'))).toEqual([500]);
  at('v1/memory', { 'memory.limit_in_bytes': '9223372036854771712\n', 'memory.usage_in_bytes': '5\n' });
  at('v1/memory/box', { 'memory.limit_in_bytes': '2000\n', 'memory.usage_in_bytes': '2500\n', 'memory.stat': 'total_inactive_file 0\n' });
  writeFileSync(join(dir, 'member1'), '4:memory:/box\n3:cpuset:/\n');
  expect(containerMemory(join(dir, 'member1'), join(dir, 'v1'))).toEqual([0]);
  expect(containerMemory(join(dir, 'nowhere'), dir)).toEqual([]);
});

test('bytes for people', () => {
  expect([0, 623, 1000, 61e6, 1.5e9, 999_600, 170052171].map(formatBytes)).toEqual([
    '0 bytes',
    '623 bytes',
    '1 kB',
    '61 MB',
    '1.5 GB',
    '1 MB',
    '170 MB',
  ]);
  expect(formatBytes(NaN)).toBe('an unknown size');
});
