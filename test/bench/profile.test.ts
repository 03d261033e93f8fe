import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cannotProfile } from '../../bench/harness/profile.js';
import { partName, partsOf } from '../../bench/harness/profile-parts.js';
import type { BenchResults } from '../../bench/harness/types.js';
import { packageRoot } from '../../src/backend/native.js';
import { cannotRun } from '../helpers/processor.js';

const TILE = 'void saraf::avx2::(anonymous namespace)::row_tile<8, 2>(float const*, long)';
const HANDED =
  'saraf::(anonymous namespace)::parallel_for<saraf::ref::(anonymous namespace)::weight_sum<double>(saraf::Args const&)>(long)';

describe('the parts of a profile', () => {
  it.each([
    ['saraf.node', TILE, 'row_tile'],
    ['saraf.node', HANDED, 'weight_sum'],
    ['saraf.node', 'saraf::Pool::take(unsigned long)', 'take'],
    ['libgomp.so.1.0.0', 'gomp_team_barrier_wait_end', 'waiting for another thread'],
    ['[kernel.kallsyms]', 'clear_page', 'operating system'],
    ['node', 'v8::internal::Runtime', 'JavaScript'],
    ['libc.so.6', '__memmove_avx', 'libc'],
  ])('%s %s is %s', (library, symbol, name) => expect(partName(library, symbol)).toBe(name));

  it('adds up samples of one name, and small ones as the rest', () => {
    const lines = [
      '# Samples: 200',
      '',
      `150\tsaraf.node\t[.] ${TILE}`,
      `48\tsaraf.node\t[.] ${TILE.replace('avx2', 'avx512')}`,
      '1\tnode\t[.] x',
    ];
    expect(partsOf([...lines, '1\t[kernel.kallsyms]\t[k] y'].join('\n'))).toEqual({
      samples: 200,
      parts: [
        { name: 'row_tile', share: 0.99 },
        { name: 'others', share: expect.closeTo(0.01, 12) as number },
      ],
    });
    expect(partsOf('')).toEqual({ samples: 0, parts: [] });
  });
});

describe('npm run bench -- --profile', async () => {
  const out = mkdtempSync(join(tmpdir(), 'saraf-profile-test-'));
  afterAll(() => rmSync(out, { recursive: true, force: true }));
  const profiles = (env: NodeJS.ProcessEnv): BenchResults['profiles'] => {
    const options = '--contenders saraf --threads 1 --reps 2 --profile all --shapes 512'.split(' ');
    const file = join(out, 'b.json');
    const args = ['--import', 'tsx', join(packageRoot(), 'bench', 'run.ts'), 'gemm', ...options, '--json', file];
    const result = spawnSync(process.execPath, args, { cwd: packageRoot(), encoding: 'utf8', env });
    expect(result.status, result.stderr).toBe(0);
    return (JSON.parse(readFileSync(file, 'utf8')) as BenchResults).profiles;
  };

  const reason = await cannotProfile();
  // A kernel that forbids sampling cannot be mended by an installation; a missing perf can.
  const why = reason === null ? '' : reason.includes('not installed') ? ` (skipped: ${reason})` : cannotRun('perf');
  it.skipIf(reason !== null)(`samples the process that does the work${why}`, () => {
    const [profile] = profiles(process.env);
    expect(profile).toMatchObject({ suite: 'gemm', shape: '512', contender: 'saraf', threads: 1, note: '' });
    expect(profile?.samples).toBeGreaterThan(0);
    expect(profile?.parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(profile?.parts[0]?.name).toMatch(/tile/);
  });

  it('says why where perf is absent, and the run goes on', () => {
    const without = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !/^\/usr\/(local\/)?s?bin$|^\/s?bin$/.test(folder));
    const [profile] = profiles({ ...process.env, PATH: without.join(delimiter) });
    expect(profile).toMatchObject({ samples: 0, parts: [], note: expect.stringMatching(/perf/) as string });
  });
});
