// What the installers share: running programs, finding them, and where peers live.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const benchFolder = join(dirname(fileURLToPath(import.meta.url)), '..');

export const say = (text) => void process.stderr.write(`${text}\n`);

/** The folder of one peer, made if missing. */
export function folderOf(peer) {
  const folder = join(benchFolder, '.cache', 'peers', peer);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Runs a program; throws with the end of what it printed. Gives its standard output. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
    shell: process.platform === 'win32',
    ...options,
  });
  if (result.status === 0) return result.stdout;
  const printed = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(-15).join('\n');
  const why = result.error ? result.error.message : `it ended with ${result.signal ?? `code ${result.status}`}`;
  throw new Error(`${command} ${args.slice(0, 4).join(' ')}: ${why}\n${printed}`);
}

export const succeeds = (command, args, options = {}) =>
  spawnSync(command, args, { stdio: 'ignore', shell: process.platform === 'win32', ...options }).status === 0;

/** What Python may be called. */
export const pythons = ['python3', 'python'];

/** The first Python 3 that has pip and venv; null if there is none. */
export function python() {
  return pythons.find((name) => succeeds(name, ['-c', 'import sys, venv, pip; sys.exit(sys.version_info < (3, 9))'])) ?? null;
}
