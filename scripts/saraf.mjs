#!/usr/bin/env node
// The `saraf` command: in a checkout the TypeScript sources run as they are, in the published package what was built of them.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src', 'cli', 'main.ts');
const built = join(root, 'dist', 'cli.mjs');

if (existsSync(source)) {
  try {
    await import('tsx');
  } catch {
    process.stderr.write('saraf: expected the dependencies to be installed; run `node scripts/setup.mjs` first\n');
    process.exit(1);
  }
} else if (!existsSync(built)) {
  process.stderr.write(`saraf: expected ${source} or ${built}; install the package again\n`);
  process.exit(1);
}
// A reader may have seen enough (`saraf data list | head`): what was begun still ends as it should, in silence. Other errors, such as a full
// disk, are told once, where they can be.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (error.code === 'EPIPE') return;
    process.exitCode = 1;
    if (stream === process.stdout) process.stderr.write(`saraf: the output could not be written: ${error.message}\n`);
  });
}
const { main } = await import(pathToFileURL(existsSync(source) ? source : built).href);
const code = await main(process.argv.slice(2));
process.exitCode = process.exitCode || code;
