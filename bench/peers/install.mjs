// Obtains the peers that are more than an entry in package.json: npm run peers [-- --python] [--again]
// Node built-ins only. What cannot be had is said and left out: the bench shows it as not available, with the reason.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installTfjsNode } from './tfjs-node.mjs';
import { benchFolder, folderOf, python, run, say } from './tools.mjs';

const ONNXRUNTIME = '1.30.0';
/** Large: several gigabytes together. PyTorch's CPU wheel is half a gigabyte where the index has one. */
const PYTHON_PACKAGES = ['numpy', 'torch', 'tensorflow-cpu', 'jax'];

/** Packages of bench/package.json: TensorFlow.js in plain JavaScript and WebAssembly. */
function installPackages() {
  run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: benchFolder });
}

function installOnnxRuntime() {
  const folder = folderOf('onnxruntime-node');
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // Its install script only fetches a provider for GPUs.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', `onnxruntime-node@${ONNXRUNTIME}`], { cwd: folder, env });
}

/** A virtual environment of the bench's own; each package by itself, so that one that is not to be had stops no other. */
function installPython() {
  const interpreter = python();
  if (interpreter === null) throw new Error('no Python 3 with venv and pip found');
  const folder = folderOf('python');
  const own = join(folder, 'bin', 'python');
  if (!existsSync(own)) run(interpreter, ['-m', 'venv', folder]);
  const missing = [];
  for (const name of PYTHON_PACKAGES) {
    try {
      run(own, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--prefer-binary', name]);
    } catch {
      missing.push(name);
    }
  }
  if (missing.length > 0) throw new Error(`not installed: ${missing.join(', ')}`);
}

const args = process.argv.slice(2);
const known = new Set(['--python', '--again']);
if (args.some((a) => !known.has(a))) {
  say('Usage: npm run peers [-- --python] [--again]');
  say('  --python   PyTorch, TensorFlow and JAX too, in a virtual environment (several gigabytes)');
  say('  --again    what is there already is installed once more');
  process.exit(args.includes('--help') ? 0 : 1);
}

const steps = [
  ['TensorFlow.js, plain and WebAssembly', installPackages],
  ['tfjs-node', () => installTfjsNode(args.includes('--again'))],
  ['onnxruntime-node', installOnnxRuntime],
  ...(args.includes('--python') ? [['Python peers', installPython]] : []),
];
mkdirSync(join(benchFolder, '.cache', 'peers'), { recursive: true });
const failed = [];
for (const [name, install] of steps) {
  const started = Date.now();
  try {
    await install();
    say(`${name}: there (${Math.round((Date.now() - started) / 1000)} s)`);
  } catch (error) {
    failed.push(name);
    say(`${name}: not installed. ${error instanceof Error ? error.message : String(error)}`);
  }
}
if (failed.length > 0) {
  say(`Left out: ${failed.join(', ')}. The bench runs without them and says so.`);
  process.exitCode = 1;
}
