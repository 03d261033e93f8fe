import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';

const root = packageRoot();
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-tarball-'));
  execFileSync(npm, ['pack', '--pack-destination', folder], { cwd: root, stdio: 'ignore', shell: process.platform === 'win32' });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) as string;
  execFileSync('tar', ['xzf', tarball], { cwd: folder });
  // The dependencies are the checkout's; saraf itself is only what was packed.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): string => execFileSync(process.execPath, args, { cwd: join(folder, 'package'), encoding: 'utf8' });

it('computes with the addon that was packed, without any install step', () => {
  const answer = run(
    '-e',
    `const s = require('./dist/index.cjs'); const y = new s.Sequential([s.layers.dense({ units: 2, inputShape: [3] })]); y.predict(s.tensor([[1, 2, 3]])).then((p) => console.log(p.shape.join()))`,
  );
  expect(answer.trim()).toBe('1,2');
});

it('has the command line', () => {
  expect(run('scripts/saraf.mjs', '--version').trim()).toMatch(/^\d+\.\d+\.\d+/);
  expect(run('scripts/saraf.mjs', 'doctor')).toContain(join(folder, 'package', 'prebuilds'));
  expect(run('scripts/saraf.mjs', 'verify')).toContain('This machine computes the recorded bits.');
});

it("writes and reads Keras' files, whose HDF5 thread starts from the package, from CommonJS and ES modules, and ends", () => {
  const work = `const model = new s.Sequential([s.layers.dense({ units: 2, inputShape: [3] })]);
    const main = async () => {
      for (const file of ['a.keras', 'a.h5']) {
        await model.save(file);
        const again = await s.loadModel(file);
        console.log(again.weights[0].value.data().join() === model.weights[0].value.data().join());
      }
    };
    main();`;
  for (const args of [
    ['-e', `const s = require('./dist/index.cjs'); ${work}`],
    ['--input-type=module', '-e', `import * as s from './dist/index.mjs'; ${work}`],
  ])
    expect(run(...args).trim()).toBe('true\ntrue');
  expect(run('scripts/saraf.mjs', 'inspect', 'a.keras')).toContain('dense');
});
