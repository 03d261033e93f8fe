import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from '../../src/files/make-folder.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('makes a folder and those above it, and is content with one that is there', () => {
  const deep = join(folder, 'a', 'b', 'c');
  makeFolder(deep);
  makeFolder(deep);
  expect(existsSync(deep)).toBe(true);
});

it('throws where a file is in the way', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolder(join(folder, 'file', 'below'))).toThrow(/ENOTDIR|EEXIST/);
});

it.skipIf(!existsSync('/proc/self'))('throws at once where the system has no such folder (Linux: /proc)', () => {
  expect(() => makeFolder('/proc/missing/folder')).toThrow(/ENOENT|EACCES|EPERM/);
});
