import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Limits, MachineFacts } from './types.js';

const bench = join(dirname(fileURLToPath(import.meta.url)), '..');

export function describeMachine(): MachineFacts {
  const list = cpus();
  return {
    cpu: list[0]?.model.trim() ?? 'unknown',
    cores: list.length,
    memoryBytes: totalmem(),
    platform: `${platform()}-${arch()} ${release()}`,
  };
}

function firstCompiler(): string | undefined {
  return [process.env['CXX'], 'c++', 'g++', 'clang++'].find((name) => {
    if (!name) return false;
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

type Measured = Readonly<Record<string, { readonly fp32Gflops: number; readonly readGBs: number; readonly forkJoinUs: number }>>;

const notMeasured = (why: string): Limits => ({ fp32Gflops: {}, readGBs: {}, forkJoinUs: {}, method: `not measured: ${why}` });

function build(compiler: string, source: string, program: string): void {
  mkdirSync(dirname(program), { recursive: true });
  const options = ['-O3', '-std=c++17', '-march=native', '-ffp-contract=fast', '-pthread', source, '-o', program];
  try {
    execFileSync(compiler, ['-fopenmp', ...options], { stdio: 'ignore' });
  } catch {
    // Without OpenMP only the cost of a fork and join stays unknown.
    execFileSync(compiler, options, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

/** Runs the program that measures what this machine can do at most, built for it, for each number of threads. */
export function measureLimits(threads: readonly number[]): Limits {
  const source = join(bench, 'machine', 'peak.cc');
  const program = join(bench, '.cache', process.platform === 'win32' ? 'peak.exe' : 'peak');
  const compiler = firstCompiler();
  if (compiler === undefined) return notMeasured('no C++ compiler found');
  try {
    if (!existsSync(program) || statSync(program).mtimeMs < statSync(source).mtimeMs) build(compiler, source, program);
    const measured = JSON.parse(execFileSync(program, threads.map(String), { encoding: 'utf8' })) as Measured;
    const only = (what: 'fp32Gflops' | 'readGBs' | 'forkJoinUs'): Record<string, number> =>
      Object.fromEntries(Object.entries(measured).flatMap(([n, m]) => (m[what] < 0 ? [] : [[n, m[what]]])));
    return {
      fp32Gflops: only('fp32Gflops'),
      readGBs: only('readGBs'),
      forkJoinUs: only('forkJoinUs'),
      method:
        'independent chains of fp32 fused multiply-adds in the widest vectors, best of 7 runs of 50 ms; reading 256 MiB, best of 5; median of 2001 OpenMP fork and joins',
    };
  } catch (error) {
    return notMeasured(error instanceof Error ? (error.message.split('\n', 1)[0] as string) : String(error));
  }
}
