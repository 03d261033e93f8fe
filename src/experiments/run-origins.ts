import { canonicalJson } from './fingerprint.js';
import type { Machine, RunOrigin, Versions } from './results.js';
import type { RunStore } from './run-store.js';

/** What tells two origins apart. Free memory and the system's updates do not. */
function keyOf({ cpu, cores, isa, exact, bf16, threads }: Machine, versions: Versions): string {
  return canonicalJson({ cpu, cores, isa, exact: exact ?? true, bf16: bf16 ?? null, threads, versions });
}

/**
 * What made the runs, by the record that each has in its folder: one entry where machine, threads and versions agree. Runs of a resumed
 * selection may come from several. Runs without a record are left out.
 *
 * Throws: ERR_FORMAT for a record that cannot be read.
 */
export function runOrigins(store: RunStore, ids: Iterable<string>): RunOrigin[] {
  const origins = new Map<string, RunOrigin>();
  for (const id of new Set(ids)) {
    const config = store.config(id) as { machine?: Machine; versions?: Versions; date?: string } | null;
    if (!config?.machine || !config.versions) continue;
    const { machine, versions, date } = config;
    const key = keyOf(machine, versions);
    const before = origins.get(key);
    const dates = [...(before?.dates ?? []), ...(date === undefined ? [] : [date])].sort();
    const [first, last] = [dates[0], dates.at(-1)];
    origins.set(key, {
      machine: before?.machine ?? machine,
      versions,
      runs: (before?.runs ?? 0) + 1,
      ...(first !== undefined && last !== undefined ? { dates: [first, last] as const } : {}),
    });
  }
  return [...origins.values()];
}
