import { InvalidArgumentError, Option } from 'commander';
import { PRECISIONS, type Precision } from '../backend/backend.js';
import { LANGUAGES } from '../reports/language/index.js';

/** A whole number of at least 1, for commander. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return value;
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
