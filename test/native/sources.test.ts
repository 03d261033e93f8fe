import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..', '..');
const lists = JSON.parse(readFileSync(join(root, 'native', 'sources.json'), 'utf8')) as Record<string, string[]>;
const files = readdirSync(join(root, 'native'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));

it('every C++ source is built exactly once, by the rule its name says', () => {
  const listed = Object.values(lists).flat();
  expect([...listed].sort()).toEqual(files.filter((file) => file.endsWith('.cc')).sort());
  expect(lists['ref']?.filter((file) => !file.endsWith('_ref.cc'))).toEqual([]);
  expect(lists['simd']?.filter((file) => !file.endsWith('_simd.cc'))).toEqual([]);
  expect(lists['base']?.filter((file) => /_(ref|simd)\.cc$/.test(file))).toEqual([]);
});

it('both builds read that list and name no source of their own', () => {
  for (const build of ['CMakeLists.txt', 'binding.gyp', 'native/gyp_variables.gypi']) {
    expect(readFileSync(join(root, build), 'utf8').match(/[\w/]+\.cc\b/g), build).toBeNull();
  }
});

it('napi.h is included by native/addon alone', () => {
  const wrong = files.filter((file) => !file.startsWith('native/addon/') && /#include\s*<napi\.h>/.test(readFileSync(join(root, file), 'utf8')));
  expect(wrong).toEqual([]);
});

it('kernels for instruction sets use raw pointers: no containers or algorithms of the standard library', () => {
  const wrong = (lists['simd'] ?? []).filter((file) => /#include\s*<(vector|algorithm|string|map|array|functional|numeric)>/.test(readFileSync(join(root, file), 'utf8')));
  expect(wrong).toEqual([]);
});
