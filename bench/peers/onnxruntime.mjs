// Installs ONNX Runtime into a folder of its own: node bench/peers/onnxruntime.mjs FOLDER. Node built-ins only.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './tools.mjs';

const VERSION = '1.30.0';

/** Nothing is done where this version is there. */
export function installOnnxRuntime(folder) {
  const installed = join(folder, 'node_modules', 'onnxruntime-node', 'package.json');
  if (existsSync(installed) && JSON.parse(readFileSync(installed, 'utf8')).version === VERSION) return;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // Its install script only fetches a provider for GPUs.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', `onnxruntime-node@${VERSION}`], { cwd: folder, env });
}

const [, program, folder] = process.argv;
if (program && import.meta.url === pathToFileURL(program).href) {
  if (!folder) throw new Error('Usage: node bench/peers/onnxruntime.mjs FOLDER');
  installOnnxRuntime(folder);
}
