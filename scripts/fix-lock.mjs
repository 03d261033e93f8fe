// Adds to package-lock.json the platform packages that npm leaves out when the package source in use lacks them; without
// them `npm ci` fails there, and other platforms would not get their binaries. Run after changing dependencies:
//   node scripts/fix-lock.mjs [bench] && npm ci --dry-run
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32', 'aix'];
const SYSTEM_ALIASES = { linuxmusl: 'linux', windows: 'win32' };
const PROCESSORS = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32', 'mips64el'];
const PROCESSOR_ALIASES = { gnueabihf: 'arm', armv7: 'arm', ppc64le: 'ppc64' };

const file = join(process.argv[2] ?? '.', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

/** Whether `name` resolves from the package at `at`, as Node would look it up. */
function resolves(at, name) {
  for (let dir = at; ;) {
    if (lock.packages[`${dir ? `${dir}/` : ''}node_modules/${name}`]) return true;
    if (!dir) return false;
    const up = dir.lastIndexOf('/node_modules/');
    dir = up < 0 ? '' : dir.slice(0, up);
  }
}

let added = 0;
for (const [at, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!/^\d/.test(range) || resolves(at, name)) continue;
    const parts = name.replace(/^@/, '').split(/[/\-_]/);
    const os = parts.map((p) => SYSTEM_ALIASES[p] ?? (SYSTEMS.includes(p) ? p : undefined)).find(Boolean);
    const cpu = parts.map((p) => PROCESSOR_ALIASES[p] ?? (PROCESSORS.includes(p) ? p : undefined)).find(Boolean);
    if (!os && cpu !== 'wasm32') continue;
    lock.packages[`node_modules/${name}`] = {
      version: range,
      optional: true,
      ...(entry.dev ? { dev: true } : {}),
      ...(os ? { os: [os] } : {}),
      ...(cpu ? { cpu: [cpu] } : {}),
    };
    added += 1;
  }
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${file}: added ${added} platform packages`);
