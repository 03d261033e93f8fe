import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';
import { received, sendable } from '../../src/cli/trainers/messages.js';
import { SarafError } from '../../src/errors.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-jobs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TINY = [
  '--import',
  'tsx',
  join(packageRoot(), 'test', 'cli', 'tiny-main.ts'),
  'reproduce',
  'tiny',
  '--factor',
  'units',
  '--seeds',
  '3',
];
const command = (out: string, ...more: string[]): string[] => [...TINY, '--out', join(folder, out), ...more];
function finished(out: string, ...more: string[]): { code: number | null; err: string } {
  const run = spawnSync(process.execPath, command(out, ...more), { cwd: packageRoot(), encoding: 'utf8' });
  return { code: run.status, err: run.stderr };
}
const runsIn = (out: string): string[] => readdirSync(join(folder, out, 'tiny', 'runs'));

/** What a run found out, without how long it took. */
function results(out: string): unknown {
  const text = readFileSync(join(folder, out, 'tiny', 'results.json'), 'utf8');
  return JSON.parse(text, (key, value: unknown) => (['date', 'machine', 'seconds', 'epochSeconds'].includes(key) ? undefined : value));
}

/** Starts two trainings at once; `when` is called once a run has ended. */
async function disturbed(
  out: string,
  when: (command: ChildProcess, trainers: number[]) => void,
): Promise<{ code: number | null; err: string; trainers: number[] }> {
  const run = spawn(process.execPath, command(out, '--jobs', '2'), { cwd: packageRoot(), stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  let trainers: number[] = [];
  run.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
    if (trainers.length > 0 || !err.includes('1/6 tiny')) return;
    trainers = readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, 'utf8').trim().split(' ').map(Number);
    when(run, trainers);
  });
  const code = await new Promise<number | null>((resolve) => run.on('exit', resolve));
  return { code, err, trainers };
}

async function allGone(pids: readonly number[]): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    if (!pids.some((pid) => existsSync(`/proc/${pid}`))) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

describe('saraf reproduce --jobs', () => {
  it('trains several runs at once, each in a process of its own, with the results of one after another', () => {
    expect(finished('one').code).toBe(0);
    const two = finished('two', '--jobs', '2');
    expect(two.code).toBe(0);
    expect(two.err).toMatch(/Estimate: 6 runs, 2 at once, /);
    expect(two.err).toMatch(/6\/6 tiny . seed .: .* rows\/s/);
    expect(results('two')).toEqual(results('one'));
    expect(runsIn('two').sort()).toEqual(runsIn('one').sort());
  });

  // The folders of /proc say which processes there are.
  describe.runIf(process.platform === 'linux')('interrupted', () => {
    it('at Ctrl-C stops all of them, keeps finished runs, and resumes to the same results', async () => {
      const { code, err, trainers } = await disturbed('pressed', (run) => run.kill('SIGINT'));
      expect(code).toBe(130);
      expect(err).toMatch(/--jobs 2 --resume/);
      expect(err).not.toMatch(/^\s+at /m);
      expect(trainers).toHaveLength(2);
      expect(await allGone(trainers)).toBe(true);
      const kept = runsIn('pressed');
      expect(kept.length).toBeGreaterThanOrEqual(1);
      expect(kept.length).toBeLessThan(6);
      expect(kept.some((name) => name.startsWith('.'))).toBe(false);
      const again = finished('pressed', '--jobs', '2', '--resume');
      expect(again.err).toContain(`${kept.length} of them finished already`);
      expect(results('pressed')).toEqual(results('one'));
    });

    it('says so when one of the processes is killed, and goes on from the runs that were finished', async () => {
      const { code, err, trainers } = await disturbed('killed', (_, [first]) => process.kill(first as number, 'SIGKILL'));
      expect(code).toBe(1);
      expect(err).toMatch(
        /\[reproduce tiny . seed .\] expected the process that trains it to finish, received its end \(SIGKILL\).*--resume/,
      );
      expect(await allGone(trainers)).toBe(true);
      expect(finished('killed', '--resume').code).toBe(0);
      expect(results('killed')).toEqual(results('one'));
    });

    it('leaves no process behind when the command itself is killed', async () => {
      const { trainers } = await disturbed('orphans', (run) => run.kill('SIGKILL'));
      expect(trainers).toHaveLength(2);
      expect(await allGone(trainers)).toBe(true);
      expect(finished('orphans', '--jobs', '2', '--resume').code).toBe(0);
      expect(results('orphans')).toEqual(results('one'));
    });
  });

  it('refuses a number that is none, and a trainer without a command', () => {
    expect(finished('none', '--jobs', '0')).toMatchObject({
      code: 2,
      err: expect.stringContaining('whole number of at least 1') as string,
    });
    expect(finished('none', '--trainer')).toMatchObject({
      code: 1,
      err: expect.stringContaining('started by saraf reproduce --jobs') as string,
    });
  });
});

describe('an error of a training', () => {
  it('comes over as it was: code, operation, message', () => {
    const sent = structuredClone(sendable(new SarafError('ERR_DATA', 'fit', 'expected a finite loss, received NaN')));
    expect(received(sent)).toBeInstanceOf(SarafError);
    expect(received(sent)).toMatchObject({ code: 'ERR_DATA', op: 'fit', message: '[fit] expected a finite loss, received NaN' });
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(received(sendable(full))).toMatchObject({ code: 'ENOSPC', message: full.message, stack: full.stack });
    expect(received(sendable('odd'))).toMatchObject({ message: 'odd' });
  });
});
