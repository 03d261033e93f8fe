import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '..', 'src');

/** The way of the data: a folder may import from the folders named here, from itself, from files and from errors.ts. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  files: [],
  backend: [],
  tensor: ['backend'],
  initializers: ['tensor', 'backend'],
  regularizers: ['tensor', 'backend'],
  constraints: ['tensor', 'backend'],
  losses: ['tensor', 'backend'],
  metrics: ['losses', 'tensor', 'backend'],
  optimizers: ['tensor', 'backend'],
  layers: ['initializers', 'regularizers', 'constraints', 'tensor', 'backend'],
  text: ['models', 'layers', 'optimizers', 'initializers', 'tensor', 'backend'],
  data: ['text', 'tensor', 'backend'],
  embeddings: ['models', 'initializers', 'data', 'tensor', 'backend'],
  models: ['layers', 'losses', 'metrics', 'optimizers', 'initializers', 'tensor', 'backend', 'callbacks'],
  callbacks: ['models', 'tensor', 'backend'],
  keras: [
    'data',
    'text',
    'models',
    'layers',
    'losses',
    'metrics',
    'optimizers',
    'initializers',
    'regularizers',
    'constraints',
    'tensor',
    'backend',
  ],
  search: ['models', 'callbacks', 'initializers', 'data', 'text', 'tensor', 'backend'],
  experiments: [
    'embeddings',
    'models',
    'callbacks',
    'layers',
    'regularizers',
    'constraints',
    'losses',
    'metrics',
    'optimizers',
    'initializers',
    'data',
    'text',
    'tensor',
    'backend',
  ],
  reports: ['experiments', 'search', 'metrics', 'data', 'text', 'tensor', 'backend'],
  onnx: ['models', 'layers', 'tensor', 'backend'],
  cli: [
    'keras',
    'onnx',
    'experiments',
    'reports',
    'models',
    'callbacks',
    'layers',
    'losses',
    'metrics',
    'optimizers',
    'initializers',
    'data',
    'text',
    'tensor',
    'backend',
  ],
};

function* sources(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

const imported = /(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;

describe('the way of the data', () => {
  it('has a rule for every folder of src', () => {
    const folders = readdirSync(src, { withFileTypes: true })
      .filter((e) => e.isDirectory())
      .map((e) => e.name);
    expect(folders.filter((f) => !(f in MAY_IMPORT))).toEqual([]);
  });

  it('runs in one direction', () => {
    const wrong: string[] = [];
    for (const file of sources(src)) {
      const from = relative(src, file).split(sep)[0] as string;
      if (from.endsWith('.ts')) continue; // index.ts and errors.ts stand above and below all folders
      for (const [, target] of readFileSync(file, 'utf8').matchAll(imported)) {
        const to = relative(src, resolve(dirname(file), target as string)).split(sep)[0] as string;
        if (to === from || to === 'files' || to.startsWith('errors.') || to.startsWith('version.')) continue;
        if (!MAY_IMPORT[from]?.includes(to)) wrong.push(`${relative(src, file)} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('computes weights and figures by functions that every engine rounds alike (src/tensor/portable-math.ts)', () => {
    // Free are charts and pages, and what is only compared with printed digits. 2 ** n and powers of numerals are exact.
    const free = /^(reports|experiments\/equations|keras\/fixtures)\/|^tensor\/portable-math\.ts$/;
    const wrong: string[] = [];
    for (const file of sources(src)) {
      const name = relative(src, file).split(sep).join('/');
      if (free.test(name)) continue;
      const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      for (const [found] of code.matchAll(/\bMath\.(?:a?(?:sin|cos|tan)h?|atan2|expm?1?|pow|log\w*|cbrt)\b/g))
        wrong.push(`${name}: ${found}`);
      for (const [found] of code.matchAll(/[^\n]*[^\s]\s*\*\*=?\s*[^\n]*/g))
        if (/\*\*/.test(found.replace(/\b(?:2|\d+n?)\s*\*\*\s*(?:-?\d+n?|\(|\w+)/g, ''))) wrong.push(`${name}: ${found.trim()}`);
    }
    expect(wrong).toEqual([]);
  });

  it('keeps files under 500 lines, or says why at their top', () => {
    const long: string[] = [];
    for (const dir of ['src', 'native', 'test', 'bench', 'scripts']) {
      for (const entry of readdirSync(resolve(src, '..', dir), { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(ts|mjs|cc|h|cu)$/.test(entry.name) || /node_modules|\.cache/.test(entry.parentPath)) continue;
        const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
        if (text.split('\n').length > 500 && !/500 lines|one file because/i.test(text.slice(0, 800)))
          long.push(join(relative(resolve(src, '..'), entry.parentPath), entry.name));
      }
    }
    expect(long).toEqual([]);
  });
});
