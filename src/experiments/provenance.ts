import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { loadAddon, packageRoot } from '../backend/native.js';
import type { Machine, Versions } from './results.js';

/** The machine that computes, as a report names it. */
export function describeMachine(): Machine {
  const { native } = loadAddon();
  const list = cpus();
  return {
    platform: `${platform()}-${arch()} ${release()}`,
    cpu: list[0]?.model.trim() ?? 'unknown CPU',
    cores: list.length,
    memoryBytes: totalmem(),
    isa: native.isa(),
    exact: native.exact(),
    bf16: native.bf16Set(),
    threads: native.threads(),
  };
}

/** The version in saraf's package.json. */
export function sarafVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** Commit of the checkout that runs, with `+` if files differ from it; null outside a checkout. */
export function gitCommit(): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', packageRoot(), ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 }).trim();
  try {
    if (git('rev-parse', '--show-prefix') !== '') return null;
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+');
  } catch {
    return null;
  }
}

export function describeVersions(kernels: string): Versions {
  return { saraf: sarafVersion(), node: process.versions.node, kernels, commit: gitCommit() };
}
