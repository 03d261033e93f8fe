import type { Prepared, Protocol } from './experiment.js';
import type { ReadyExperiment } from './jobs.js';

/** Rows of each class, in the order of `Results.classNames`. */
export interface NamedCounts {
  readonly name: string;
  readonly counts: readonly number[];
}

/** How often each class comes in the training rows of a factor's cells under one protocol, before and after it was resampled. */
export interface ResampledCounts {
  readonly factor: string;
  readonly title: string;
  readonly protocol: Protocol;
  /** Rows as they were collected, then the training rows of each variant that resamples them otherwise. */
  readonly series: readonly NamedCounts[];
}

function countsOf(labels: ArrayLike<number>, classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (let row = 0; row < labels.length; row++) counts[labels[row] as number] = (counts[labels[row] as number] as number) + 1;
  return counts;
}

/** One entry per factor and protocol that resamples; variants that train on the same rows once. */
export function resampledCounts({ plan, cells, loaded }: ReadyExperiment): ResampledCounts[] {
  const classes = loaded.classNames.length;
  return plan.experiment.factors.flatMap(({ name, title }) =>
    plan.protocols.flatMap((protocol): ResampledCounts[] => {
      const own = cells.filter(
        ({ cell, prepared }) => cell.factor === name && cell.protocol === protocol && prepared.unsampled !== undefined,
      );
      const before = own[0]?.prepared.unsampled;
      if (!before) return [];
      const first = new Map<Prepared, string>();
      for (const { cell, prepared } of own) if (!first.has(prepared)) first.set(prepared, cell.variant);
      return [
        {
          factor: name,
          title,
          protocol,
          series: [
            {
              name: protocol === 'published' ? 'all rows, as collected' : 'training, as collected',
              counts: countsOf(before.labels, classes),
            },
            ...[...first].map(([{ train }, variant]) => ({
              name: first.size === 1 ? 'training, resampled' : variant,
              counts: countsOf(train.labels, classes),
            })),
          ],
        },
      ];
    }),
  );
}
