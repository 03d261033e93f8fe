import type { Results } from '../experiments/results.js';
import { label, type Language } from './language/index.js';

/** Whether rows or epochs were left out. Older results say so in why they are a stand-in alone. */
function isReduced({ reduced, scale, standIn }: Results): boolean {
  return reduced ?? standIn?.includes(`Scale ${scale}: `) ?? false;
}

/** What is to be said of every table over some results, short: at which reduced scale they were made. null: at none. */
export function reducedScale(all: readonly Results[]): string | null {
  const reduced = all.filter(isReduced);
  const [first] = reduced;
  if (!first) return null;
  if (all.length === 1) return `${first.scale} scale: ${first.scaleNote}; no figure is comparable`;
  const names = reduced.length === all.length ? '' : ` of ${reduced.map((r) => r.experiment).join(', ')}`;
  return `${first.scale} scale${names}: fewer rows, epochs or seeds; no such figure is comparable`;
}

/** The scale of some results for a caption: `full scale`, or what a reduced one leaves out. */
export function scaleInWords(all: readonly Results[], language: Language): string {
  return label(reducedScale(all) ?? `${[...new Set(all.map((r) => r.scale))].join(', ')} scale`, language);
}
