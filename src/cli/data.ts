import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { cacheDir } from '../data/cache.js';
import type { DataSet } from '../data/data-set.js';
import { inventory, verifyDataset, type FileStatus } from '../data/inventory.js';
import { formatBytes } from '../data/memory.js';
import type { DataProgress } from '../data/progress.js';
import { dataSet, dataSets } from '../data/registry.js';
import { resolveDataset, type ResolveOptions } from '../data/resolve.js';
import { SarafError } from '../errors.js';

interface DataFlags {
  data?: string;
  offline?: boolean;
  json?: boolean;
  standIn?: boolean;
}

/**
 * Adds `data list|get|verify` to the program.
 *
 * The commands throw SarafError; printing it and the exit code are the program's. `verify` sets exit code 1 if a file is bad.
 */
export function dataCommand(program: Command): void {
  const data = program.command('data').description('data sets: what there is, where it comes from, whether it is here');
  data
    .command('list')
    .description('size, licence, address, hash of each file, and where to put a file got by hand')
    .argument('[sets...]', 'names of data sets; all if none is named')
    .option('--data <dir>', 'mirror folder (default: SARAF_DATA)')
    .option('--json', 'print JSON')
    .action((ids: string[], flags: DataFlags) => list(ids, flags));
  data
    .command('get')
    .description('find the files in cache or mirror, or fetch them, and check them')
    .argument('<sets...>', 'names of data sets')
    .option('--data <dir>', 'mirror folder (default: SARAF_DATA)')
    .option('--offline', 'ask no public address')
    .option('--stand-in', 'where a set cannot be had, fetch the one that stands in for it')
    .action((ids: string[], flags: DataFlags) => get(ids, flags));
  data
    .command('verify')
    .description('check every file that is here against its hash')
    .argument('[sets...]', 'names of data sets; all if none is named')
    .option('--data <dir>', 'mirror folder (default: SARAF_DATA)')
    .action((ids: string[], flags: DataFlags) => verify(ids, flags));
}

function chosen(ids: readonly string[]): readonly DataSet[] {
  return ids.length === 0 ? dataSets : ids.map(dataSet);
}

function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

function sizeOf(status: Pick<FileStatus, 'bytes'>): string {
  return status.bytes === null ? 'size unknown' : formatBytes(status.bytes);
}

function list(ids: readonly string[], flags: DataFlags): void {
  const sets = chosen(ids);
  const listed = sets.map((set) => ({ set, files: inventory(set, { dataDir: flags.data }) }));
  if (flags.json) {
    const files = (statuses: readonly FileStatus[]): unknown[] =>
      statuses.map(({ file, layout, bytes, sha256, present, path }) => ({
        name: file.name,
        layout,
        bytes,
        sha256,
        present,
        path,
        url: file.public?.url ?? null,
      }));
    print(
      JSON.stringify(
        listed.map(({ set, files: statuses }) => ({ ...set, layouts: undefined, files: files(statuses) })),
        null,
        2,
      ),
    );
    return;
  }
  print(`cache: ${cacheDir()}`);
  // Everything about a set that is named; one paragraph each where all are listed.
  const full = ids.length > 0;
  for (const { set, files } of listed) {
    print();
    print(`${set.id}: ${set.title}`);
    print(`  licence  ${set.licence}`);
    print(`  cite     ${set.cite}`);
    print(`  address  ${set.address}`);
    for (const note of set.notes) print(`  note     ${note}`);
    for (const layout of set.layouts) {
      const own = files.filter((status) => status.layout === layout.name);
      const here = own.filter((status) => status.present !== 'no');
      const known = own.reduce((sum, status) => sum + (status.bytes ?? 0), 0);
      const size = own.some((status) => status.bytes === null)
        ? known > 0
          ? `over ${formatBytes(known)}`
          : 'size unknown'
        : formatBytes(known);
      const where = here.length > 0 ? `, ${[...new Set(here.map((status) => status.present))].join(' and ')}` : '';
      print(
        `  files    ${layout.name}: ${own.length} file(s), ${size}, ${here.length === own.length ? 'present' : `${here.length} present`}${where}${layout.note ? ` (${layout.note})` : ''}`,
      );
      const shown = full ? own : own.slice(0, 1);
      for (const status of shown) {
        print(`    ${status.file.name}  ${sizeOf(status)}  ${status.present === 'no' ? 'absent' : `in the ${status.present}`}`);
        print(`      sha256   ${status.sha256 ?? 'not known: judged by its rows and label counts'}`);
        if (status.file.public) print(`      address  ${status.file.public.url}`);
        print(`      ${status.present === 'no' ? 'put it   ' : 'path     '}${status.path}`);
      }
      if (shown.length < own.length) print(`    … ${own.length - shown.length} more: saraf data list ${set.id}`);
    }
    if (set.standIn)
      print(
        `  stand-in ${set.standIn.title}: npm ${set.standIn.package}@${set.standIn.version}, ${formatBytes(set.standIn.bytes)}, licence: ${set.standIn.licence}`,
      );
  }
}

async function get(ids: readonly string[], flags: DataFlags): Promise<void> {
  const failures: SarafError[] = [];
  for (const set of ids.map(dataSet)) {
    const bars = progressBars();
    const stop = new AbortController();
    const interrupt = (): void =>
      stop.abort(new DOMException('interrupted; what has come so far is kept and the next call goes on from there', 'AbortError'));
    process.once('SIGINT', interrupt);
    try {
      const options: ResolveOptions = {
        dataDir: flags.data,
        standIn: flags.standIn ?? false,
        onProgress: bars.update,
        signal: stop.signal,
        ...(flags.offline ? { offline: true } : {}),
      };
      const found = await resolveDataset(set, options);
      bars.stop();
      const bytes = found.files.reduce((sum, file) => sum + file.bytes, 0);
      print(
        `${set.id}: ${found.standIn ? `NOT HAD; ${found.title} stands in` : 'good'}, ${found.files.length} file(s), ${formatBytes(bytes)}, from: ${[...new Set(found.files.map((file) => file.source))].join(', ')}`,
      );
      for (const note of found.notes) print(`  note  ${note}`);
      for (const file of found.files) print(`  ${file.sha256}  ${file.path}`);
    } catch (error) {
      bars.stop();
      // The other sets are still fetched; the first failure decides what is thrown.
      if (!(error instanceof SarafError) || stop.signal.aborted) throw error;
      failures.push(error);
      if (ids.length > 1) process.stderr.write(`${set.id}: ${error.message}\n`);
    } finally {
      process.removeListener('SIGINT', interrupt);
    }
  }
  if (failures[0]) throw failures[0];
}

async function verify(ids: readonly string[], flags: DataFlags): Promise<void> {
  let bad = 0;
  for (const set of chosen(ids)) {
    const verdicts = await verifyDataset(set, { dataDir: flags.data });
    const count = (verdict: string): number => verdicts.filter((v) => v.verdict === verdict).length;
    print(`${set.id}: ${count('good')} good, ${count('bad')} bad, ${count('absent')} absent`);
    for (const { status, verdict, sha256, error } of verdicts) {
      if (verdict === 'good') print(`  good  ${sha256}  ${status.path}`);
      if (verdict === 'bad') print(`  BAD   ${status.path}\n        ${error?.message}`);
    }
    bad += count('bad');
  }
  if (bad > 0)
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected every file to have its hash, received ${bad} that have another; see BAD above for each file's cure`,
    );
}

/** One bar per file on a terminal; one line per file elsewhere. */
function progressBars(): { update: (progress: DataProgress) => void; stop: () => void } {
  if (!process.stderr.isTTY) {
    const begun = new Set<string>();
    return {
      update: ({ phase, what }) => {
        if (phase === 'verify' || begun.has(what)) return;
        begun.add(what);
        process.stderr.write(`${phase} ${what}\n`);
      },
      stop: () => {},
    };
  }
  const multi = new MultiBar(
    {
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: false,
      format: '{phase} [{bar}] {percentage}% | {size} | {eta_formatted} left | {what}',
    },
    Presets.shades_classic,
  );
  const bars = new Map<string, SingleBar>();
  const update = ({ phase, what, done, total, unit }: DataProgress): void => {
    const amount = (n: number): string => (unit === 'bytes' ? formatBytes(n) : `${Math.round(n)} ${unit}`);
    const size = total === null ? amount(done) : `${amount(done)} of ${amount(total)}`;
    const key = `${phase} ${what}`;
    const payload = { phase, what: what.replace(/^.*\/(?=[^/]+$)/, ''), size };
    const bar = bars.get(key) ?? multi.create(total ?? 0, 0, payload);
    bars.set(key, bar);
    bar.update(total === null ? 0 : done, payload);
  };
  return { update, stop: () => multi.stop() };
}
