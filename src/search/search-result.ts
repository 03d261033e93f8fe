import { toFrame, type FrameLike } from '../data/frame.js';
import { Table } from '../data/table.js';
import type { Params } from './space.js';
import { square } from '../tensor/portable-math.js';

/** One choice of parameters, as far as it was trained. */
export interface Trial {
  /** In the order in which choices were made, from 0. */
  readonly trial: number;
  readonly params: Params;
  /** Epochs that its models were trained for. */
  readonly epochs: number;
  /** Of each fold, after the last epoch. */
  readonly scores: readonly number[];
  /** Training and validation, all folds. */
  readonly seconds: number;
}

/** What a search found. */
export class SearchResult {
  /** In the order in which choices were made. */
  readonly trials: readonly Trial[];
  /** The best first; choices that were trained for longer come before those that were given up. */
  readonly ranked: readonly Trial[];
  /** What was compared, and whether more is better. */
  readonly monitor: { readonly name: string; readonly larger: boolean };

  constructor(trials: readonly Trial[], monitor: { readonly name: string; readonly larger: boolean }) {
    this.trials = [...trials].sort((a, b) => a.trial - b.trial);
    this.monitor = { name: monitor.name, larger: monitor.larger };
    const sign = monitor.larger ? -1 : 1;
    this.ranked = [...this.trials].sort((a, b) => b.epochs - a.epochs || sign * (meanOf(a.scores) - meanOf(b.scores)) || a.trial - b.trial);
  }

  get best(): Trial {
    return this.ranked[0] as Trial;
  }

  /** A row per choice, the best first: its number, parameters, mean and sample standard deviation over the folds, epochs, seconds. */
  toTable(): Table {
    const names = Object.keys(this.best.params);
    const column = <T>(of: (trial: Trial) => T): T[] => this.ranked.map(of);
    const { name } = this.monitor;
    return new Table(
      ['trial', ...names, `${name} mean`, `${name} std`, 'epochs', 'seconds'],
      [
        column((t) => t.trial),
        ...names.map((param) => column((t) => t.params[param] ?? null)),
        column((t) => meanOf(t.scores)),
        column((t) => deviationOf(t.scores)),
        column((t) => t.epochs),
        column((t) => t.seconds),
      ],
    );
  }

  /** `toTable` as a danfojs frame. */
  toFrame(): Promise<FrameLike> {
    return toFrame(this.toTable());
  }
}

export const meanOf = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0) / values.length;

function deviationOf(values: readonly number[]): number | null {
  const mean = meanOf(values);
  if (values.length < 2 || !Number.isFinite(mean)) return null;
  return Math.sqrt(values.reduce((total, v) => total + square(v - mean), 0) / (values.length - 1));
}
