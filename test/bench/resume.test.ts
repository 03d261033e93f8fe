import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { BenchResults } from '../../bench/harness/types.js';
import { packageRoot } from '../../src/backend/native.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-resume-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'numbers.json');
const shapesOf = (): string[] => (JSON.parse(readFileSync(file, 'utf8')) as BenchResults).rows.map((r) => r.shape);

/** Runs the bench, and interrupts it when the first shape is done. */
function bench(args: readonly string[], interrupt: boolean): Promise<{ code: number | null; said: string }> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      join(packageRoot(), 'bench', 'run.ts'),
      'gemm',
      '--contenders',
      'saraf',
      '--threads',
      '1',
      '--shapes',
      '64,128,256,512',
      '--reps',
      '2',
      '--json',
      file,
      ...args,
    ],
    { cwd: packageRoot(), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    if (interrupt && said.includes('[1 of 4')) {
      interrupt = false;
      child.kill('SIGINT');
    }
  });
  return new Promise((done) => child.on('close', (code) => done({ code, said })));
}

it('keeps what is done when it is interrupted, and goes on from there', { timeout: 90_000 }, async () => {
  const first = await bench([], true);
  expect(first.code, first.said).toBe(130);
  const kept = shapesOf();
  expect(kept.length).toBeGreaterThanOrEqual(1);
  expect(kept.length).toBeLessThan(4);

  const second = await bench(['--resume', file], false);
  expect(second.code, second.said).toBe(0);
  expect(shapesOf()).toEqual(['64', '128', '256', '512']);
  expect(second.said).not.toContain('gemm/64 ');

  const results = JSON.parse(readFileSync(file, 'utf8')) as BenchResults;
  writeFileSync(file, JSON.stringify({ ...results, machine: { ...results.machine, cpu: 'another' } }));
  const third = await bench(['--resume', file], false);
  expect(third.code).toBe(1);
  expect(third.said).toContain('expected a result of this machine');
});
