import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../suites/suite.js';

/** Bytes of all files below a folder, links not followed. */
export function bytesBelow(path: string): number {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (!facts) return 0;
  if (!facts.isDirectory()) return facts.isFile() ? facts.size : 0;
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}

interface Started {
  readonly ms: number;
  readonly value: number;
  readonly peakBytes: number;
}

/** performance.now() counts from the start of the process, so that node's own start is part of it. */
const PREAMBLE = `const report = (value) => console.log(JSON.stringify({ ms: performance.now(), value, peakBytes: process.resourceUsage().maxRSS * 1024 }));\n`;

function start(script: string, kind: 'module' | 'commonjs', folder: string): Started {
  const args = kind === 'module' ? ['--input-type=module', '--eval', PREAMBLE + script] : ['--eval', PREAMBLE + script];
  const text = execFileSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Started;
}

/**
 * Starts a process that loads a package and calls `report(value)` with its first result.
 *
 * `folders` are what it takes on disk.
 */
export function startupJob(
  script: string,
  folders: readonly string[],
  kind: 'module' | 'commonjs' = 'module',
  folder = process.cwd(),
): Job {
  let last: Started | undefined;
  const once = (): Started => (last = start(script, kind, folder));
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  return {
    check: () => ({ y: Float64Array.of(once().value) }),
    run: () => void once(),
    sample: ({ repetitions }) => Promise.resolve({ times: Array.from({ length: repetitions }, () => once().ms) }),
    note: () =>
      `installed ${megabytes(folders.reduce((sum, f) => sum + (existsSync(f) ? bytesBelow(realpathSync(f)) : 0), 0))}, peak ${megabytes(last?.peakBytes ?? 0)} of memory, of it node alone ${start('report(0);', 'module', folder).ms.toFixed(0)} ms`,
  };
}
