import type { Precision } from '../backend/backend.js';
import { countsPerClass } from '../metrics/scores.js';
import type { Protocol } from './experiment.js';
import { statementValue } from './settings.js';
import { bootstrapInterval } from './bootstrap.js';
import { resampledCounts } from './class-counts.js';
import { cellComparer, compareVariants, takenRows, testPredictions } from './comparisons.js';
import { evaluateClasses } from './evaluate.js';
import { leakEffectsOf } from './leak-effects.js';
import type { CellJobs, ReadyExperiment } from './jobs.js';
import type { Plan } from './plan.js';
import { printedResult } from './printed.js';
import { kerasFindings, type KerasComparison } from './keras-record.js';
import { mean, sampleStd, spread } from './statistics.js';
import { trainingWords } from './training-words.js';
import type {
  BaselineResult,
  BaselineSet,
  CellResult,
  CellRun,
  Choice,
  Evaluation,
  ProtocolAudit,
  Results,
  ResultsMachine,
  RunRecord,
  Trained,
  Versions,
} from './results.js';

export interface CollectContext {
  readonly machine: ResultsMachine;
  readonly versions: Versions;
  readonly date: string;
  readonly baselines: readonly BaselineResult[];
  readonly baselineSets: readonly BaselineSet[];
  readonly audits: readonly ProtocolAudit[];
  readonly keras: readonly KerasComparison[];
}

function addMatrices(evaluations: readonly Evaluation[]): number[][] {
  const first = evaluations[0]?.confusion ?? [];
  return first.map((row, i) => row.map((_, j) => evaluations.reduce((sum, e) => sum + (e.confusion[i]?.[j] ?? 0), 0)));
}

/** What the scores of each class follow from, of one run of several. */
function countsOf(confusion: Evaluation['confusion']): Pick<CellRun, 'called' | 'hits'> {
  const counts = countsPerClass(confusion);
  return { called: counts.map((c) => c.called), hits: counts.map((c) => c.hits) };
}

/** The best that one class for all test rows scores: that of their most frequent class, by accuracy as by either F1. */
function constantScore({ loaded, plan }: ReadyExperiment, { prepared }: CellJobs): number {
  const { labels, keep } = prepared.test;
  const counts = loaded.classNames.map(() => 0);
  for (const [row, label] of labels.entries()) if (keep?.[row] !== 0) counts[label] = (counts[label] ?? 0) + 1;
  const most = counts.indexOf(Math.max(...counts));
  return evaluateClasses(labels, new Int32Array(labels.length).fill(most), loaded.classNames, keep)[plan.experiment.score ?? 'macroF1'];
}

/** Scores of one run on the test part, as its protocol counts rows. */
export function evaluateRun(ready: ReadyExperiment, cell: CellJobs, record: RunRecord): Evaluation {
  const { labels, keep } = cell.prepared.test;
  return evaluateClasses(labels, record.testPredictions, ready.loaded.classNames, keep);
}

/** Why figures cannot be set against the document's: other data, or only a part of it. null where they can. */
export function standInOf({ loaded, plan }: ReadyExperiment): string | null {
  const scale = plan.experiment.scales[plan.scale];
  const reasons = [loaded.standIn, scale.reduced ? `Scale ${plan.scale}: ${scale.note}.` : null].filter((r) => r !== null);
  return reasons.length === 0 ? null : reasons.join(' ');
}

function collectCell(ready: ReadyExperiment, own: CellJobs, records: ReadonlyMap<string, RunRecord>): Trained | null {
  const runs = own.jobs.map((job) => records.get(job.id));
  if (runs.some((r) => r === undefined)) return null;
  const finished = runs.filter((r): r is RunRecord => r !== undefined);
  const evaluations = finished.map((r) => evaluateRun(ready, own, r));
  const { labels, keep } = own.prepared.validation;
  const score = ready.plan.experiment.score ?? 'macroF1';
  const validation = finished.map((r) => evaluateClasses(labels, r.validationPredictions, ready.loaded.classNames, keep)[score]);
  const values = evaluations.map((e) => e[score]);
  const { cell } = own;
  const { loaded, plan } = ready;
  const reasons = [own.prepared.standIn, cell.departs].filter((r) => r !== undefined);
  const ownStandIn = reasons.length === 0 ? undefined : reasons.join(' ');
  const standIn = ownStandIn ?? standInOf(ready);
  const twin = ready.cells.find(
    (other) =>
      other.cell.precision === cell.precision &&
      other.cell.protocol !== cell.protocol &&
      other.cell.factor === cell.factor &&
      other.cell.variant === cell.variant &&
      other.cell.mask === cell.mask,
  );
  const shared = twin !== undefined && twin.jobs.every((job, i) => job.id === own.jobs[i]?.id);
  const published = loaded.sameTask ? cell.published : null;
  const centre = mean(values);
  const kept = own.prepared.test.keep !== undefined;
  const counted = Int32Array.from(own.prepared.test.labels.keys()).filter((row) => own.prepared.test.keep?.[row] !== 0);
  // A run that was made for cells that count every row has no curves over those that count here, unless all do.
  const ofRuns = finished.map(({ curves }) => (kept ? (curves?.counted ?? (counted.length === own.prepared.test.labels.length ? curves?.all : undefined)) : curves?.all) ?? []); // prettier-ignore
  const curves = ofRuns.every((found) => found.length > 0) ? ofRuns : [];
  const areas = curves.map((found) => mean(found.map((c) => c.auc)));
  const total = addMatrices(evaluations);
  const result: CellResult = {
    factor: cell.factor,
    variant: cell.variant,
    protocol: cell.protocol,
    mask: cell.mask,
    comparable: standIn === null ? 'yes' : 'stand-in',
    ...(ownStandIn === undefined ? {} : { standIn: ownStandIn }),
    metric: plan.experiment.metric,
    published,
    mean: centre,
    std: sampleStd(values),
    interval: bootstrapInterval(takenRows(testPredictions(own, records), counted), loaded.classNames.length, score),
    difference: standIn === null && published !== null ? centre - published : null,
    runs: finished.map((r, i) => ({
      id: r.id,
      seed: r.seed,
      value: values[i] ?? Number.NaN,
      seconds: r.seconds,
      ...(r.rowsPerSecond > 0 ? { epochSeconds: own.prepared.train.labels.length / r.rowsPerSecond } : {}),
      ...(finished.length > 1 ? countsOf(evaluations[i]?.confusion ?? []) : {}),
    })),
    rowsTrained: own.prepared.train.labels.length,
    ...(plan.experiment.constant === 'counted' ? { constant: constantScore(ready, own) } : {}),
    validation: mean(validation),
    rowsValidated: keep ? keep.reduce((sum, kept) => sum + kept, 0) : labels.length,
    largestShares: evaluations.map((e) => e.largestShare),
    largestClasses: evaluations.map((e) => e.largestClass),
    confusion: total,
    rowsTested: evaluations[0]?.rows ?? 0,
    sameTrainingAs: shared ? twin.cell.protocol : null,
    ...(areas.length > 0 ? { auc: mean(areas) } : {}),
  };
  const wrong = finished[0]?.wrong?.filter((r) => own.prepared.test.keep?.[r.row] !== 0);
  return {
    cell: result,
    histories: finished.map((r) => r.history),
    evaluations,
    ...(wrong ? { wrong } : {}),
    ...(curves.length > 0 ? { curves: curves[0] } : {}),
  };
}

/** Per factor and mask: the best variant by the part that a protocol may look at. */
function choose(cells: readonly CellResult[]): Choice[] {
  const groups = new Map<string, CellResult[]>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.factor, cell.mask, cell.protocol]);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group): Choice => {
      const by = group[0]?.protocol === 'published' ? 'test' : 'validation';
      const value = (c: CellResult): number => (by === 'test' ? c.mean : c.validation);
      const best = group.reduce((a, b) => (value(b) > value(a) ? b : a));
      const rows = group.map((c) => (by === 'test' ? c.rowsTested : (c.rowsValidated ?? 0)));
      return {
        factor: best.factor,
        protocol: best.protocol,
        mask: best.mask,
        by,
        variant: best.variant,
        value: value(best),
        rows: [Math.min(...rows), Math.max(...rows)],
      };
    });
}

/** `trained` and `besideTrained` are the runs behind `results.cells` and `results.beside`. */
export interface Collected {
  readonly results: Results;
  readonly trained: readonly Trained[];
  readonly besideTrained: readonly Trained[];
}

/** What the scale says of its rows and epochs, and which of them the selection sets otherwise. */
function scaleNoteOf({ experiment, scale, set }: Plan): string {
  const { note } = experiment.scales[scale];
  return set.length === 0 ? note : `${note}; set otherwise: ${set.map((s) => s.name).join(', ')}`;
}

/**
 * From finished runs to results.json. Cells of which a run is missing are left out, so that an interrupted selection still
 * says what is known.
 */
export function collectResults(ready: ReadyExperiment, records: ReadonlyMap<string, RunRecord>, context: CollectContext): Collected {
  const { plan, loaded } = ready;
  const { experiment } = plan;
  const [first = 'float32', second] = plan.precisions;
  const trainedIn = (precision: Precision): Trained[] =>
    ready.cells
      .filter((c) => c.cell.precision === precision)
      .map((cell) => collectCell(ready, cell, records))
      .filter((t): t is Trained => t !== null);
  const trained = trainedIn(first);
  const besideTrained = second === undefined ? [] : trainedIn(second);
  const cells = trained.map((t) => t.cell);
  const notesOf = (protocol: Protocol): string[] => [
    ...new Set(ready.cells.filter((c) => c.cell.protocol === protocol).flatMap((c) => c.prepared.notes)),
  ];
  const words = trainingWords(ready);
  const resampled = resampledCounts(ready);
  const compare = cellComparer(ready, records);
  const results: Results = {
    experiment: experiment.id,
    title: experiment.title,
    document: experiment.document,
    scale: plan.scale,
    scaleNote: scaleNoteOf(plan),
    reduced: experiment.scales[plan.scale].reduced,
    date: context.date,
    seeds: plan.seeds,
    standIn: standInOf(ready),
    ...(plan.set.length > 0 ? { set: plan.set } : {}),
    ...(first === 'float32' ? {} : { precision: first }),
    ...(second === undefined ? {} : { beside: { precision: second, cells: besideTrained.map((t) => t.cell) } }),
    machine: context.machine,
    versions: context.versions,
    data: loaded.sources,
    cells,
    ...compareVariants(ready, cells, compare),
    leakEffects: leakEffectsOf(ready, records, cells),
    stated: experiment.stated.map((s) => ({
      name: s.name,
      value: statementValue(experiment, s, plan.set),
      ...(s.note ? { note: s.note } : {}),
    })),
    notStated: experiment.notStated.map((s) => ({
      name: s.name,
      default: statementValue(experiment, s, plan.set),
      ...(s.note ? { note: s.note } : {}),
    })),
    // Claims about the document's data cannot be checked on other data.
    findings: [
      ...experiment.findings,
      ...kerasFindings(context.keras),
      ...(loaded.sameTask ? (experiment.compute?.({ loaded, cells, trained, compare }) ?? []) : []),
    ],
    repeats: loaded.sameTask
      ? experiment.repeats.map((r) => ({
          configuration: r.configuration,
          values: r.values,
          spread: spread(r.values),
          ...(r.note ? { note: r.note } : {}),
        }))
      : [],
    choices: choose(cells),
    ...(experiment.choice === undefined ? {} : { choice: experiment.choice }),
    baselines: context.baselines,
    baselineSets: context.baselineSets,
    audits: context.audits,
    protocols: plan.protocols.map((protocol) => ({ protocol, steps: experiment.protocols[protocol].steps, notes: notesOf(protocol) })),
    classNames: loaded.classNames,
    constant: loaded.sameTask && experiment.constant !== 'counted' ? experiment.constant : null,
    factors: experiment.factors
      .filter((f) => f.onDemand !== true || cells.some((c) => c.factor === f.name))
      .map(({ name, title, axes }) => ({ name, title, ...(axes ? { axes } : {}) })),
    ...(experiment.preprocessing ? { preprocessing: experiment.preprocessing } : {}),
    ...(context.keras.length > 0 ? { keras: context.keras } : {}),
    ...(loaded.proportions ? { proportions: loaded.proportions } : {}),
    ...(resampled.length > 0 ? { resampled } : {}),
    ...(experiment.curves ? { curves: experiment.curves } : {}),
    ...(words.length > 0 ? { words } : {}),
    ...(experiment.printed && loaded.sameTask ? { printed: printedResult(experiment) } : {}),
    ...(experiment.publishedEpochSeconds ? { publishedEpochSeconds: experiment.publishedEpochSeconds } : {}),
    ...(experiment.publishedEpochRows === undefined ? {} : { publishedEpochRows: experiment.publishedEpochRows }),
  };
  return { results, trained, besideTrained };
}
