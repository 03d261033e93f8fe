// Installs @huggingface/transformers into a folder of its own: node bench/peers/transformers.mjs FOLDER. Node built-ins only.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './tools.mjs';

const VERSION = '4.3.2';

/** Nothing is done where this version is there. */
export function installTransformers(folder) {
  const installed = join(folder, 'node_modules', '@huggingface', 'transformers', 'package.json');
  if (existsSync(installed) && JSON.parse(readFileSync(installed, 'utf8')).version === VERSION) return;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // Its ONNX Runtime would only fetch a provider for GPUs.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', `@huggingface/transformers@${VERSION}`], { cwd: folder, env });
}

const [, program, folder] = process.argv;
if (program && import.meta.url === pathToFileURL(program).href) {
  if (!folder) throw new Error('Usage: node bench/peers/transformers.mjs FOLDER');
  installTransformers(folder);
}
