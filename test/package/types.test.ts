import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';
import { Consumer } from './consumer.js';

const root = packageRoot();
let consumer: Consumer;

const USE = `
const model: Sequential = new Sequential([layers.lstm({ units: 4, returnSequences: true }), layers.dense({ units: 3, activation: 'softmax' })]);
const history: Promise<History> = model.fit(tensor([[1]]), tensor([0]), { epochs: 1 });
const shape: readonly number[] = tensor([[1, 2]]).shape;
const error: SarafError | null = null;
// @ts-expect-error units are a number
layers.dense({ units: 'three' });
export { error, history, model, shape };
`;
const IMPORT = `import { layers, Sequential, tensor, type History, type SarafError } from 'saraf';\n`;

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  consumer = new Consumer();
  consumer.write('use.mts', IMPORT + USE);
  consumer.write('use.cts', IMPORT + USE);
  consumer.write('use.ts', IMPORT + USE);
});
afterAll(() => consumer?.remove());

/** What the compiler complains about; empty if nothing. */
function complaints(compiler: string, files: readonly string[], module: string, resolution: string, output = ['--noEmit']): string {
  const args = [
    ...output,
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2022',
    '--types',
    'node',
    '--typeRoots',
    join(root, 'node_modules', '@types'),
  ];
  try {
    execFileSync(process.execPath, [compiler, ...args, '--module', module, '--moduleResolution', resolution, ...files], {
      cwd: consumer.folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return '';
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? error);
  }
}

describe('the types of the package', () => {
  const current = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // The notebooks' kernel brings its own compiler: 5.0, with the resolution that does not know `exports`.
  const kernels = join(root, 'node_modules', '@tslab', 'typescript-for-tslab', 'bin', 'tsc');

  it.each([
    ['ESM in Node', current, 'use.mts', 'nodenext', 'nodenext'],
    ['CommonJS in Node', current, 'use.cts', 'nodenext', 'nodenext'],
    ['a bundler', current, 'use.ts', 'esnext', 'bundler'],
    ['a notebook', kernels, 'use.ts', 'commonjs', 'node'],
  ])('are found and hold for %s', (_, compiler, file, module, resolution) => {
    expect(complaints(compiler, [file], module, resolution)).toBe('');
  });

  it('can be named: a notebook cell can hold what any public function gives', async () => {
    const saraf = (await import(pathToFileURL(join(root, 'dist', 'index.mjs')).href)) as Record<string, unknown>;
    const isClass = (value: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(value));
    const functions: [name: string, path: string][] = [];
    for (const [name, value] of Object.entries(saraf)) {
      const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
      if (typeof value === 'function' && !isClass(value)) functions.push([name, name]);
      for (const [member, inner] of members)
        if (typeof inner === 'function' && !isClass(inner)) functions.push([name, `${name}.${member}`]);
    }
    expect(functions.length).toBeGreaterThan(100);
    // A file each: what one import makes nameable must not help another.
    const files = functions.map(([name, path]) =>
      consumer.write(
        `result-${path}.ts`,
        `import { ${name} } from 'saraf';
declare function result<R>(f: (...args: never[]) => Promise<R>): R;
declare function result<R>(f: (...args: never[]) => R): R;
export const value = result(${path});\n`,
      ),
    );
    expect(complaints(kernels, files, 'commonjs', 'node', ['--declaration', '--emitDeclarationOnly', '--outDir', 'declared'])).toBe('');
  });

  it('are not merely any', () => {
    consumer.write('wrong.mts', `import { tensor } from 'saraf';\nexport const text: string = tensor([1]).size;\n`);
    expect(complaints(current, ['wrong.mts'], 'nodenext', 'nodenext')).toContain("Type 'number' is not assignable to type 'string'");
  });
});
