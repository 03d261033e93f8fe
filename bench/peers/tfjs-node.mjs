// @tensorflow/tfjs-node: by its own download where that works, else built from what the package registries hold.
//
// The package's install script fetches the TensorFlow C library and a compiled addon from a place of its own. Where that
// cannot be reached, the same library comes out of the tensorflow-cpu wheel and the addon is compiled from the sources in
// the npm package (Linux on x64 only).
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { folderOf, python, run, say, succeeds } from './tools.mjs';

const PACKAGE = '@tensorflow/tfjs-node';
const VERSION = '4.22.0';
/** What this version of the package is written for. */
const TENSORFLOW = '2.9.1';
/** A download that cannot be reached may hang. */
const DOWNLOAD_MS = 180_000;

const TRY = `
const util = require('node:util');
util.isNullOrUndefined ??= (v) => v == null; // taken away by Node 23
util.isArray ??= Array.isArray;
const tf = require('${PACKAGE}');
if (tf.getBackend() !== 'tensorflow' || tf.add(1, 2).dataSync()[0] !== 3) process.exit(1);`;

/** Python that unpacks libraries and headers from the wheel (argument 1) into a folder (argument 2). */
const UNPACK = `
import os, shutil, sys, zipfile
wheel, to = sys.argv[1:]
include = 'tensorflow/include/'
headers = tuple(include + d for d in ('tensorflow/c/', 'tensorflow/core/platform/', 'tensorflow/tsl/', 'tsl/', 'xla/tsl/'))
libraries = ('tensorflow/libtensorflow_framework.so.2', 'tensorflow/python/_pywrap_tensorflow_internal.so')
with zipfile.ZipFile(wheel) as z:
    for name in z.namelist():
        if name in libraries: path = os.path.join(to, 'lib', os.path.basename(name))
        elif name.startswith(headers) and name.endswith('.h'): path = os.path.join(to, 'include', name[len(include):])
        else: continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with z.open(name) as source, open(path, 'wb') as target: shutil.copyfileobj(source, target, 1 << 20)
`;

const works = (folder) => succeeds(process.execPath, ['-e', TRY], { cwd: folder, env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } });

function npmInstall(folder, ...options) {
  const args = ['install', '--no-audit', '--no-fund', '--save-exact', ...options, `${PACKAGE}@${VERSION}`];
  return run('npm', args, { cwd: folder, timeout: DOWNLOAD_MS });
}

/** Symbols of a shared library: those it gives, or with `undefined` those it asks for. */
function symbols(library, kind) {
  const text = run('nm', ['-D', kind === 'undefined' ? '--undefined-only' : '--defined-only', library]);
  return text.split('\n').flatMap((line) => line.trim().split(/\s+/).at(-1)?.replace(/@.*/, '') || []);
}

/** The wheel of the library for any Python: no Python code of it is used. */
function downloadWheel(interpreter, folder) {
  const platforms = ['manylinux2014_x86_64', 'manylinux_2_17_x86_64', 'manylinux_2_27_x86_64'].flatMap((p) => ['--platform', p]);
  const what = ['--no-deps', '--no-cache-dir', '--only-binary=:all:', '--implementation', 'cp', '--python-version', '3.10'];
  const where = ['-m', 'pip', 'download', '-q', '--disable-pip-version-check', `tensorflow-cpu==${TENSORFLOW}`, '-d', folder];
  run(interpreter, [...where, ...what, ...platforms]);
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.whl')),
  );
}

/**
 * Up to TensorFlow 2.11 the C API is inside the Python extension, which asks for CPython's symbols though the C API never
 * uses them: they get empty ones. libtensorflow.so is then a linker script that names both.
 */
function makeLibrary(lib, scratch) {
  const api = '_pywrap_tensorflow_internal.so';
  const isData = /^PyExc_|_Type$|Struct$/;
  const wanted = symbols(join(lib, api), 'undefined').filter((s) => /^_?Py/.test(s));
  const source = join(scratch, 'no_python.c');
  writeFileSync(source, wanted.map((s) => (isData.test(s) ? `void *${s}[64];` : `void *${s}(void) { return 0; }`)).join('\n'));
  run('gcc', ['-w', '-shared', '-fPIC', '-Wl,-soname,libnopython.so', '-o', join(lib, 'libnopython.so'), source]);
  writeFileSync(join(lib, 'libtensorflow.so'), `INPUT(-l:${api} -l:libnopython.so)\n`);
  symlinkSync('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));
  return [join(lib, api), join(lib, 'libtensorflow_framework.so.2')];
}

/** Functions of the C API that the addon's sources call and the libraries lack. */
function missingFunctions(sources, libraries) {
  const have = new Set(libraries.flatMap((library) => symbols(library, 'defined')));
  const text = readdirSync(sources)
    .filter((name) => /\.(cc|h)$/.test(name))
    .map((name) => readFileSync(join(sources, name), 'utf8'));
  const called = text.join('\n').match(/\bTFE?_[A-Z][A-Za-z0-9]+(?=\()/g) ?? [];
  return [...new Set(called)].filter((name) => !name.includes('_Auto') && !have.has(name));
}

function compileAddon(folder, home) {
  // Node's headers stand beside the node that is running; npm carries the build tool.
  const prefix = resolve(process.execPath, '..', '..');
  if (!existsSync(join(prefix, 'include', 'node', 'node_api.h'))) throw new Error(`no Node headers in ${prefix}/include/node`);
  const gyp = join(run('npm', ['root', '-g']).trim(), 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const env = { ...process.env, npm_config_nodedir: prefix, npm_config_node_gyp: gyp };
  run(join(folder, 'node_modules', '.bin', 'node-pre-gyp'), ['install', '--build-from-source'], { cwd: home, env });
}

function buildFromPackages(folder) {
  if (`${process.platform} ${process.arch}` !== 'linux x64')
    throw new Error('its own download failed, and building it is for Linux on x64');
  const interpreter = python();
  if (interpreter === null) throw new Error('its own download failed, and building it takes Python 3 with pip, to get the library');
  const absent = ['gcc', 'g++', 'make', 'nm'].filter((tool) => !succeeds(tool, ['--version']));
  if (absent.length > 0) throw new Error(`its own download failed, and building it takes ${absent.join(', ')}; install build-essential`);

  const scratch = mkdtempSync(join(tmpdir(), 'saraf-peers-'));
  try {
    npmInstall(folder, '--ignore-scripts');
    const home = join(folder, 'node_modules', PACKAGE);
    const deps = join(home, 'deps');
    for (const old of ['deps', 'lib', 'build']) rmSync(join(home, old), { recursive: true, force: true });
    mkdirSync(deps, { recursive: true });
    say(`tfjs-node: TensorFlow ${TENSORFLOW} (200 MB to download) …`);
    run(interpreter, ['-c', UNPACK, downloadWheel(interpreter, scratch), deps]);
    const libraries = makeLibrary(join(deps, 'lib'), scratch);
    const missing = missingFunctions(join(home, 'binding'), libraries);
    if (missing.length > 0) throw new Error(`TensorFlow ${TENSORFLOW} lacks ${missing.join(', ')}`);
    say('tfjs-node: compiling its addon …');
    compileAddon(folder, home);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Installs the package so that it works, or throws with the reason. What works already stays, unless `again`. */
export function installTfjsNode(again) {
  const folder = folderOf('tfjs-node');
  if (!again && works(folder)) return;
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  try {
    say('tfjs-node: trying its own download …');
    npmInstall(folder);
  } catch {
    say('tfjs-node: its own download does not work here; building it from packages …');
  }
  if (!works(folder)) buildFromPackages(folder);
  if (!works(folder)) throw new Error('it was built but does not compute');
}
