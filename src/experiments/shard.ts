import type { Job } from './jobs.js';

/** Part `index` (from 1) of `count`, for a machine of several. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * The ids of a shard's trainings. Every machine finds the same parts, whatever is finished there: the trainings with the most rows and
 * epochs first, each to the part that has the least so far.
 */
export function shardOf(jobs: readonly Job[], { index, count }: Shard): Set<string> {
  const cost = new Map(jobs.map((job) => [job.id, job.config.epochs * job.prepared.train.labels.length]));
  const parts = Array.from({ length: count }, () => ({ ids: new Set<string>(), cost: 0 }));
  for (const [id, rows] of [...cost].sort(([, a], [, b]) => b - a)) {
    const least = parts.reduce((a, b) => (b.cost < a.cost ? b : a));
    least.ids.add(id);
    least.cost += rows;
  }
  return parts[index - 1]?.ids ?? new Set();
}
