import type { Profile } from './types.js';

/** Parts smaller than this are shown together. */
const SMALLEST_SHARE = 0.01;
const REST = 'others';

/** A kernel of one instruction set, in a demangled name: `saraf::avx2::(anonymous namespace)::panel<…>`. */
const KERNEL =
  /saraf::(?:\(anonymous namespace\)::)?(?:ref|sse2|avx|avx2|avx512|amx|neon)\w*::(?:\(anonymous namespace\)::)?(?:\w+::)*?(\w+)/g;
/** Functions that only hand the work on: the kernel stands in their arguments. */
const HANDS_ON = new Set(['parallel_for', 'region', 'in_region']);

/** What a symbol is called for people: the kernel's name, or whose code it is. */
export function partName(library: string, symbol: string): string {
  for (const [, name] of symbol.matchAll(KERNEL)) if (name !== undefined && !HANDS_ON.has(name)) return name;
  if (library.startsWith('[kernel')) return 'operating system';
  if (/gomp|libomp/.test(library)) return 'waiting for another thread';
  if (library.startsWith('saraf')) return /(?:\w+::)*(\w+)(?:\(|<|$)/.exec(symbol.replaceAll('(anonymous namespace)::', ''))?.[1] ?? symbol;
  if (/^node|\[anon|\[JIT|^perf-/.test(library)) return 'JavaScript';
  return library.replace(/\.so.*/, '');
}

/** Reads `perf report` with the fields sample, dso and symbol, separated by tabs. */
export function partsOf(report: string): Pick<Profile, 'samples' | 'parts'> {
  const counts = new Map<string, number>();
  let samples = 0;
  for (const line of report.split('\n')) {
    const [count, library, symbol] = line.split('\t').map((cell) => cell.trim());
    if (count === undefined || !/^\d+$/.test(count) || library === undefined || symbol === undefined) continue;
    const name = partName(library, symbol.replace(/^\[.\]\s*/, ''));
    counts.set(name, (counts.get(name) ?? 0) + Number(count));
    samples += Number(count);
  }
  const all = [...counts].map(([name, count]) => ({ name, share: count / samples })).toSorted((a, b) => b.share - a.share);
  const large = all.filter(({ share }) => share >= SMALLEST_SHARE);
  const rest = 1 - large.reduce((sum, { share }) => sum + share, 0);
  return { samples, parts: large.length === all.length ? large : [...large, { name: REST, share: rest }] };
}
