// Builds dist/ unless it is newer than everything it is made from. `npm run build` builds in any case.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const OUTPUTS = ['index.mjs', 'index.cjs', 'index.d.mts', 'index.d.cts', 'cli.mjs'].map((name) => join(root, 'dist', name));
const SOURCES = ['src', 'package.json', 'tsconfig.json', 'tsdown.config.ts'].map((name) => join(root, name));

function newest(path) {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Throws if the build fails, having shown what it printed. */
export function buildIfStale() {
  const built = OUTPUTS.every((path) => existsSync(path)) ? Math.min(...OUTPUTS.map((path) => statSync(path).mtimeMs)) : 0;
  if (built > Math.max(...SOURCES.map(newest))) return;
  const tsdown = join(root, 'node_modules', 'tsdown', 'dist', 'run.mjs');
  const result = spawnSync(process.execPath, [tsdown, '--log-level', 'warn'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) throw new Error('the package could not be built; run npm run build to see why');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildIfStale();
