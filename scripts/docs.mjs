// Writes docs/layers.md from the registry of layers.
//   npm run docs
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

await import('tsx');
const { layersPage } = await import('../src/keras/layers-table.ts');
const { isInOnnx } = await import('../src/onnx/export.ts');
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'layers.md'), layersPage(isInOnnx));
