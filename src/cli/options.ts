import { InvalidArgumentError, Option } from 'commander';

/** A whole number of at least 1, for commander. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return value;
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

export const verboseOption = (): Option => new Option('--verbose', 'print the stack trace of an error');
export const threadsOption = (): Option =>
  new Option('--threads <n>', 'threads of the kernels (default: SARAF_THREADS, else all); results do not depend on it').argParser(
    positiveInteger,
  );
