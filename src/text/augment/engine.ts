import type { Philox } from '../../tensor/random.js';

/**
 * What can be done with the words of a text.
 *
 * 'substitute': other words that fit the context; 'insert': further words that fit it; 'delete': words left out; 'synonym': words of the same
 * meaning from a list; 'backTranslate': into another language and back.
 */
export const AUGMENT_OPERATIONS = ['substitute', 'insert', 'delete', 'synonym', 'backTranslate'] as const;
export type AugmentOperation = (typeof AUGMENT_OPERATIONS)[number];

/** One operation on many texts. */
export interface AugmentTask {
  readonly operation: AugmentOperation;
  readonly texts: readonly string[];
  /** Share of a text's words that the operation concerns, in (0,1]; one word at least. */
  readonly share: number;
  /** The generator of one text: nothing else decides what becomes of it. */
  random(row: number): Philox;
  readonly signal: AbortSignal | undefined;
  /** To be called with the number of texts done. */
  progress(done: number): void;
}

/** What makes other texts of texts. The same task gives the same texts on every machine. */
export interface AugmentationEngine {
  /** What it is, for reports: its kind, its size, what it learnt from. */
  readonly name: string;
  readonly operations: readonly AugmentOperation[];
  /** What to do instead where an operation is missing, for the error. */
  readonly without?: Partial<Readonly<Record<AugmentOperation, string>>>;
  /** One text for each, in their order; a text that the operation can do nothing with as it is. */
  run(task: AugmentTask): Promise<string[]>;
}
