// Installs the dependencies and builds the addon, each only when missing or older than its sources. Node built-ins only:
// it runs before anything is installed. Progress and child output go to stderr, so that commands pipe cleanly.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (text) => process.stderr.write(`${text}\n`);

function fail(text) {
  say(`saraf setup: ${text}`);
  process.exit(1);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`expected Node 20.19 or newer, received ${process.versions.node}; install a current Node from https://nodejs.org`);
}

function* filesBelow(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) yield* filesBelow(join(path, name));
}

/** Changes when any of the files, or the platform, changes. */
function fingerprint(...paths) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  for (const path of paths) {
    for (const file of filesBelow(join(root, path))) hash.update(relative(root, file)).update('\0').update(readFileSync(file));
  }
  return hash.digest('hex');
}

function runs(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  return !result.error && result.status === 0;
}

/** Runs a child with a live line "label … 12 s"; on failure shows what it printed. */
function step(label, command, args) {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    const output = [];
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    const live = process.stderr.isTTY;
    const line = () => `${label} … ${Math.round((Date.now() - started) / 1000)} s`;
    if (!live) say(`${label} …`);
    const timer = live ? setInterval(() => process.stderr.write(`\r${line()}`), 500) : undefined;
    const end = (error) => {
      clearInterval(timer);
      if (live) process.stderr.write('\r\x1b[K');
      if (error) {
        process.stderr.write(Buffer.concat(output));
        reject(error);
      } else {
        say(`${label}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
        resolve();
      }
    };
    child.on('error', end);
    child.on('exit', (code) => end(code === 0 ? undefined : new Error(`${command} ${args.join(' ')} ended with code ${code}`)));
  });
}

/** Does `work` unless `stamp` already holds `key`. */
async function once(stamp, key, work) {
  const file = join(root, stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === key) return;
  rmSync(file, { force: true });
  await work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, key);
}

const INSTALL = {
  linux: {
    compiler: 'sudo apt-get install -y build-essential (Debian, Ubuntu) or sudo dnf install -y gcc-c++ make (Fedora)',
    cmake: 'sudo apt-get install -y cmake (Debian, Ubuntu), sudo dnf install -y cmake (Fedora) or pip install cmake',
  },
  darwin: { compiler: 'xcode-select --install', cmake: 'brew install cmake' },
  win32: {
    compiler: 'winget install Microsoft.VisualStudio.2022.BuildTools (with the C++ workload)',
    cmake: 'winget install Kitware.CMake',
  },
};

function needBuildTools() {
  const how = INSTALL[process.platform] ?? INSTALL.linux;
  if (process.platform !== 'win32') {
    const compilers = [process.env.CXX, 'c++', 'g++', 'clang++'].filter(Boolean);
    if (!compilers.some((c) => runs(c, ['--version'])))
      fail(`expected a C++17 compiler (tried ${compilers.join(', ')}); install one: ${how.compiler}`);
    if (!runs('make', ['--version']) && !runs('ninja', ['--version'])) fail(`expected make or ninja; install one: ${how.compiler}`);
  }
  if (!runs('cmake', ['--version'])) fail(`expected cmake 3.19 or newer; install it: ${how.cmake}`);
}

/** A copied or moved checkout's build folder names the sources where they were, and cmake would quietly compile those. */
function forgetOtherCheckout() {
  const cache = join(root, 'build', 'CMakeCache.txt');
  if (!existsSync(cache)) return;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1];
  if (home !== undefined && relative(home, root) !== '') rmSync(join(root, 'build'), { recursive: true });
}

try {
  await once('node_modules/.saraf-dependencies', fingerprint('package.json', 'package-lock.json'), async () => {
    // The lock file decides; where a platform's optional packages are missing from it, npm ci refuses and install repairs.
    try {
      await step('Installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund']);
    } catch {
      await step('Installing dependencies again, without insisting on the lock file', 'npm', [
        'install',
        '--no-save',
        '--no-audit',
        '--no-fund',
      ]);
    }
  });
  await once('build/.saraf-addon', fingerprint('CMakeLists.txt', 'native'), async () => {
    needBuildTools();
    forgetOtherCheckout();
    await step('Building the native addon', process.execPath, [join('node_modules', 'cmake-js', 'bin', 'cmake-js'), 'compile']);
  });
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
