import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { rocCurve } from '../metrics/index.js';

/** The ROC curve of a class against the rest, thinned for a chart. */
export interface ClassCurve {
  readonly name: string;
  /** Exact, in [0,1]. */
  readonly auc: number;
  /** [false positive rate, true positive rate], from [0, 0] to [1, 1]. */
  readonly points: readonly (readonly [number, number])[];
}

/** The curves of a run over its test rows: over all of them, and over those that count where some do not. */
export interface RunCurves {
  readonly all: readonly ClassCurve[];
  readonly counted?: readonly ClassCurve[];
}

/** Points of a curve that a chart draws. */
const MOST_POINTS = 40;

const FILE = 'roc.json';

/**
 * A curve per class that has rows in it and beside it; the others have none.
 *
 * Shapes: labels (N), scores (N,K) or, for two classes, (N) of the second one; keep (N) or undefined.
 */
export function classCurves(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  names: readonly string[],
  keep?: Uint8Array,
): ClassCurve[] {
  const rows = Array.from({ length: labels.length }, (_, row) => row).filter((row) => keep?.[row] !== 0);
  const width = scores.length / Math.max(labels.length, 1);
  const scoreOf = (row: number, k: number): number => {
    if (width > 1) return scores[row * width + k] as number;
    const second = scores[row] as number;
    return k === 1 ? second : 1 - second;
  };
  return names.flatMap((name, k): ClassCurve[] => {
    const positive = rows.map((row) => (labels[row] === k ? 1 : 0));
    const count = positive.reduce<number>((n, p) => n + p, 0);
    if (count === 0 || count === rows.length || (width > 1 && k >= width)) return [];
    const curve = rocCurve(
      positive,
      rows.map((row) => scoreOf(row, k)),
    );
    const last = curve.thresholds.length - 1;
    const steps = Math.min(last, MOST_POINTS - 1);
    const points = Array.from({ length: steps + 1 }, (_, i): [number, number] => {
      const at = Math.round((i * last) / steps);
      return [curve.falsePositiveRate[at] ?? 1, curve.truePositiveRate[at] ?? 1].map((v) => Number(v.toFixed(4))) as [number, number];
    });
    return [{ name, auc: curve.auc, points }];
  });
}

export const curvesFile = (curves: RunCurves): { name: string; text: string } => ({ name: FILE, text: `${JSON.stringify(curves)}\n` });

/** The curves that a run kept; undefined in a run from before they were. Throws ERR_FORMAT if the file is no JSON. */
export function readCurves(folder: string): RunCurves | undefined {
  const path = join(folder, FILE);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunCurves;
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'resume', `expected JSON in ${path}; remove the folder and run again`, { cause });
  }
}
