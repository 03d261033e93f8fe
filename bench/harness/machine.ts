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

/** Runs chains of fused multiply-adds, built for this machine, for each number of threads. */
export function measureLimits(threads: readonly number[]): Limits {
  const source = join(bench, 'machine', 'peak.cc');
  const program = join(bench, '.cache', process.platform === 'win32' ? 'peak.exe' : 'peak');
  const compiler = firstCompiler();
  if (compiler === undefined) return { fp32Gflops: {}, method: 'not measured: no C++ compiler found' };
  try {
    if (!existsSync(program) || statSync(program).mtimeMs < statSync(source).mtimeMs) {
      mkdirSync(dirname(program), { recursive: true });
      execFileSync(compiler, ['-O3', '-std=c++17', '-march=native', '-ffp-contract=fast', '-pthread', source, '-o', program], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    }
    const text = execFileSync(program, threads.map(String), { encoding: 'utf8' });
    return {
      fp32Gflops: JSON.parse(text) as Record<string, number>,
      method: 'independent chains of fp32 fused multiply-adds in the widest vectors, best of 7 runs of 50 ms per number of threads',
    };
  } catch (error) {
    return {
      fp32Gflops: {},
      method: `not measured: ${error instanceof Error ? (error.message.split('\n', 1)[0] as string) : String(error)}`,
    };
  }
}
