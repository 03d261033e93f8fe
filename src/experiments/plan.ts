import type { Precision } from '../backend/backend.js';
import { checkPrecision } from '../backend/precision.js';
import { SarafError } from '../errors.js';
import { fingerprint } from './fingerprint.js';
import { checkSettings, departureOf, parametersOf, withoutDefaults, type SetParameter, type Settings } from './settings.js';
import { PROTOCOLS, type Experiment, type MaskSetting, type Protocol, type Scale, type TrainingConfig } from './experiment.js';

/** What of an experiment is to be run. Absent: everything. */
export interface Selection {
  readonly factors?: readonly string[];
  /** Variants of these names; `*` stands for any letters. */
  readonly variants?: readonly string[];
  readonly protocols?: readonly Protocol[];
  readonly masks?: readonly ('off' | 'on')[];
  readonly scale: Scale;
  readonly seeds?: number;
  /** Default float32. Two: the same trainings in each, the results of the first with those of the second beside them. */
  readonly precision?: Precision | readonly Precision[];
  /** Other values for parameters of the experiment than it takes by itself; a variant's own value goes before. */
  readonly set?: Settings;
}

/** One cell of the result, with the configuration that it asks for. */
export interface PlannedCell {
  readonly factor: string;
  readonly variant: string;
  readonly published: number | null;
  readonly protocol: Protocol;
  readonly mask: MaskSetting;
  readonly precision: Precision;
  /** 1, 2, …, this many. */
  readonly seeds: number;
  readonly config: TrainingConfig;
  /** Why `set` takes this cell away from the document. */
  readonly departs?: string;
  /** Equal for cells whose data is prepared in the same way. */
  readonly preparation: string;
}

export interface Plan {
  readonly experiment: Experiment;
  readonly scale: Scale;
  /** Those of the cells that have the most. */
  readonly seeds: readonly number[];
  readonly protocols: readonly Protocol[];
  /** One or two: the first is that of the results, the second stands beside it. */
  readonly precisions: readonly Precision[];
  readonly cells: readonly PlannedCell[];
  /** What the selection sets. */
  readonly set: readonly SetParameter[];
}

/** Throws ERR_ARG with the factors there are. */
function chosenFactors(experiment: Experiment, names: readonly string[] | undefined): Experiment['factors'] {
  if (names === undefined || names.length === 0) return experiment.factors.filter((f) => f.onDemand !== true);
  const known = experiment.factors.map((f) => f.name);
  const unknown = names.filter((n) => !known.includes(n));
  if (unknown.length > 0) {
    throw new SarafError(
      'ERR_ARG',
      'reproduce',
      `expected a factor of ${experiment.id} (${known.join(', ')}), received ${unknown.join(', ')}`,
    );
  }
  return experiment.factors.filter((f) => names.includes(f.name));
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Whether a variant's name is asked for. Throws ERR_ARG, with the names there are, for one that no variant of the chosen factors has. */
function variantTest(id: string, factors: Experiment['factors'], asked: readonly string[] | undefined): (name: string) => boolean {
  if (asked === undefined || asked.length === 0) return () => true;
  const names = [...new Set(factors.flatMap((f) => f.variants.map((v) => v.name)))];
  const patterns = asked.map((text) => new RegExp(`^${text.split('*').map(literally).join('.*')}$`));
  const missing = asked.find((_, i) => !names.some((name) => patterns[i]?.test(name)));
  if (missing !== undefined)
    throw new SarafError('ERR_ARG', 'reproduce', `expected a variant of ${id} (${names.join(' · ')}), received ${missing}`);
  return (name) => patterns.some((pattern) => pattern.test(name));
}

function chosenMasks(experiment: Experiment, masks: readonly ('off' | 'on')[] | undefined): readonly MaskSetting[] {
  if (masks === undefined || experiment.masks.every((m) => m === null)) return experiment.masks;
  const chosen = experiment.masks.filter((m) => m !== null && masks.includes(m));
  if (chosen.length === 0)
    throw new SarafError(
      'ERR_ARG',
      'reproduce',
      `expected a mask setting of ${experiment.id} (${experiment.masks.join(', ')}), received ${masks.join(', ')}`,
    );
  return chosen;
}

/** Each once, in the order asked for. */
function chosenPrecisions(asked: Selection['precision']): readonly Precision[] {
  const list = typeof asked === 'string' ? [asked] : (asked ?? []);
  return [...new Set(list.length === 0 ? [undefined] : list)].map((p) => checkPrecision('reproduce', p));
}

/**
 * The cells of a selection: precision × factor × variant × mask × protocol, each with its full configuration.
 *
 * Later wins: the experiment's `config`, the scale's, what the selection sets, the variant's, the protocol's.
 * Throws: ERR_ARG for an unknown factor, mask, parameter or number of seeds, and for a parameter that every variant sets itself; ERR_DEVICE for a precision that this machine does not have.
 */
export function planExperiment(experiment: Experiment, selection: Selection): Plan {
  const scale = experiment.scales[selection.scale];
  const seedsOf = (variant: Experiment['factors'][number]['variants'][number]): number => {
    const count = selection.seeds ?? variant.seeds?.[selection.scale] ?? scale.seeds;
    if (!Number.isInteger(count) || count < 1 || count > 1000)
      throw new SarafError('ERR_ARG', 'reproduce', `expected 1 to 1000 seeds, received ${count}`);
    return count;
  };
  const precisions = chosenPrecisions(selection.precision);
  const protocols = PROTOCOLS.filter((p) => selection.protocols === undefined || selection.protocols.includes(p));
  const masks = chosenMasks(experiment, selection.masks);
  const cells: PlannedCell[] = [];
  const factors = chosenFactors(experiment, selection.factors);
  const asked = variantTest(experiment.id, factors, selection.variants);
  const set = checkSettings(experiment, selection.set);
  const setConfig = Object.fromEntries(set.map((s) => [s.key, s.value]));
  const parameters = parametersOf(experiment);
  const ownValues = new Map(set.map((s) => [s.key, new Set<string>()]));
  const takes = new Set<string>();
  for (const precision of precisions) {
    for (const factor of factors) {
      for (const mask of masks) {
        for (const variant of factor.variants.filter((v) => asked(v.name) && (v.scales?.includes(selection.scale) ?? true))) {
          for (const protocol of protocols) {
            const whole: TrainingConfig = {
              ...experiment.config,
              ...scale.config,
              ...setConfig,
              ...variant.config,
              ...experiment.protocols[protocol].config,
              // Left out where it is float32, so that such runs keep their names.
              ...(precision === 'float32' ? {} : { precision }),
            };
            const config = withoutDefaults(whole, parameters);
            const effective = set.filter((s) => !Object.hasOwn(variant.config, s.key));
            for (const s of set) {
              if (effective.includes(s)) takes.add(s.key);
              else ownValues.get(s.key)?.add(factor.name);
            }
            const departs = departureOf(effective);
            cells.push({
              factor: factor.name,
              variant: variant.name,
              published: variant.published,
              protocol,
              mask,
              precision,
              seeds: seedsOf(variant),
              config,
              ...(departs === undefined ? {} : { departs }),
              preparation: fingerprint(pick(config, experiment.preparedBy)),
            });
          }
        }
      }
    }
  }
  const idle = set.find((s) => cells.length > 0 && !takes.has(s.key));
  if (idle !== undefined)
    throw new SarafError('ERR_ARG', 'reproduce', `expected ${idle.key} to be set for a variant without a value of its own, received only variants that have one (${[...(ownValues.get(idle.key) ?? [])].join(', ')}); choose among them with --variant, or others with --factor`); // prettier-ignore
  const most = Math.max(0, ...cells.map((c) => c.seeds));
  return {
    experiment,
    scale: selection.scale,
    seeds: Array.from({ length: most }, (_, i) => i + 1),
    protocols,
    precisions,
    cells,
    set: set.map((s) => {
      const except = [...(ownValues.get(s.key) ?? [])];
      return except.length === 0 ? s : { ...s, except };
    }),
  };
}

function pick(config: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => keys.includes(key)));
}

/** What determines the bits of one training, apart from code. */
export interface RunIdentity {
  readonly experiment: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly mask: MaskSetting;
  /** Content of the prepared rows, from `fingerprintPrepared`. */
  readonly prepared: string;
  readonly seed: number;
  /** What the kernels compute: `kernelVersion()`, and in bfloat16 the set that multiplies, since the sets differ in bits. */
  readonly kernels: string;
  readonly saraf: string;
}

/** Short name of a run: threads and machine are not in it, since they change no bit. */
export function runId(identity: RunIdentity): string {
  return fingerprint(identity).slice(0, 16);
}

/**
 * The configuration without what a protocol sets, and what else acts through `prepare` alone: the content of the prepared rows is in
 * the identity already. So two protocols, or two variants, that prepare the same rows are one run.
 */
export function trainingConfig(experiment: Experiment, config: TrainingConfig): Record<string, unknown> {
  const byData = new Set([...PROTOCOLS.flatMap((p) => Object.keys(experiment.protocols[p].config)), ...(experiment.preparedOnly ?? [])]);
  return Object.fromEntries(Object.entries(config).filter(([key]) => !byData.has(key)));
}
