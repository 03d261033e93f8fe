// Times saraf against its peers. The peers have a package of their own, installed here when it is missing or changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bench = join(root, 'bench');
const stamp = join(bench, 'node_modules', '.saraf-dependencies');
const key = createHash('sha256')
  .update(readFileSync(join(bench, 'package.json')))
  .update(readFileSync(join(bench, 'package-lock.json')))
  .digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== key) {
  process.stderr.write('Installing the peers (300 MB, bench/node_modules) …\n');
  const options = { cwd: bench, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' };
  if (spawnSync('npm', ['ci', '--no-audit', '--no-fund'], options).status === 0) writeFileSync(stamp, key);
  // A peer that is not there is a row "not available", not the end.
  else process.stderr.write('The peers could not be installed; those missing are shown as not available.\n');
}

// The suite `startup` loads what is published.
if (!existsSync(join(root, 'dist', 'index.mjs'))) {
  process.stderr.write('Building the package …\n');
  spawnSync('npm', ['run', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
}

const run = spawnSync(process.execPath, ['--import', 'tsx', join(bench, 'run.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = run.status ?? 1;
