import { SarafError } from '../errors.js';
import { slug } from '../files/slug.js';
import type { Precision } from '../backend/backend.js';
import type { AuditedSplit } from '../data/audit/audit.js';
import type { OnProgress } from '../data/progress.js';
import type { Preprocessing } from '../tensor/preprocessing.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Sequential } from '../models/sequential.js';
import type { Model } from '../models/model.js';
import { checkPrinted, type Printed } from './printed.js';
import type { CellResult, ClassProportions, Compared, DataSource, Finding, Trained } from './results.js';

/** How the document did it, mistakes included, or the same model without any leak. */
export const PROTOCOLS = ['published', 'leak-free'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Whether padding is masked: a factor of its own, never a leak. null where an experiment has no padding. */
export type MaskSetting = 'off' | 'on' | null;

export const SCALES = ['quick', 'full'] as const;
export type Scale = (typeof SCALES)[number];

/** What every configuration has; the rest is the experiment's own. All values are JSON. */
export interface TrainingConfig {
  readonly epochs: number;
  readonly batchSize: number;
  /** How products are made, see `CompileOptions.precision`. Absent: float32. */
  readonly precision?: Precision;
}

/** One row of a factor's table in the document. */
export interface Variant<C extends TrainingConfig = TrainingConfig> {
  readonly name: string;
  /** What differs from the experiment's `config`. */
  readonly config: Partial<C>;
  /** The document's figure in the unit of `metric`, or null if it prints none. */
  readonly published: number | null;
  /** Absent: every scale runs it. */
  readonly scales?: readonly Scale[];
  /** Seeds at a scale, where they are others than the scale's and no number is asked for. */
  readonly seeds?: Readonly<Partial<Record<Scale, number>>>;
}

export interface Factor<C extends TrainingConfig = TrainingConfig> {
  readonly name: string;
  readonly title: string;
  /** What the parts of a variant's name are, where it is a point of a grid: `500 / 16 / 1e-3`. The first one is a number. */
  readonly axes?: readonly string[];
  /** Run only where it is named: a sweep that the document did and whose figures nobody asks for every time. */
  readonly onDemand?: boolean;
  readonly variants: readonly Variant<C>[];
}

/** A step between the raw rows and the model's input. */
export interface PreprocessingStep {
  readonly step: string;
  /** The rows that it learns from, under each protocol if they differ; "nothing" for a step that learns nothing. */
  readonly fittedOn: string | Readonly<Record<Protocol, string>>;
}

/** Something the document states (pinned) or does not state (a default): `key` names the value in `config`. */
export interface Statement<C extends TrainingConfig = TrainingConfig> {
  readonly key?: keyof C & string;
  readonly name: string;
  /** Needed where no `key` says it; beside a key it is the default in words. */
  readonly value?: string;
  readonly note?: string;
  /**
   * The value of a `key` that `config` leaves out while it is this one: what `model` or `prepare` then takes. So a detail can become a
   * parameter without a new name for every run that is there.
   */
  readonly default?: number | string | boolean;
  /** The texts that the value may be. Default: those of `config`, scales and variants. */
  readonly choices?: readonly string[];
}

/** The same configuration printed more than once with different figures: the noise of the published numbers. */
export interface PublishedRepeat {
  readonly configuration: string;
  readonly values: readonly number[];
  readonly note?: string;
}

/** What a protocol changes in the configuration, and in words. */
export interface ProtocolDeclaration<C extends TrainingConfig = TrainingConfig> {
  readonly config: Partial<C>;
  readonly steps: readonly string[];
}

export interface ScaleDeclaration<C extends TrainingConfig = TrainingConfig> {
  readonly config: Partial<C>;
  readonly seeds: number;
  readonly note: string;
  /** True if rows or epochs are left out, so that no figure is comparable with a published one. */
  readonly reduced: boolean;
}

/** Rows of one part, with their class numbers. Images may stay bytes. */
export interface Part {
  readonly x: Tensor;
  readonly labels: Int32Array;
  /** Rows that count in an evaluation (1) or not (0); absent: all. Training never looks at it. */
  readonly keep?: Uint8Array;
}

/** Data made ready for one configuration. */
export interface Prepared {
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
  /** The raw rows of training and test part, in the order of `train` and `test`, for the audit that every experiment goes through. */
  readonly audited: AuditedSplit;
  /** The rows that the training part was drawn from, where rows are repeated or left out to make classes equal: as they were collected. */
  readonly unsampled?: { readonly texts: readonly string[]; readonly labels: Int32Array };
  /** The test rows as people wrote them, where `audited` has them cleaned: what a reader is shown. */
  readonly writtenTests?: readonly string[];
  /** What was counted or removed on the way, for the report. */
  readonly notes: readonly string[];
  /** Sizes that a model needs, such as the vocabulary. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Why figures of these rows alone cannot be set against the document's. Absent: `Loaded.standIn` says it all. */
  readonly standIn?: string;
  /** Vectors that the embedding begins with, (vocabulary, size), where they were learnt beforehand. */
  readonly embeddings?: Tensor;
  /** From raw texts, or picture files, to rows of `x`: it is saved with each run's model, which then takes them. */
  readonly preprocessing?: Preprocessing;
}

/** What `load` may use. */
export interface LoadContext {
  /** Folder with local copies of data sets; undefined: cache, environment, then the public address. */
  readonly dataDir: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: OnProgress | undefined;
}

/** Raw data with where it came from. `standIn` says why results cannot be set against the document's figures. */
export interface Loaded<D = unknown> {
  readonly raw: D;
  readonly sources: readonly DataSource[];
  readonly classNames: readonly string[];
  readonly standIn: string | null;
  /** How often each class comes in sets of rows that the document compares; of the document's rows too, where it prints them. */
  readonly proportions?: ClassProportions;
  /** False when the data is another set altogether: then the published columns stay empty. */
  readonly sameTask: boolean;
}

/** A figure that needs no network, so that a reader sees what the network adds. */
export interface Baseline {
  readonly name: string;
  readonly value: number;
  readonly note: string;
}

/** What a computed finding may look at. */
export interface FindingContext<D = unknown> {
  readonly loaded: Loaded<D>;
  readonly cells: readonly CellResult[];
  readonly trained: readonly Trained[];
  /** How much the first cells of pairs score above the second ones, on the test rows that count for all, in the mean of the pairs. */
  compare(pairs: readonly (readonly [CellResult, CellResult])[]): Compared;
}

/** The declaration of an experiment; `experiment()` checks it. */
export interface ExperimentDeclaration<C extends TrainingConfig = TrainingConfig, D = unknown> {
  readonly id: string;
  readonly title: string;
  readonly document: string;
  /** Names of the data sets, as `saraf data list` prints them. */
  readonly data: readonly string[];
  readonly metric: string;
  /** Which score `metric` is. Default macroF1. */
  readonly score?: 'macroF1' | 'weightedF1' | 'accuracy';
  readonly config: C;
  readonly masks: readonly MaskSetting[];
  readonly factors: readonly Factor<C>[];
  readonly stated: readonly Statement<C>[];
  readonly notStated: readonly Statement<C>[];
  readonly repeats: readonly PublishedRepeat[];
  /** A reference line in charts and verdicts: what a constant prediction scores; 'counted': in verdicts, of each cell's own test rows. */
  readonly constant: { readonly value: number; readonly label: string } | 'counted' | null;
  readonly protocols: Readonly<Record<Protocol, ProtocolDeclaration<C>>>;
  readonly scales: Readonly<Record<Scale, ScaleDeclaration<C>>>;
  /** In the order in which they run, for the model info sheet. */
  readonly preprocessing?: readonly PreprocessingStep[];
  /** Of which metrics of the history the report draws curves over epochs. Default: the loss. */
  readonly curves?: readonly string[];
  /** Seconds of an epoch that the document prints. */
  readonly publishedEpochSeconds?: readonly number[];
  /** Training rows of these epochs: others cannot be set beside them. */
  readonly publishedEpochRows?: number;
  /** How the document picks a variant, in a sentence. Absent: it does not say, and the published protocol picks by the figure on the test part. */
  readonly choice?: string;
  /** What `saraf reproduce --default` runs. */
  readonly defaultFactors: readonly string[];
  readonly findings: readonly Finding[];
  /** What the document prints beyond a figure per variant. */
  readonly printed?: Printed;
  /** `configs`: every configuration of the selection, so that no more rows are read than are needed. */
  load(context: LoadContext, configs: readonly C[]): Promise<Loaded<D>>;
  /** The keys of `config` that `prepare` looks at: runs that agree in them share one preparation. */
  readonly preparedBy: readonly (keyof C & string)[];
  /** Those of them that `model` never looks at: runs that differ in nothing else and prepare equal rows are one training. */
  readonly preparedOnly?: readonly (keyof C & string)[];
  /** `context` is there for what takes long: it may be stopped, and is heard of. */
  prepare(loaded: Loaded<D>, config: C, context?: LoadContext): Prepared | Promise<Prepared>;
  /** A compiled model. `setSeed(seed)` has just been called. */
  model(config: C, prepared: Prepared, mask: MaskSetting): Sequential | Model;
  /** Findings that follow from what was run; not asked for when another data set stands in. */
  compute?(context: FindingContext<D>): Finding[];
  baselines?(loaded: Loaded<D>, prepared: Prepared): Promise<Baseline[]> | Baseline[];
}

export type Experiment = ExperimentDeclaration;

/** What an experiment may be called: its folder and its place in a page. */
export const EXPERIMENT_ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Names of factors and variants become those of files: longer ones would not fit. */
const LONGEST_NAME = 100;

function fail(id: string, message: string): never {
  throw new SarafError('ERR_ARG', 'experiment', `${id}: ${message}`);
}

/** Charts and tables are files under the names of factors and variants: each needs one of its own. */
function checkNames(
  factors: readonly { readonly name: string; readonly variants: readonly { readonly name: string }[] }[],
  refuse: (message: string) => never,
): void {
  const seen = new Map<string, string>();
  for (const factor of factors) {
    for (const name of [null, ...factor.variants.map((v) => v.name)]) {
      const whole = name === null ? factor.name : `${factor.name}/${name}`;
      if ((name ?? factor.name).length > LONGEST_NAME) refuse(`expected names of at most ${LONGEST_NAME} characters, received ${whole}`);
      const [file, key] = [slug(factor.name, name), `${name === null} ${slug(factor.name, name)}`];
      const other = seen.get(key);
      if (file === '' || (name !== null && slug(name) === '')) refuse(`expected a name with letters or digits, received ${whole}`);
      if (other !== undefined) refuse(`expected names that differ in letters or digits, received ${other} and ${whole}, which would both be called ${file}`); // prettier-ignore
      seen.set(key, whole);
    }
  }
}

/**
 * Declares an experiment: a document's claim, with everything needed to run it again.
 *
 * Units:  figures are in the unit of `metric`, in percent.
 * Throws: ERR_ARG if names repeat, a factor is empty, or a statement names no value.
 * Example: `experiment({ id: 'nusax-lstm', factors: [{ name: 'direction', … }], … })`
 */
export function experiment<C extends TrainingConfig, D>(declaration: ExperimentDeclaration<C, D>): Experiment {
  const { id, factors } = declaration;
  if (!EXPERIMENT_ID.test(id)) fail(id, 'expected an id of lower-case words joined by hyphens');
  if (factors.length === 0) fail(id, 'expected at least one factor, received none');
  if (new Set(factors.map((f) => f.name)).size !== factors.length) fail(id, 'expected factors with different names');
  checkNames(factors, (message) => fail(id, message));
  for (const factor of factors) {
    if (factor.variants.length === 0) fail(id, `expected at least one variant of factor ${factor.name}, received none`);
    if (new Set(factor.variants.map((v) => v.name)).size !== factor.variants.length)
      fail(id, `expected variants with different names in factor ${factor.name}`);
    for (const v of factor.variants) {
      if (factor.axes && v.name.split(' / ').length !== factor.axes.length)
        fail(id, `expected ${factor.axes.length} parts joined by " / " in ${factor.name}/${v.name}: ${factor.axes.join(', ')}`);
      if (v.published !== null && !Number.isFinite(v.published))
        fail(id, `expected a number or null as published figure of ${factor.name}/${v.name}, received ${v.published}`);
    }
  }
  for (const s of [...declaration.stated, ...declaration.notStated]) {
    if (s.key === undefined && s.value === undefined) fail(id, `expected a key or a value for the statement "${s.name}"`);
    if (s.key !== undefined && Object.hasOwn(declaration.config, s.key) === (s.default !== undefined))
      fail(id, `expected ${s.key} of the statement "${s.name}" in config or with a default of its own, received ${s.default === undefined ? 'neither' : 'both'}`); // prettier-ignore
  }
  for (const protocol of PROTOCOLS) {
    // A protocol acts through prepared data alone; so protocols that prepare equal rows are one training.
    const loose = Object.keys(declaration.protocols[protocol].config).filter(
      (key) => !(declaration.preparedBy as readonly string[]).includes(key),
    );
    if (loose.length > 0) fail(id, `expected what protocol ${protocol} sets (${loose.join(', ')}) among preparedBy`);
  }
  const strange = (declaration.preparedOnly ?? []).filter((key) => !declaration.preparedBy.includes(key));
  if (strange.length > 0) fail(id, `expected preparedOnly (${strange.join(', ')}) among preparedBy`);
  for (const name of declaration.defaultFactors) {
    if (!factors.some((f) => f.name === name))
      fail(id, `expected defaultFactors among ${factors.map((f) => f.name).join(', ')}, received ${name}`);
  }
  if (declaration.masks.length === 0) fail(id, 'expected masks: [null] where nothing is padded, received none');
  checkPrinted(declaration, (message) => fail(id, message));
  return declaration as unknown as Experiment;
}
