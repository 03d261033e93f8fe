import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { SarafError } from '../errors.js';
import { PROTOCOLS, type Experiment, type Protocol } from './experiment.js';
import { tableExperiment, type TableExperimentOptions } from './table-experiment.js';

/** An experiment declared in a file, with how many trainings of each variant it asks for. */
export interface DeclaredExperiment {
  readonly experiment: Experiment;
  readonly seeds?: number;
  /** Those that it is run under. */
  readonly protocols: readonly Protocol[];
}

type Kind = 'text' | 'count' | 'list' | 'map';
/** What a file may say: the options of `tableExperiment`, `seeds` and `protocols`. */
const KEYS: Record<keyof TableExperimentOptions | 'seeds' | 'protocols', Kind> = {
  file: 'text',
  testFile: 'text',
  text: 'text',
  label: 'text',
  encoding: 'text',
  models: 'list',
  steps: 'list',
  vary: 'map',
  balance: 'text',
  score: 'text',
  protocols: 'list',
  document: 'text',
  published: 'map',
  claims: 'list',
  repeats: 'list',
  epochs: 'count',
  batchSize: 'count',
  length: 'count',
  seeds: 'count',
};

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const fits: Record<Kind, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string' && value !== '',
  count: (value) => Number.isInteger(value) && (value as number) >= 1,
  list: Array.isArray,
  map: isMap,
};
const WORDS: Record<Kind, string> = {
  text: 'a text',
  count: 'a whole number from 1 on',
  list: 'a list',
  map: 'names with values',
};

/** Whether `saraf reproduce` is to read it as a file instead of a name. */
export const isExperimentFile = (name: string): boolean => /\.ya?ml$/i.test(name);

function parsed(op: string, path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SarafError('ERR_DATA', op, `expected to read ${path}: ${(cause as Error).message}`, { cause });
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const where = cause instanceof YAMLParseError && cause.linePos ? `, line ${cause.linePos[0].line}` : '';
    throw new SarafError('ERR_FORMAT', op, `expected YAML in ${path}${where}: ${(cause as Error).message.split('\n')[0] ?? ''}`, { cause });
  }
  if (!isMap(value)) throw new SarafError('ERR_FORMAT', op, `expected names with values in ${path} (file: …, text: …, label: …), received ${JSON.stringify(value)}`); // prettier-ignore
  return value;
}

/**
 * An experiment on a table of your own from a YAML file: the options of `tableExperiment` by their names, `seeds`, and `protocols` (default
 * leak-free alone). Files that it names are looked for beside it. `op` is what errors name.
 *
 * Throws: ERR_DATA if it cannot be read; ERR_FORMAT if it is no YAML, with the line; ERR_ARG for a name or value that is not meant.
 */
export function readExperimentFile(path: string, op = 'readExperimentFile'): DeclaredExperiment {
  const given = parsed(op, path);
  for (const [key, value] of Object.entries(given)) {
    const kind = Object.hasOwn(KEYS, key) ? KEYS[key as keyof typeof KEYS] : undefined;
    if (!kind) throw new SarafError('ERR_ARG', op, `expected ${Object.keys(KEYS).join(', ')} in ${path}, received ${key}`);
    if (!fits[kind](value)) throw new SarafError('ERR_ARG', op, `expected ${key} in ${path} to be ${WORDS[kind]}, received ${JSON.stringify(value)}`); // prettier-ignore
  }
  const missing = (['file', 'text', 'label'] as const).filter((key) => given[key] === undefined);
  if (missing.length > 0) throw new SarafError('ERR_ARG', op, `expected ${missing.join(', ')} in ${path}`);
  const { seeds, protocols = ['leak-free'], ...options } = given as unknown as TableExperimentOptions & Partial<DeclaredExperiment>;
  const odd = protocols.find((p) => !PROTOCOLS.includes(p));
  if (odd !== undefined || protocols.length === 0)
    throw new SarafError('ERR_ARG', op, `expected protocols in ${path} among ${PROTOCOLS.join(', ')}, received ${odd === undefined ? 'none' : String(odd)}`); // prettier-ignore
  const beside = (file: string): string => resolve(dirname(path), file);
  const experiment = tableExperiment(
    {
      ...options,
      file: beside(options.file),
      ...(options.testFile === undefined ? {} : { testFile: beside(options.testFile) }),
    },
    op,
  );
  return { experiment, protocols, ...(seeds === undefined ? {} : { seeds }) };
}
