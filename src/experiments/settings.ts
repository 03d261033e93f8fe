import { SarafError } from '../errors.js';
import { canonicalJson } from './fingerprint.js';
import { PROTOCOLS, SCALES, type Experiment, type Statement, type TrainingConfig } from './experiment.js';

/** A value that a parameter of an experiment may be set to. */
export type Setting = number | string | boolean | readonly (number | string | boolean)[];
/** Values by the names of an experiment's parameters. */
export type Settings = Readonly<Record<string, Setting>>;

/** A value of an experiment's configuration that `--set` may change. */
export interface Parameter {
  readonly key: string;
  /** As the experiment's statements call it. */
  readonly name: string;
  readonly default: Setting;
  /** Whether the document states it, or the experiment is about it: another value departs from the document. */
  readonly stated: boolean;
  /** The texts that it may be; absent: any value of the default's type. */
  readonly choices?: readonly string[];
  /** Left out of a configuration while it has its default, so that runs from before it was a parameter keep their names. */
  readonly optional: boolean;
}

/** A parameter that a selection sets, as results.json keeps it. */
export interface SetParameter {
  readonly key: string;
  readonly name: string;
  readonly value: Setting;
  readonly default: Setting;
  readonly stated: boolean;
  /** Factors with variants that set it themselves: there the variant's value holds. Absent: none. */
  readonly except?: readonly string[];
}

const OP = 'reproduce';
const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);
const isSetting = (value: unknown): value is Setting => ['number', 'string', 'boolean'].includes(typeof value) || Array.isArray(value);

/** What the protocols set is theirs: `--protocol` chooses it. */
function ofProtocols(experiment: Experiment): Set<string> {
  return new Set(PROTOCOLS.flatMap((p) => Object.keys(experiment.protocols[p].config)));
}

/** The parameters of an experiment: its configuration without what the protocols set, and the statements with a default of their own. */
export function parametersOf(experiment: Experiment): Parameter[] {
  const config = experiment.config as unknown as Readonly<Record<string, unknown>>;
  const statements = [...experiment.notStated, ...experiment.stated];
  const known = (key: string): unknown[] => [
    config[key],
    ...SCALES.map((scale) => (experiment.scales[scale].config as Record<string, unknown>)[key]),
    ...experiment.factors.flatMap((f) => f.variants.map((v) => (v.config as Record<string, unknown>)[key])),
  ];
  const optional = statements.flatMap((s) => (s.key !== undefined && s.default !== undefined ? [s.key as string] : []));
  const protocols = ofProtocols(experiment);
  return [...Object.keys(config), ...optional].flatMap((key): Parameter[] => {
    const statement = statements.find((s) => s.key === key);
    const value = config[key] ?? statement?.default;
    if (protocols.has(key) || !isSetting(value)) return [];
    const texts = known(key).filter((v): v is string => typeof v === 'string');
    const choices = statement?.choices ?? (typeof value === 'string' ? [...new Set(texts)] : undefined);
    return [
      {
        key,
        name: statement?.name ?? key,
        default: value,
        // Where nothing is called unstated there is no document: a table of one's own.
        stated: experiment.notStated.length > 0 && !experiment.notStated.some((s) => s.key === key),
        ...(choices ? { choices } : {}),
        optional: optional.includes(key),
      },
    ];
  });
}

/** `embedding, dense (not stated); epochs, length (stated)`: what `--set` may name. */
export function parametersInWords(experiment: Experiment): string {
  const all = parametersOf(experiment);
  const [free, stated] = [false, true].map((is) => all.filter((p) => p.stated === is).map((p) => p.key).join(', ')); // prettier-ignore
  if (!stated) return free ?? '';
  return [...(free ? [`${free} (not stated)`] : []), `${stated} (stated, or what the experiment is about)`].join('; ');
}

const kindOf = (value: Setting): string =>
  Array.isArray(value) ? `a list of ${typeof value[0]}s` : typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`;

function fits(value: unknown, like: Setting): value is Setting {
  if (Array.isArray(like)) return Array.isArray(value) && value.length > 0 && value.every((v) => fits(v, like[0] as Setting));
  return typeof value === typeof like && (typeof value !== 'number' || Number.isFinite(value));
}

/** Throws ERR_ARG for a parameter that the experiment does not have, and for a value of another type than its default. */
export function checkSettings(experiment: Experiment, set: Settings = {}): SetParameter[] {
  const parameters = parametersOf(experiment);
  return Object.entries(set).map(([key, value]) => {
    const fail = (expected: string, received: unknown): never => {
      throw new SarafError(
        'ERR_ARG',
        OP,
        `expected ${expected}, received ${typeof received === 'string' ? received : JSON.stringify(received)}`,
      );
    };
    const found = parameters.find((p) => p.key === key);
    if (!found) {
      if (ofProtocols(experiment).has(key))
        return fail(`no value for ${key} of ${experiment.id}, which the protocols set (--protocol)`, value);
      return fail(`a parameter of ${experiment.id} to set: ${parametersInWords(experiment)}`, key);
    }
    if (!fits(value, found.default))
      return fail(`${key} of ${experiment.id} to be ${kindOf(found.default)}, as ${JSON.stringify(found.default)} is`, value);
    if (found.choices && !found.choices.includes(value as string))
      return fail(`${key} of ${experiment.id} among ${found.choices.join(', ')}`, value);
    return { key, name: found.name, value, default: found.default, stated: found.stated };
  });
}

/** A configuration without the optional parameters that have their default: as it was before they were parameters. */
export function withoutDefaults<C extends TrainingConfig>(config: C, parameters: readonly Parameter[]): C {
  const usual = new Map(parameters.filter((p) => p.optional).map((p) => [p.key, p.default]));
  return Object.fromEntries(
    Object.entries(config).filter(([key, value]) => !usual.has(key) || !same(value, usual.get(key))),
  ) as unknown as C;
}

/** A value as a reader writes it. */
export function settingInWords(value: unknown): string {
  if (Array.isArray(value)) return value.join('-');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** Why a cell with these values cannot be set against the document's figure; undefined if it can. */
export function departureOf(set: readonly SetParameter[]): string | undefined {
  const other = set.filter((s) => s.stated && !same(s.value, s.default));
  if (other.length === 0) return undefined;
  const parts = other.map((s) => `${s.name} ${settingInWords(s.value)} instead of ${settingInWords(s.default)}`);
  return `Departs from the document: ${parts.join(', ')}.`;
}

/** A line for people: what a selection set, and whether the document says otherwise. */
export function setInWords(set: readonly SetParameter[]): string {
  return set
    .map(({ name, key, value, default: usual, stated, except }) => {
      const about = same(value, usual)
        ? 'its default'
        : stated
          ? `departs from the document: ${settingInWords(usual)}`
          : `default ${settingInWords(usual)}`;
      const where = except ? `; not where a variant of ${except.join(', ')} sets it` : '';
      return `${name === key ? key : `${name} (${key})`} ${settingInWords(value)} [${about}${where}]`;
    })
    .join('; ');
}

/**
 * The value of a statement in words: what was `set`, else from the configuration where it is there, so that a declaration cannot
 * contradict itself.
 */
export function statementValue({ config }: Experiment, statement: Statement, set: readonly SetParameter[] = []): string {
  const changed = set.find((s) => s.key === statement.key);
  if (changed) return settingInWords(changed.value);
  if (statement.value !== undefined) return statement.value;
  return settingInWords(statement.key === undefined ? undefined : (config[statement.key] ?? statement.default));
}
