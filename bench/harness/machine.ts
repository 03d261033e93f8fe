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

const QUANTITIES = ['fp32Gflops', 'bf16VectorGflops', 'bf16TileGflops', 'readGBs', 'readL2GBs', 'forkJoinUs'] as const;
type Quantity = (typeof QUANTITIES)[number];
type Measured = Readonly<Record<string, Readonly<Record<Quantity, number>>>>;
type ByThreads = Readonly<Record<string, number>>;

const METHOD =
  'independent chains of fp32 fused multiply-adds in the widest vectors, best of 7 runs of 50 ms, and again beside each shape, best of 3 runs of 10 ms before and after; bf16 by products of pairs and by tiles; reading 256 MiB, best of 5, and 256 KiB a thread; median of 2001 OpenMP fork and joins';

const limitsOf = (of: (what: Quantity) => ByThreads, method: string): Limits => ({
  ...(Object.fromEntries(QUANTITIES.map((what) => [what, of(what)])) as Readonly<Record<Quantity, ByThreads>>),
  method,
});

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

/** The program that measures what this machine can do at most, built for it. Throws if it cannot be built. */
function peakProgram(): string {
  const source = join(bench, 'machine', 'peak.cc');
  const program = join(bench, '.cache', process.platform === 'win32' ? 'peak.exe' : 'peak');
  if (existsSync(program) && statSync(program).mtimeMs >= statSync(source).mtimeMs) return program;
  const compiler = firstCompiler();
  if (compiler === undefined) throw new Error('no C++ compiler found');
  build(compiler, source, program);
  return program;
}

/** What this machine can do at most, for each number of threads. */
export function measureLimits(threads: readonly number[]): Limits {
  try {
    const measured = JSON.parse(execFileSync(peakProgram(), threads.map(String), { encoding: 'utf8' })) as Measured;
    return limitsOf(
      (what) => Object.fromEntries(Object.entries(measured).flatMap(([n, m]) => (m[what] < 0 ? [] : [[n, m[what]]]))),
      METHOD,
    );
  } catch (error) {
    return limitsOf(() => ({}), `not measured: ${error instanceof Error ? (error.message.split('\n', 1)[0] as string) : String(error)}`);
  }
}

/** fp32 GFLOP/s right now, for each number of threads, in some hundredths of a second each; empty where the limits are not measured. */
export function measurePeaks(threads: readonly number[]): ByThreads {
  try {
    return JSON.parse(
      execFileSync(peakProgram(), ['burst', ...threads.map(String)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    ) as ByThreads;
  } catch {
    // The limits of the run say why.
    return {};
  }
}
