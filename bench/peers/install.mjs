// Obtains the peers that are more than an entry in package.json: npm run peers [-- --python] [--again]
// Node built-ins only. What cannot be had is said and left out: the bench shows it as not available, with the reason.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installOnnxRuntime } from './onnxruntime.mjs';
import { installTransformers } from './transformers.mjs';
import { installTfjsNode } from './tfjs-node.mjs';
import { installPython, PYTHON_PEERS } from './python.mjs';
import { benchFolder, folderOf, run, say } from './tools.mjs';

/** Packages of bench/package.json: TensorFlow.js in plain JavaScript and WebAssembly. */
function installPackages() {
  run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: benchFolder });
}

const args = process.argv.slice(2);
const known = new Set(['--python', '--again']);
if (args.some((a) => !known.has(a))) {
  say('Usage: npm run peers [-- --python] [--again]');
  say(`  --python   ${PYTHON_PEERS.map((p) => `${p.title} (${p.size})`).join(', ')} too, each in an environment of its own`);
  say('  --again    what is there already is installed once more');
  process.exit(args.includes('--help') ? 0 : 1);
}

const steps = [
  ['TensorFlow.js, plain and WebAssembly', installPackages],
  ['tfjs-node', () => installTfjsNode(args.includes('--again'))],
  ['onnxruntime-node', () => installOnnxRuntime(folderOf('onnxruntime-node'))],
  ['@huggingface/transformers', () => installTransformers(folderOf('transformers'))],
  ...(args.includes('--python') ? PYTHON_PEERS.map((peer) => [peer.title, () => installPython(peer, args.includes('--again'))]) : []),
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
