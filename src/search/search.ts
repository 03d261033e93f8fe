import { SarafError } from '../errors.js';
import { Callback } from '../callbacks/callback.js';
import { Monitor, type Mode } from '../callbacks/monitor.js';
import { kFold, stratifiedKFold, type Split } from '../data/split.js';
import { checkSeed, goOnAt, placeOfDraws, setSeed } from '../initializers/seed.js';
import type { FitOptions } from '../models/fit.js';
import { AbortError } from '../models/history.js';
import { invalidLossOf } from '../models/invalid-loss.js';
import type { Model } from '../models/model.js';
import { refuseTestRows } from '../tensor/part.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedRows, foldParts, type FoldPart, type SearchInput } from './fold-data.js';
import { SearchFile, type FoldScore } from './search-file.js';
import { SearchResult, type Trial } from './search-result.js';
import { checkSpace, gridOf, sampleOf, type Params, type Space } from './space.js';

export type Strategy = 'grid' | 'random' | 'halving';

/** How far a search is. */
export interface SearchProgress {
  /** Models trained on a fold so far, and in all. */
  readonly done: number;
  readonly total: number;
  /** What has just been scored. */
  readonly latest: FoldScore;
  /** Seconds that the rest may take, going by those before; null at the beginning. */
  readonly secondsLeft: number | null;
}

export interface SearchOptions {
  /** What each parameter may be. */
  space: Space;
  /**
   * Builds and compiles a model for these parameters. It is given the training rows of the fold: what learns from data, such as a
   * `TextPipeline` for `model.preprocessing`, learns from them alone.
   */
  build: (params: Params, train: FoldPart) => Model | Promise<Model>;
  /**
   * Options of `fit` for these parameters, such as `{ batchSize: params.batchSize }`. With `halving` no callbacks: they would begin anew
   * in every round.
   */
  fit?: (params: Params) => Omit<FitOptions, SetHere>;
  /** `grid` (default) tries all, `random` draws, `halving` draws and trains only the best further. */
  strategy?: Strategy;
  /** Choices to draw, for `random` and `halving`. Default 10, or 27. */
  trials?: number;
  /** Epochs that a model is trained for; with `halving` those of the last ones left. */
  epochs: number;
  /** Epochs of the first round of `halving`. Default 1. */
  minEpochs?: number;
  /** Of each round of `halving` one in so many goes on, with so many times the epochs. Default 3. */
  factor?: number;
  /** Default 5. Folds are stratified where y is int32 of shape (N). */
  folds?: number;
  /** What is compared, after the last epoch. Default val_loss. */
  monitor?: string;
  /** Default auto: what the name says. */
  mode?: Mode;
  /** Of folds, draws, weights and row order. Every choice of parameters gets the same. Default 0. */
  seed?: number;
  /** Keeps each score as it is reached; a search that was killed goes on from it. */
  file?: string;
  signal?: AbortSignal;
  onProgress?: (progress: SearchProgress) => void;
}

const OP = 'search';

/** Options of `fit` that a search sets. */
const SET_HERE = ['epochs', 'initialEpoch', 'validationData', 'validationSplit', 'validationFreq', 'signal', 'seed'] as const;
type SetHere = (typeof SET_HERE)[number];

/** Keeps the weights of the last epoch: with a moving average, `fit` puts that in their place at its end. */
class LastWeights extends Callback {
  weights: Tensor[] = [];

  override onEpochEnd(): void {
    this.weights = this.model?.getWeights() ?? [];
  }
}

/** A model of one fold, trained so far. */
interface Candidate {
  model: Model;
  epochs: number;
  parts: ReturnType<typeof foldParts>;
}

/**
 * Searches parameters of model and training by cross-validation: each choice is trained on every fold.
 *
 * A successive halving trains many choices for few epochs and only the best further, to the same bits as at one go. Test rows do not
 * belong here: those that are marked as such are refused.
 *
 * Shapes: x (N,…), a list of such, or N texts; y (N) or (N,…).
 * Throws: ERR_ARG for options or a monitor that do not exist; ERR_DATA if a class has fewer rows than there are folds; AbortError.
 * Source: Jamieson and Talwalkar 2016 (successive halving).
 * Example: const found = await search(x, y, { space: { units: [16, 32] }, epochs: 5, build: ({ units }) => classifier(units) })
 */
export async function search(x: SearchInput, y: Tensor, options: SearchOptions): Promise<SearchResult> {
  const checked = checkOptions(options);
  refuseTestRows(OP, 'a search', x, y);
  const rows = checkedRows(x, y);
  const { space, seed, folds, epochs, strategy } = checked;
  const splits: Split[] =
    y.dtype === 'int32' && y.rank === 1 ? stratifiedKFold(y.data() as Int32Array, folds, { seed }) : kFold(rows, folds, { seed });
  const choices = strategy === 'grid' ? gridOf(space) : sampleOf(space, checked.trials, seed);
  const rounds = strategy === 'halving' ? halvingRounds(choices.length, checked) : [{ count: choices.length, epochs }];
  const file = new SearchFile(options.file, { space, strategy, seed, folds, rows, epochs, monitor: checked.monitor.name, mode: checked.monitor.larger ? 'max' : 'min' }); // prettier-ignore
  const runner = new Runner(x, y, splits, checked, file, rounds.reduce((n, round) => n + round.count * folds, 0)); // prettier-ignore
  const kept = placeOfDraws();
  try {
    let left = choices.map((params, trial) => ({ params, trial }));
    const trials = new Map<number, Trial>();
    for (const [r, round] of rounds.entries()) {
      left = left.slice(0, round.count);
      for (const { params, trial } of left) {
        const scores: FoldScore[] = [];
        for (let fold = 0; fold < folds; fold++) scores.push(await runner.score(params, fold, round.epochs, r < rounds.length - 1));
        trials.set(trial, { trial, params, epochs: round.epochs, scores: scores.map((s) => s.score), seconds: sum(scores) });
      }
      const better = new Map(new SearchResult([...trials.values()], checked.monitor).ranked.map((t, place) => [t.trial, place]));
      left.sort((a, b) => (better.get(a.trial) as number) - (better.get(b.trial) as number));
      runner.forget(left.slice(rounds[r + 1]?.count ?? 0).map((l) => l.params));
    }
    return new SearchResult([...trials.values()], checked.monitor);
  } finally {
    goOnAt(kept);
  }
}

/** Trains models fold by fold and remembers what a later round trains further. */
class Runner {
  private readonly candidates = new Map<string, Candidate>();
  private readonly begin = performance.now();
  private done = 0;
  private trained = 0;

  constructor(
    private readonly x: SearchInput,
    private readonly y: Tensor,
    private readonly splits: readonly Split[],
    private readonly options: Checked,
    private readonly file: SearchFile,
    private readonly total: number,
  ) {}

  /** The score of these parameters on a fold after so many epochs; `keep`: a later round may go on. */
  async score(params: Params, fold: number, epochs: number, keep: boolean): Promise<FoldScore> {
    throwIfAborted(this.options.signal);
    const found = this.file.find(params, fold, epochs);
    const score = found ?? (await this.train(params, fold, epochs, keep));
    this.done++;
    if (!found) this.trained++;
    const seconds = (performance.now() - this.begin) / 1000;
    const secondsLeft = this.trained === 0 ? null : (seconds / this.trained) * (this.total - this.done);
    this.options.onProgress?.({ done: this.done, total: this.total, latest: score, secondsLeft });
    return score;
  }

  forget(choices: readonly Params[]): void {
    for (const params of choices)
      for (let fold = 0; fold < this.splits.length; fold++) this.candidates.delete(JSON.stringify([params, fold]));
  }

  private async train(params: Params, fold: number, epochs: number, keep: boolean): Promise<FoldScore> {
    const { options } = this;
    const begin = performance.now();
    const key = JSON.stringify([params, fold]);
    const candidate = this.candidates.get(key) ?? (await this.candidate(params, fold));
    const { model, parts } = candidate;
    const given = checkedFit(options.fit(params), options.strategy);
    const last = keep && model.optimizer.useEma ? new LastWeights() : null;
    let value = Number.NaN;
    try {
      const history = await model.fit(parts.train.x as Tensor, parts.train.y, {
        verbose: 0,
        ...given,
        ...(last ? { callbacks: [last] } : {}),
        epochs,
        initialEpoch: candidate.epochs,
        validationData: [parts.validation.x as Tensor, parts.validation.y],
        ...(options.signal ? { signal: options.signal } : {}),
      });
      const logs = Object.fromEntries(Object.entries(history.history).map(([name, values]) => [name, values.at(-1) as number]));
      value = options.monitor.value(logs, null) as number;
    } catch (error) {
      if (invalidLossOf(error) === null) throw error;
    }
    candidate.epochs = epochs;
    if (keep && !Number.isNaN(value)) {
      if (last) model.setWeights(last.weights);
      this.candidates.set(key, candidate);
    }
    // A model that diverged is worse than any.
    const score = Number.isNaN(value) ? (options.monitor.larger ? -Infinity : Infinity) : value;
    const made = { params, fold, epochs, score, seconds: (performance.now() - begin) / 1000 };
    this.file.add(made);
    return made;
  }

  private async candidate(params: Params, fold: number): Promise<Candidate> {
    const parts = foldParts(this.x, this.y, this.splits[fold] as Split);
    setSeed(this.options.seed);
    const model = await this.options.build(params, parts.train);
    if (!model.compilation)
      throw new SarafError('ERR_STATE', OP, 'expected build to return a compiled model; call model.compile before returning it');
    return { model, epochs: 0, parts };
  }
}

/** Throws ERR_ARG for options that a search sets itself, or that would make training in rounds another one than at one go. */
function checkedFit(given: Omit<FitOptions, SetHere>, strategy: Strategy): Omit<FitOptions, SetHere> {
  const set = Object.keys(given).find((name) => (SET_HERE as readonly string[]).includes(name));
  if (set !== undefined)
    throw new SarafError('ERR_ARG', OP, `expected fit to leave out what a search sets (${SET_HERE.join(', ')}), received ${set}`);
  if (strategy === 'halving' && (given.callbacks ?? []).length > 0)
    throw new SarafError(
      'ERR_ARG',
      OP,
      'expected no callbacks with strategy halving, where they would begin anew in every round; take a schedule of the learning rate, or strategy random',
    );
  return given;
}

const sum = (scores: readonly FoldScore[]): number => scores.reduce((seconds, s) => seconds + s.seconds, 0);

/** Rounds of a successive halving: how many choices, for how many epochs; the last one trains for all epochs. */
function halvingRounds(choices: number, { epochs, minEpochs, factor }: Checked): { count: number; epochs: number }[] {
  const rounds: { count: number; epochs: number }[] = [];
  for (let [count, now] = [choices, minEpochs]; ; count = Math.max(1, Math.floor(count / factor)), now *= factor) {
    const last = now >= epochs || count === 1;
    rounds.push({ count, epochs: last ? epochs : now });
    if (last) return rounds;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError(OP, null, { cause: signal.reason });
}

type Checked = Required<
  Pick<SearchOptions, 'space' | 'build' | 'fit' | 'strategy' | 'trials' | 'epochs' | 'minEpochs' | 'factor' | 'folds' | 'seed'>
> &
  Pick<SearchOptions, 'signal' | 'onProgress'> & { readonly monitor: Monitor };

const NAMES = ['space', 'build', 'fit', 'strategy', 'trials', 'epochs', 'minEpochs', 'factor', 'folds', 'monitor', 'mode', 'seed', 'file', 'signal', 'onProgress']; // prettier-ignore

function checkOptions(options: SearchOptions): Checked {
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options among ${NAMES.join(', ')}, received ${unknown}`);
  const { space, build, strategy = 'grid', epochs, minEpochs = 1, factor = 3, folds = 5, seed = 0 } = options;
  if (!['grid', 'random', 'halving'].includes(strategy))
    throw new SarafError('ERR_ARG', OP, `expected strategy grid, random or halving, received ${JSON.stringify(strategy)}`);
  if (typeof build !== 'function') throw new SarafError('ERR_ARG', OP, `expected build to be a function, received ${typeof build}`);
  if (strategy === 'grid' && options.trials !== undefined)
    throw new SarafError('ERR_ARG', OP, 'expected no trials with strategy grid, which tries all; leave it out or use random');
  if (strategy !== 'halving' && (options.minEpochs !== undefined || options.factor !== undefined))
    throw new SarafError('ERR_ARG', OP, `expected minEpochs and factor only with strategy halving, received them with ${strategy}`);
  const trials = options.trials ?? (strategy === 'halving' ? 27 : 10);
  for (const [name, value, least] of [
    ['trials', trials, 1],
    ['epochs', epochs, 1],
    ['minEpochs', minEpochs, 1],
    ['factor', factor, 2],
    ['folds', folds, 2],
  ] as const)
    // prettier-ignore
    if (!Number.isInteger(value) || value < least)
      throw new SarafError('ERR_ARG', OP, `expected ${name} to be a whole number >= ${least}, received ${String(value)}`);
  checkSpace(space);
  const monitor = new Monitor(OP, {
    ...(options.monitor === undefined ? {} : { monitor: options.monitor }),
    ...(options.mode === undefined ? {} : { mode: options.mode }),
  });
  const { signal, onProgress } = options;
  return {
    space,
    build,
    strategy,
    trials,
    epochs,
    minEpochs,
    factor,
    folds,
    monitor,
    fit: options.fit ?? (() => ({})),
    seed: checkSeed(OP, seed),
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  };
}
