import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { contenders } from '../contenders/index.js';
import { suiteNames, suiteNamed, type AnySuite, type SuiteName } from '../suites/index.js';

export const USAGE = `Usage: npm run bench -- [SUITE…] [options]

  --contenders A,B   who runs (default all: ${contenders.map((c) => c.name).join(', ')})
  --shapes A,B       which shapes; * stands for any letters: 'nusax-*-train' (default: those of the goals and of the charts)
  --all              every shape with everyone, the slow to load too, at every number of threads: hours
  --threads 1,2      how many threads, one run for each (default 1 and all processors)
  --reps N           repetitions of a trial, in turns with the others (default 10; fewer when the budget is spent)
  --budget SECONDS   time for the repetitions of one trial (default 1)
  --limit SECONDS    time for one question to a trial (default 30)
  --profile WHICH    where the time of saraf goes, sampled by perf after all else: none, missed (the shapes of missed goals; default), all
  --resume FILE      goes on with the JSON of a run that was interrupted
  --json FILE        where to write the numbers
  --out DIR          where to write DIR/bench-<date>.json and .html (default out/bench)
  --list             names the suites and their shapes

Suites: ${suiteNames.join(', ')}`;

const PROFILES = ['none', 'missed', 'all'] as const;
export type ProfileWhich = (typeof PROFILES)[number];

export interface Options {
  readonly suites: readonly SuiteName[];
  readonly shapes: readonly string[] | null;
  readonly contenders: readonly string[];
  readonly threads: readonly number[];
  readonly reps: number;
  readonly limitSeconds: number;
  readonly budgetMs: number;
  /** Also what is not needed for goals and charts. */
  readonly all: boolean;
  readonly profile: ProfileWhich;
  /** A result to go on with. */
  readonly resume: string | null;
  readonly json: string | null;
  readonly out: string | null;
  readonly list: boolean;
  readonly help: boolean;
}

/** An option that cannot be meant; the message says what was expected. */
export class UsageError extends Error {}

function names(given: string, known: readonly string[], what: string): string[] {
  const list = given
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = list.filter((name) => !known.includes(name));
  if (unknown.length > 0 || list.length === 0)
    throw new UsageError(`expected ${what} of ${known.join(', ')}; received ${unknown.join(', ') || 'none'}`);
  return [...new Set(list)];
}

/** Whether a name is meant: by itself or by a pattern with *. null: all are. */
export function matches(wanted: readonly string[] | null, name: string): boolean {
  const escaped = (pattern: string): string => pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return wanted === null || wanted.some((pattern) => new RegExp(`^${escaped(pattern)}$`).test(name));
}

/** Shape names as given, each of which must mean one. */
function patterns(given: string, known: readonly string[]): string[] {
  const list = given.split(',').map((name) => name.trim());
  const unknown = list.filter((pattern) => !known.some((name) => matches([pattern], name)));
  if (unknown.length > 0) throw new UsageError(`expected shapes of ${known.join(', ')}; received ${unknown.join(', ') || 'none'}`);
  return [...new Set(list)];
}

function wholeNumber(given: string, option: string): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`expected a whole number from 1 for ${option}, received ${given}`);
  return value;
}

/** Reads the command line. Throws UsageError. */
export function readOptions(args: readonly string[]): Options {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        contenders: { type: 'string' },
        shapes: { type: 'string' },
        threads: { type: 'string' },
        reps: { type: 'string', default: '10' },
        budget: { type: 'string', default: '1' },
        limit: { type: 'string', default: '30' },
        all: { type: 'boolean', default: false },
        profile: { type: 'string', default: 'missed' },
        resume: { type: 'string' },
        json: { type: 'string' },
        out: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const chosen = positionals.length === 0 ? suiteNames : (names(positionals.join(','), suiteNames, 'suites') as SuiteName[]);
  const shapeNames = [...new Set(chosen.flatMap((name) => (suiteNamed(name) as AnySuite).shapes.map((s) => s.name)))];
  const threads = values.threads?.split(',').map((n) => wholeNumber(n, '--threads')) ?? [1, availableParallelism()];
  const profile = PROFILES.find((which) => which === values.profile);
  if (profile === undefined) throw new UsageError(`expected --profile of ${PROFILES.join(', ')}, received ${values.profile}`);
  return {
    suites: chosen,
    shapes: values.shapes === undefined ? null : patterns(values.shapes, shapeNames),
    contenders:
      values.contenders === undefined
        ? contenders.map((c) => c.name)
        : names(
            values.contenders,
            contenders.map((c) => c.name),
            'contenders',
          ),
    threads: [...new Set(threads)].sort((a, b) => a - b),
    reps: wholeNumber(values.reps, '--reps'),
    budgetMs: 1000 * wholeNumber(values.budget, '--budget'),
    limitSeconds: wholeNumber(values.limit, '--limit'),
    // Who names contenders or threads means all of them.
    all: values.all || values.contenders !== undefined || values.threads !== undefined,
    profile,
    resume: values.resume ?? null,
    json: values.json ?? null,
    out: values.out ?? (values.json === undefined ? 'out/bench' : null),
    list: values.list,
    help: values.help,
  };
}
