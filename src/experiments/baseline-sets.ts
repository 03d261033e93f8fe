import type { CellJobs, ReadyExperiment } from './jobs.js';
import { baselineKey, type BaselineStore } from './baseline-store.js';
import type { OnProgress } from '../data/progress.js';
import type { BaselineResult, BaselineSet, Versions } from './results.js';

/** What the variants of a grid have in common: `500 / * / *`. */
function pattern(variants: readonly string[]): string {
  const parts = variants.map((v) => v.split(' / '));
  return (parts[0] ?? []).map((part, i) => (parts.every((p) => p[i] === part) ? part : '*')).join(' / ');
}

/** The cells of a set in words: factors that are whole by their names alone. */
function setName({ plan, cells }: ReadyExperiment, own: readonly CellJobs[]): string {
  const variantsOf = (all: readonly CellJobs[], factor: string): string[] => [
    ...new Set(all.filter(({ cell }) => cell.factor === factor).map(({ cell }) => cell.variant)),
  ];
  const factors = plan.experiment.factors.filter(({ name }) => own.some(({ cell }) => cell.factor === name));
  return factors
    .map(({ name, axes }) => {
      const variants = variantsOf(own, name);
      if (variants.length === variantsOf(cells, name).length) return name;
      return `${name}: ${axes ? pattern(variants) : variants.join(', ')}`;
    })
    .join('; ');
}

/** `onProgress` is told of each set that is learnt; `signal` stops before the next one. */
export interface LearnContext {
  readonly versions: Versions;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: OnProgress | undefined;
}

export interface Baselines {
  readonly baselines: readonly BaselineResult[];
  readonly baselineSets: readonly BaselineSet[];
}

/**
 * What simple models score, once for all cells of a protocol that train and test on the same rows: a network is to be set beside those alone that
 * had what it had. Settings of the training alone (batch, learning rate) make no set of their own; sizes of the training part and ways to
 * balance or augment it do.
 */
export async function baselinesOf(
  ready: ReadyExperiment,
  store: BaselineStore,
  { versions, signal, onProgress }: LearnContext,
): Promise<Baselines> {
  const { experiment, protocols, precisions } = ready.plan;
  const baselines: BaselineResult[] = [];
  const baselineSets: BaselineSet[] = [];
  if (!experiment.baselines) return { baselines, baselineSets };
  for (const protocol of protocols) {
    const sets = new Map<string, CellJobs[]>();
    for (const own of ready.cells) {
      if (own.cell.protocol !== protocol || own.cell.precision !== precisions[0]) continue;
      const rows = own.jobs[0]?.preparedHash ?? '';
      sets.set(rows, [...(sets.get(rows) ?? []), own]);
    }
    for (const own of sets.values()) {
      const [first] = own;
      if (!first) continue;
      const name = setName(ready, own);
      baselineSets.push({ protocol, name, cells: [...new Set(own.map(({ cell }) => `${cell.factor}: ${cell.variant}`))] });
      const key = baselineKey(ready, first, versions);
      let found = store.get(key);
      if (found === undefined) {
        signal?.throwIfAborted();
        onProgress?.({ phase: 'learn', what: `baselines of ${experiment.id}, ${name} (${protocol})`, done: 0, total: null, unit: 'texts' });
        found = await experiment.baselines(ready.loaded, first.prepared);
        store.set(key, found);
      }
      baselines.push(...found.map((b) => ({ protocol, ...b, set: name })));
    }
  }
  return { baselines, baselineSets };
}
