import { InvalidArgumentError, Option } from 'commander';
import { PRECISIONS, type Precision } from '../backend/backend.js';
import type { Setting, Settings } from '../experiments/settings.js';
import type { Shard } from '../experiments/shard.js';
import { LANGUAGES } from '../reports/language/index.js';

/** A whole number of at least 1, for commander. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return value;
}

/** `INDEX/COUNT`, as test runners have it: part INDEX of COUNT, from 1. */
export function shard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > count) throw new InvalidArgumentError('Expected INDEX/COUNT with an index from 1 to the count, such as 2/3.');
  return { index, count };
}

/** For options that may be repeated and whose values may hold commas. */
export function collectWhole(text: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), text];
}

/** Options may be given more than once, or with commas. */
export function collect(text: string, earlier: readonly string[] | undefined): string[] {
  return [
    ...(earlier ?? []),
    ...text
      .split(',')
      .map((s) => s.trim())
      .filter((s) => s !== ''),
  ];
}

/** `key=value`, may be repeated: the value as JSON if it is some (a number, true, a list), else a text. */
export function collectSettings(text: string, earlier: Settings | undefined): Settings {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('Expected key=value, such as learningRate=0.01 or filters=[16,32].');
  const value = text.slice(at + 1);
  let parsed: Setting = value;
  try {
    parsed = JSON.parse(value) as Setting;
  } catch {
    // a text
  }
  return { ...earlier, [text.slice(0, at)]: parsed };
}

/** Precisions with commas, each once. */
export function precisionList(text: string): Precision[] {
  const names = collect(text, undefined);
  const unknown = names.filter((n) => !Object.hasOwn(PRECISIONS, n));
  if (names.length === 0 || unknown.length > 0)
    throw new InvalidArgumentError(`Expected ${Object.keys(PRECISIONS).join(', ')} or both with a comma.`);
  return [...new Set(names)] as Precision[];
}

export const verboseOption = (): Option => new Option('--verbose', 'print the stack trace of an error');
export const languageOption = (): Option =>
  new Option('--language <which>', "of the report's labels: headings, columns, axes, verdicts").choices([...LANGUAGES]).default('en');
export const threadsOption = (): Option =>
  new Option('--threads <n>', 'threads of the kernels (default: SARAF_THREADS, else all); results do not depend on it').argParser(
    positiveInteger,
  );
