import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import type { Machine } from './results.js';

/** What a difference is about. */
export const RUN_ASPECTS = ['configuration', 'data', 'code', 'environment', 'result'] as const;
export type RunAspect = (typeof RUN_ASPECTS)[number];

/** A value that two runs have differently; null: one of them does not have it. */
export interface RunDifference {
  readonly aspect: RunAspect;
  /** Where it stands, as in `config.learningRate`. */
  readonly name: string;
  readonly a: string | null;
  readonly b: string | null;
}

export interface RunComparison {
  readonly differences: readonly RunDifference[];
  /** Test rows that the two predict differently, of how many; null where they were tested on other rows. */
  readonly predictions: { readonly different: number; readonly of: number } | null;
  /** Why other bits are to be expected of the two environments; null: they give the same. */
  readonly otherBits: string | null;
  /** Same configuration, data and code, no other bits to be expected, and yet another result. */
  readonly unexplained: boolean;
}

const OP = 'compare';
/** Keys of config.json by what they are about; the others are configuration. */
const ASPECTS: Readonly<Record<string, RunAspect>> = {
  data: 'data',
  classNames: 'data',
  preparedSha256: 'data',
  versions: 'code',
  network: 'code',
  machine: 'environment',
};
/** Of a run's files: its own name, and what a clock says. */
const LEFT_OUT = /^(id|date|seconds|rowsPerSecond)$/;
/** What differs and changes no result: where the data came from, and which cells asked for the run. */
const NO_REASON = /^(data\[\d+\]\.source|cells\b.*)$/;

/**
 * What differs between two runs: configuration, data, code, environment, result.
 *
 * Throws: ERR_FORMAT if a folder is not that of a finished run.
 * Example: `compareRuns('out/nusax-lstm/runs/0f3a…', 'out/nusax-lstm/runs/9c41…').differences`
 */
export function compareRuns(folderA: string, folderB: string): RunComparison {
  const [a, b] = [readRun(folderA), readRun(folderB)];
  const differences: RunDifference[] = [];
  const collect = (aspectOf: (key: string) => RunAspect, one: object, other: object): void => {
    const [left, right] = [flat(one), flat(other)];
    for (const name of new Set([...left.keys(), ...right.keys()])) {
      const [of, and] = [left.get(name) ?? null, right.get(name) ?? null];
      const [key = ''] = name.split(/[.[]/);
      if (of !== and && !LEFT_OUT.test(key)) differences.push({ aspect: aspectOf(key), name, a: of, b: and });
    }
  };
  collect((key) => ASPECTS[key] ?? 'configuration', a.config, b.config);
  // The network differs with the configuration, and a run from before it was kept says nothing.
  const network = differences.findIndex((d) => d.name === 'network');
  const told = network >= 0 && differences[network]?.a !== null && differences[network]?.b !== null;
  if (network >= 0 && (!told || differences.some((d) => d.aspect === 'configuration' && d.name.startsWith('config.'))))
    differences.splice(network, 1);
  collect(() => 'result', a.metrics, b.metrics);
  const sameRows = a.predictions.length === b.predictions.length && a.config['preparedSha256'] === b.config['preparedSha256'];
  const predictions = sameRows
    ? { different: a.predictions.filter((label, row) => label !== b.predictions[row]).length, of: a.predictions.length }
    : null;
  // What one of them was not evaluated for is no other result.
  const another = differences.some((d) => d.aspect === 'result' && d.a !== null && d.b !== null) || (predictions?.different ?? 0) > 0;
  differences.sort((x, y) => RUN_ASPECTS.indexOf(x.aspect) - RUN_ASPECTS.indexOf(y.aspect) || (x.name < y.name ? -1 : 1));
  const otherBits = environmentBits(a.config, b.config);
  const explained =
    otherBits !== null || differences.some((d) => d.aspect !== 'environment' && d.aspect !== 'result' && !NO_REASON.test(d.name));
  return { differences, predictions, otherBits, unexplained: another && !explained };
}

/** What of two environments is documented to change bits: all else, threads and instruction sets among it, does not. */
function environmentBits(a: RunFiles['config'], b: RunFiles['config']): string | null {
  const machine = (config: RunFiles['config']): Partial<Machine> => (config['machine'] ?? {}) as Partial<Machine>;
  const precision = (config: RunFiles['config']): unknown => (config['config'] as { precision?: unknown } | undefined)?.precision;
  const [of, and] = [machine(a), machine(b)];
  // Records from before the set was kept name the CPU's instruction set alone.
  const [setA, setB] = [of.bf16 ?? of.isa, and.bf16 ?? and.isa];
  if (precision(a) === 'bfloat16' && precision(b) === 'bfloat16' && setA !== setB)
    return `products in bfloat16 have other bits on ${setA} than on ${setB}`;
  const [exactA, exactB] = [of.exact !== false, and.exact !== false];
  if (exactA !== exactB || (!exactA && of.isa !== and.isa)) return 'one was made with exact: false, which has other bits on each machine';
  return null;
}

interface RunFiles {
  readonly config: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly predictions: readonly number[];
}

function readRun(folder: string): RunFiles {
  const read = (name: string): Record<string, unknown> => {
    const path = join(folder, name);
    if (!existsSync(path))
      throw new SarafError('ERR_FORMAT', OP, `expected ${name} in ${folder}, there is none; give a folder runs/<id> of saraf reproduce`);
    try {
      const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
      throw new Error('no object');
    } catch (cause) {
      throw new SarafError('ERR_FORMAT', OP, `expected a JSON object in ${path}; the file is damaged, run again`, { cause });
    }
  };
  const test = read('predictions.json')['test'];
  return { config: read('config.json'), metrics: read('metrics.json'), predictions: Array.isArray(test) ? (test as number[]) : [] };
}

/** `config.filters[0]` → '32', for every value in an object. */
function flat(value: unknown, name = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null) return into.set(name, JSON.stringify(value));
  // Lists of plain values are shown as one.
  if (Array.isArray(value) && value.every((v) => typeof v !== 'object')) return into.set(name, JSON.stringify(value));
  for (const [key, inner] of Object.entries(value)) flat(inner, Array.isArray(value) ? `${name}[${key}]` : name === '' ? key : `${name}.${key}`, into); // prettier-ignore
  return into;
}
