import type { Precision } from '../backend/backend.js';
import type { Audit } from '../data/audit/audit.js';
import type { KerasComparison } from './keras-record.js';
import type { NamedCounts, ResampledCounts } from './class-counts.js';
import type { ClassCurve, RunCurves } from './class-curves.js';
import type { PrintedResult } from './printed.js';
import type { TrainingWords } from './training-words.js';
import type { WrongRow } from './wrong-rows.js';
import type { SetParameter } from './settings.js';
import type { MaskSetting, PreprocessingStep, Protocol, Scale } from './experiment.js';

export { LEAK_TYPES } from '../data/audit/finding.js';

/** Where the rows came from. */
export interface DataSource {
  readonly name: string;
  /** In words: mirror folder, cache, public address, npm package. */
  readonly source: string;
  readonly sha256: string;
  readonly rows: number;
  readonly licence?: string;
  readonly address?: string;
  readonly note?: string;
}

/** `holds` is true or false where the claim could be checked by what was run, null where nothing was run for it. */
export interface Finding {
  readonly title: string;
  readonly text: string;
  readonly kind: 'document' | 'computed';
  readonly holds?: boolean | null;
  /** What it is about was not run, or too little of it. */
  readonly notRun?: true;
  /** The verdict is about the networks of one seed that were run, not about what other seeds would give. */
  readonly scope?: 'runs';
}

export interface PerClass {
  readonly name: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** Scores of one set of predictions. Units: percent, but for counts and `largestShare` in [0,1]. */
export interface Evaluation {
  readonly macroF1: number;
  readonly weightedF1: number;
  readonly accuracy: number;
  readonly rows: number;
  /** Row i, column j: rows of class i predicted as class j. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly PerClass[];
  /** The largest share of one predicted class, and which. 1: the model always says the same. */
  readonly largestShare: number;
  readonly largestClass: string;
}

/** Metrics per epoch, as `fit` returns them: loss, accuracy, val_loss, … */
export type HistoryRecord = Readonly<Record<string, readonly number[]>>;

/** What one training leaves, in memory and in its folder. */
export interface RunRecord {
  readonly id: string;
  readonly seed: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly history: HistoryRecord;
  /** Predicted class per row of the test and of the validation part, in the part's order. */
  readonly testPredictions: readonly number[];
  readonly validationPredictions: readonly number[];
  /** The first wrong test rows, the most confident first. Absent in runs from before they were kept. */
  readonly wrong?: readonly WrongRow[];
  /** ROC curves of the test rows. Absent in runs from before they were kept. */
  readonly curves?: RunCurves;
}

export interface CellRun {
  readonly id: string;
  readonly seed: number;
  readonly value: number;
  readonly seconds: number;
  /** Seconds of an epoch, its validation included. Absent in older files. */
  readonly epochSeconds?: number;
  /** Per class: test rows that were called it, and those of them that are. Absent where one run's `confusion` says it, and in older files. */
  readonly called?: readonly number[];
  readonly hits?: readonly number[];
}

/** One variant under one protocol and mask setting. `std` is the sample standard deviation over seeds. */
export interface CellResult {
  readonly factor: string;
  readonly variant: string;
  readonly protocol: Protocol;
  readonly mask: MaskSetting;
  readonly comparable: 'yes' | 'stand-in';
  /** Why this cell is a stand-in where others of the experiment are none. */
  readonly standIn?: string;
  readonly metric: string;
  readonly published: number | null;
  readonly mean: number;
  readonly std: number | null;
  /** 95 % bootstrap interval of `mean` over test rows and seeds. Absent in older files. */
  readonly interval?: { readonly low: number; readonly high: number };
  /** mean − published; null for a stand-in or where nothing was published. */
  readonly difference: number | null;
  readonly runs: readonly CellRun[];
  /** The same metric on the validation part, mean over seeds: what a choice between variants may look at. */
  readonly validation: number;
  /** Largest share of one predicted class in [0,1], per run. */
  readonly largestShares: readonly number[];
  /** The class that has it, per run. */
  readonly largestClasses: readonly string[];
  /** Area under the ROC curve, one class against the rest, mean over classes and seeds, in [0,1]. Absent in older files and where a class has all rows. */
  readonly auc?: number;
  /** Summed over the runs. */
  readonly confusion: readonly (readonly number[])[];
  readonly rowsTested: number;
  /** Training rows: what an epoch goes through. Absent in older files. */
  readonly rowsTrained?: number;
  /** Rows behind `validation`. Absent in older files. */
  readonly rowsValidated?: number;
  /** What the most frequent class of the test rows that count scores as a constant prediction, where the experiment has it counted. */
  readonly constant?: number;
  /** The other protocol when both determine the same training, so that it ran once. */
  readonly sameTrainingAs: Protocol | null;
}

/** A cell with the runs behind it, for charts. */
export interface Trained {
  readonly cell: CellResult;
  readonly histories: readonly HistoryRecord[];
  readonly evaluations: readonly Evaluation[];
  /** Of the first run: the first wrong test rows that count, the most confident first. */
  readonly wrong?: readonly WrongRow[];
  /** ROC curves of the first run. */
  readonly curves?: readonly ClassCurve[];
}

/** How much one configuration scores above another, in points, with the 95 % interval of a paired bootstrap. */
export interface ScoreDifference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Test rows that count for both. */
  readonly rows: number;
  /** Seeds that both have, or pairs of settings: what was drawn beside rows. One: rows alone were drawn. */
  readonly sample: number;
  readonly of: 'seeds' | 'settings';
}

/** What came of setting configurations beside each other; `why`: why they could not be. */
export type Compared = ScoreDifference | { readonly why: string };

/** The best variant of a factor against another one: how much it scores above it, and the 95 % interval of a paired bootstrap. */
export interface VariantComparison {
  readonly factor: string;
  readonly mask: MaskSetting;
  readonly protocol: Protocol;
  readonly best: string;
  readonly other: string;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Test rows that count for both, and seeds that both have. Absent in older files. */
  readonly rows?: number;
  readonly seeds?: number;
}

/** Two variants that cannot be compared row by row, and why. */
export interface UncomparedVariants {
  readonly factor: string;
  readonly mask: MaskSetting;
  readonly protocol: Protocol;
  readonly best: string;
  readonly other: string;
  readonly why: string;
}

/** How much a variant scores under the published protocol above the leak-free one, in points, with the 95 % interval of a bootstrap. */
export interface LeakEffect {
  readonly factor: string;
  readonly variant: string;
  readonly mask: MaskSetting;
  readonly effect: number;
  readonly low: number;
  readonly high: number;
  /** Both protocols test the same raw rows, drawn for both alike. */
  readonly paired: boolean;
  /** Seeds that both have. One: test rows alone were drawn. */
  readonly seeds: number;
}

/** Which variant a protocol would choose, and by which part. */
export interface Choice {
  readonly factor: string;
  readonly protocol: Protocol;
  readonly mask: MaskSetting;
  readonly by: 'test' | 'validation';
  readonly variant: string;
  readonly value: number;
  /** Rows that the figures of the variants are of: fewest and most. Absent in older files. */
  readonly rows?: readonly [number, number];
}

export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly isa: string;
  /** false: made with `exact: false` on a CPU without FMA, so not the bits of other machines. Absent in older files: exact. */
  readonly exact?: boolean;
  /** The set that multiplies in bfloat16 where it is asked for; null: this machine has none. Absent in older records. */
  readonly bf16?: string | null;
  readonly threads: number;
}

export interface Versions {
  readonly saraf: string;
  readonly node: string;
  readonly kernels: string;
  readonly commit: string | null;
}

/** Runs that the same machine made with the same threads and code. */
export interface RunOrigin {
  readonly machine: Machine;
  readonly versions: Versions;
  readonly runs: number;
  /** When the first and the last of them ended. Absent for runs from before that was kept. */
  readonly dates?: readonly [first: string, last: string];
}

/** The machine that wrote the results, and what made the runs behind them; `runs` is absent in older files. */
export interface ResultsMachine extends Machine {
  readonly runs?: readonly RunOrigin[];
}

export interface BaselineResult {
  /** Name of the set of cells that it stands beside. Absent in older files: the first cells of the protocol. */
  readonly set?: string;
  readonly protocol: Protocol;
  readonly name: string;
  readonly value: number;
  readonly note: string;
}

/** How often each class comes in sets of rows that are compared. */
export interface ClassProportions {
  readonly title: string;
  readonly note?: string;
  readonly groups: readonly NamedCounts[];
}

/** Cells of a protocol that train and test on the same rows, and so share their baselines. */
export interface BaselineSet {
  readonly protocol: Protocol;
  readonly name: string;
  /** "factor: variant" of each. */
  readonly cells: readonly string[];
}

/** Leaks between training and test rows under one protocol. Rows of examples count from 0 in their part. */
export interface ProtocolAudit extends Audit {
  readonly protocol: Protocol;
  /** "factor: variant" of the cells that were trained and tested on these rows. */
  readonly cells: readonly string[];
}

/** The cells of a further precision, in the order of `Results.cells`. */
export interface BesideCells {
  readonly precision: Precision;
  readonly cells: readonly CellResult[];
}

/** What results.json holds. */
export interface Results {
  readonly experiment: string;
  readonly title: string;
  readonly document: string;
  readonly scale: Scale;
  readonly scaleNote: string;
  /** Whether rows or epochs are left out at this scale, so that no figure is comparable. Absent in older files. */
  readonly reduced?: boolean;
  readonly date: string;
  readonly seeds: readonly number[];
  readonly standIn: string | null;
  /** Parameters that were given another value than the experiment takes by itself. Absent: none. */
  readonly set?: readonly SetParameter[];
  /** How products were made. Absent: float32. */
  readonly precision?: Precision;
  /** The same cells with products made otherwise, where that was asked for too. */
  readonly beside?: BesideCells;
  /** What wrote this; what trained the runs stands in `machine.runs`. */
  readonly machine: ResultsMachine;
  readonly versions: Versions;
  readonly data: readonly DataSource[];
  readonly cells: readonly CellResult[];
  /** Absent in older files. */
  readonly comparisons?: readonly VariantComparison[];
  /** Absent in older files. */
  readonly notCompared?: readonly UncomparedVariants[];
  /** Of every variant that both protocols ran. Absent in older files. */
  readonly leakEffects?: readonly LeakEffect[];
  readonly stated: readonly { readonly name: string; readonly value: string; readonly note?: string }[];
  readonly notStated: readonly { readonly name: string; readonly default: string; readonly note?: string }[];
  readonly findings: readonly Finding[];
  readonly repeats: readonly {
    readonly configuration: string;
    readonly values: readonly number[];
    readonly spread: number;
    readonly note?: string;
  }[];
  readonly choices: readonly Choice[];
  /** How the document picks a variant, where it says. */
  readonly choice?: string;
  readonly baselines: readonly BaselineResult[];
  /** Absent in older files. */
  readonly baselineSets?: readonly BaselineSet[];
  /** Absent in older files. */
  readonly audits?: readonly ProtocolAudit[];
  /** What each protocol did, and what was counted or removed. */
  readonly protocols: readonly { readonly protocol: Protocol; readonly steps: readonly string[]; readonly notes: readonly string[] }[];
  readonly classNames: readonly string[];
  /** What a constant prediction scores, where the experiment names it. */
  readonly constant: { readonly value: number; readonly label: string } | null;
  readonly factors: readonly { readonly name: string; readonly title: string; readonly axes?: readonly string[] }[];
  /** Steps between raw rows and input, with what each learnt from. Absent in older files. */
  readonly preprocessing?: readonly PreprocessingStep[];
  /** Models that Keras trained, run here. Absent where none was. */
  readonly keras?: readonly KerasComparison[];
  /** Absent where the experiment compares none, and in older files. */
  readonly proportions?: ClassProportions;
  /** Classes before and after resampling. Absent where nothing is resampled, and in older files. */
  readonly resampled?: readonly ResampledCounts[];
  /** Metrics that curves over epochs are drawn of. Absent: the loss. */
  readonly curves?: readonly string[];
  /** The most frequent words of the training texts. Absent without texts, and in older files. */
  readonly words?: readonly TrainingWords[];
  /** Seconds of an epoch that the document prints. */
  readonly publishedEpochSeconds?: readonly number[];
  /** Training rows of these epochs. */
  readonly publishedEpochRows?: number;
  /** What the document prints beyond a figure per variant. Absent where it prints no more, on other tasks than the document's, and in older files. */
  readonly printed?: PrintedResult;
}
