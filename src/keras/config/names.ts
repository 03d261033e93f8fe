/** Keras' snake_case in camelCase: return_sequences → returnSequences, beta_1 → beta1. */
export const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());

/** camelCase in Keras' snake_case: returnSequences → return_sequences. Numbers need the table of the caller. */
export const snake = (name: string): string => name.replace(/([A-Z])/g, (c) => `_${c.toLowerCase()}`);

export type Json = Record<string, unknown>;

export const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** How Keras writes an object: a class and its options. */
export interface KerasObject {
  readonly class_name: string;
  readonly config: Json;
}

export const isKerasObject = (value: unknown): value is KerasObject =>
  isRecord(value) && typeof value['class_name'] === 'string' && isRecord(value['config']);

/** Words that Keras writes as values: fan_avg, hard_sigmoid, sum_over_batch_size. */
const WORD = /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/;

export const camelValue = (value: unknown): unknown => (typeof value === 'string' && WORD.test(value) ? camel(value) : value);
export const snakeValue = (value: unknown): unknown =>
  typeof value === 'string' && /^[a-z]+([A-Z][a-z0-9]*)+$/.test(value) ? snake(value) : value;
