import { existsSync, readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { SarafError } from '../errors.js';

/** What one training run will hold at the same time. */
export interface MemoryNeeds {
  /** Bytes of data that stay in memory (images as bytes count once). */
  data?: number;
  /** Numbers in the model's weights. */
  parameters?: number;
  /** Further numbers that the optimizer keeps per weight: Adam 2, SGD with momentum 1, plain SGD 0. Default 2. */
  optimizerSlots?: number;
  /** Numbers that a forward and backward pass keeps per row of a batch. */
  activationsPerRow?: number;
  batchSize?: number;
  /** Bytes per number. Default 4. */
  bytesPerNumber?: number;
}

/** Bytes needed, and by what. */
export interface MemoryEstimate {
  readonly total: number;
  readonly parts: readonly { readonly what: string; readonly bytes: number }[];
}

/**
 * Bytes that a training run needs, from its sizes; Node itself is not counted.
 *
 * Units: bytes.
 * Throws: ERR_ARG for a size that is negative or no number.
 * Example: `estimateMemory({ data: 50_000 * 3072, parameters: 356_810, activationsPerRow: 90_000, batchSize: 64 })`
 */
export function estimateMemory(needs: MemoryNeeds): MemoryEstimate {
  const { data = 0, parameters = 0, optimizerSlots = 2, activationsPerRow = 0, batchSize = 1, bytesPerNumber = 4 } = needs;
  for (const [name, value] of Object.entries({ data, parameters, optimizerSlots, activationsPerRow, batchSize, bytesPerNumber })) {
    if (!(value >= 0 && Number.isFinite(value)))
      throw new SarafError('ERR_ARG', 'estimateMemory', `expected ${name} of at least 0, received ${value}`);
  }
  const parts = [
    { what: 'data', bytes: data },
    { what: 'weights', bytes: parameters * bytesPerNumber },
    { what: 'gradients', bytes: parameters * bytesPerNumber },
    { what: 'optimizer', bytes: parameters * optimizerSlots * bytesPerNumber },
    { what: `activations of a batch of ${batchSize}`, bytes: activationsPerRow * batchSize * bytesPerNumber },
  ].filter((part) => part.bytes > 0);
  return { total: parts.reduce((sum, part) => sum + part.bytes, 0), parts };
}

/**
 * Throws ERR_MEMORY with what would help if an estimate does not fit into the memory that is free.
 *
 * A tenth of what is free is left to Node and to the system.
 */
export function requireMemory(op: string, estimate: MemoryEstimate, available: number = availableMemory()): void {
  if (estimate.total <= 0.9 * available) return;
  const largest = [...estimate.parts].sort((a, b) => b.bytes - a.bytes);
  const named = largest.map((part) => `${part.what} ${formatBytes(part.bytes)}`).join(', ');
  const advice = largest[0]?.what.startsWith('activations')
    ? 'use a smaller batch, fewer filters or units, or a shorter sequence'
    : largest[0]?.what === 'data'
      ? 'use fewer rows (--scale quick) or a source that makes its batches when they are needed'
      : 'use fewer units or filters, or an optimizer that keeps less';
  throw new SarafError(
    'ERR_MEMORY',
    op,
    `expected ${formatBytes(estimate.total)} of free memory (${named}), received ${formatBytes(available)}; ${advice}, or close other programs`,
  );
}

/**
 * Bytes that this process may still take: what the system can free, and within a container what its limit leaves.
 *
 * Cache pages of files count as free, since the system gives them up when asked.
 */
export function availableMemory(): number {
  return Math.min(systemMemory(), ...containerMemory('/proc/self/cgroup', '/sys/fs/cgroup'));
}

function systemMemory(): number {
  // os.freemem leaves out what Linux would give up from its file cache.
  const line = /^MemAvailable:\s+(\d+) kB$/m.exec(read('/proc/meminfo') ?? '');
  return line ? Number(line[1]) * 1024 : freemem();
}

/** What each memory limit above this process leaves, for control groups of version 2 and 1. */
export function containerMemory(membership: string, root: string): number[] {
  const left: number[] = [];
  for (const line of (read(membership) ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    const v2 = controllers === '';
    if (!v2 && controllers?.split(',').includes('memory') !== true) continue;
    const base = v2 ? root : join(root, 'memory');
    const names = v2
      ? ['memory.max', 'memory.current', 'inactive_file']
      : ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'];
    // Inside a container the path may be the host's while the folder mounted is the container's own: every level that is there counts.
    const steps = path.split('/').filter((step) => step !== '' && step !== '..');
    for (let n = steps.length; n >= 0; --n) {
      const folder = join(base, ...steps.slice(0, n));
      if (!existsSync(folder)) continue;
      const limit = Number((read(join(folder, names[0] as string)) ?? 'max').trim());
      const used = Number((read(join(folder, names[1] as string)) ?? '').trim());
      // Version 1 says "no limit" with a number near 2^63.
      if (!Number.isFinite(limit) || limit > 2 ** 60 || !Number.isFinite(used)) continue;
      const cached = Number(new RegExp(`^${names[2]} (\\d+)$`, 'm').exec(read(join(folder, 'memory.stat')) ?? '')?.[1] ?? 0);
      left.push(Math.max(0, limit - used + cached));
    }
  }
  return left;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Bytes for people: `61 MB`, `1.5 GB`; decimal units. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return 'an unknown size';
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    ++unit;
  }
  return `${unit === 0 || value >= 99.5 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '')} ${units[unit]}`;
}
