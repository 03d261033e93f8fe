import type { Machine, Results, RunOrigin, Versions } from '../experiments/results.js';
import { formatBytes } from './format.js';

/** What made the runs of some results: of older ones what wrote them. */
export function originsOf({ machine, versions, date, cells }: Results): readonly RunOrigin[] {
  if (machine.runs !== undefined && machine.runs.length > 0) return machine.runs;
  const runs = new Set(cells.flatMap((c) => c.runs.map((r) => r.id))).size;
  return [{ machine, versions, runs, dates: [date, date] }];
}

export function machineInWords(m: Machine): string {
  return `${m.cpu}, ${m.cores} cores, ${formatBytes(m.memoryBytes)}, ${m.isa}${m.exact === false ? ', exact: false' : ''}, ${m.threads} ${m.threads === 1 ? 'thread' : 'threads'}`;
}

export function versionsInWords({ saraf, node, commit }: Versions): string {
  const short = commit === null ? '' : `, commit ${commit.slice(0, 12)}${commit.endsWith('+') ? '+' : ''}`;
  return `saraf ${saraf}, Node ${node}${short}`;
}

/** `2026-11-29`, or `2026-11-28 to 2026-11-29`; a dash where the dates were not kept. */
export function daysInWords(dates: readonly string[]): string {
  const days = dates.map((d) => d.slice(0, 10)).sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return '–';
  return first === last ? first : `${first} to ${last}`;
}
