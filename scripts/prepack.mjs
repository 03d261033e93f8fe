// Before `npm pack`: builds dist/ and puts this platform's addon, with its OpenMP runtime, into prebuilds/, so that a user
// needs neither compiler nor install script.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
buildIfStale();
const target = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
mkdirSync(target, { recursive: true });
for (const name of ['saraf.node', 'libgomp.so.1']) {
  const from = join(root, 'build', 'Release', name);
  if (existsSync(from)) copyFileSync(from, join(target, name));
  else if (name === 'saraf.node') throw new Error(`expected ${from}; build it with node scripts/setup.mjs`);
}
