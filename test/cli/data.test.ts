import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dataCommand } from '../../src/cli/data.js';

let root = '';
let printed = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'saraf-cli-data-'));
  printed = '';
  vi.stubEnv('SARAF_CACHE', join(root, 'cache'));
  vi.stubEnv('SARAF_DATA', '');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

async function saraf(...args: string[]): Promise<void> {
  const program = new Command('saraf').exitOverride().configureOutput({ writeErr: () => {} });
  dataCommand(program);
  await program.parseAsync(args, { from: 'user' });
}

test('list says size, licence, address, hash, and where to put a file got by hand', async () => {
  await saraf('data', 'list');
  for (const part of [
    'nusax-senti',
    'CC-BY-SA-4.0',
    'cifar-10-binary.tar.gz',
    '170 MB',
    'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
    'clickid',
  ])
    expect(printed).toContain(part);
  expect(printed).toContain(`put it   ${join(root, 'cache', 'cifar-10', 'cifar-10-binary.tar.gz')}`);
  expect(printed).toContain('absent');
});

test('list of one set names every file; JSON is for programs', async () => {
  await saraf('data', 'list', 'smsa');
  for (const name of ['train.tsv', 'valid.tsv', 'test.tsv']) expect(printed).toContain(name);
  expect(printed).not.toContain('nusax-senti/');
  printed = '';
  await saraf('data', 'list', 'smsa', '--json');
  const [set] = JSON.parse(printed) as { id: string; files: { name: string; present: string }[] }[];
  expect([set?.id, set?.files.map((f) => f.present)]).toEqual(['smsa', ['no', 'no', 'no']]);
});

test('get fails where nothing can be had, and verify where a file is bad', async () => {
  await expect(saraf('data', 'get', 'smsa', '--offline')).rejects.toMatchObject({ code: 'ERR_DATA' });
  await saraf('data', 'verify', 'smsa');
  expect(printed).toContain('smsa: 0 good, 0 bad, 3 absent');
  mkdirSync(join(root, 'cache', 'smsa'), { recursive: true });
  writeFileSync(join(root, 'cache', 'smsa', 'test.tsv'), 'wrong');
  await expect(saraf('data', 'verify', 'smsa')).rejects.toThrow(/received 1 that have another/);
  expect(printed).toContain('BAD');
  await expect(saraf('data', 'get', 'nosuch')).rejects.toMatchObject({ code: 'ERR_ARG' });
  await expect(saraf('data', 'list', '--data', join(root, 'nowhere'))).rejects.toMatchObject({ code: 'ERR_ARG' });
});

test('get and verify of a mirror', async ({ skip }) => {
  vi.unstubAllEnvs();
  const data = process.env['SARAF_DATA'];
  if (!data) skip('SARAF_DATA is not set');
  vi.stubEnv('SARAF_CACHE', join(root, 'cache'));
  await saraf('data', 'get', 'smsa', 'emot', '--data', data as string);
  expect(printed).toContain('smsa: good, 3 file(s), 2.5 MB, from: mirror');
  await saraf('data', 'verify', 'emot', '--data', data as string);
  expect(printed).toContain('emot: 3 good, 0 bad, 0 absent');
});
