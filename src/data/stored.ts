import { SarafError } from '../errors.js';

/** What was saved as JSON, as an object or as text, made again. Throws ERR_FORMAT for anything else, saying why. */
export function readStored<T>(op: string, format: string, json: unknown, make: (stored: Record<string, unknown>) => T | null): T {
  const bad = (why: string, cause?: unknown): SarafError => new SarafError('ERR_FORMAT', op, why, cause === undefined ? {} : { cause });
  let value = json;
  try {
    if (typeof json === 'string') value = JSON.parse(json);
  } catch (cause) {
    throw bad(`expected JSON of format ${format}, received text that is no JSON`, cause);
  }
  const stored = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (stored['format'] !== format) throw bad(`expected format ${format}, received ${JSON.stringify(stored['format'])}`);
  if (stored['formatVersion'] !== 1)
    throw bad(`expected format version 1, received ${JSON.stringify(stored['formatVersion'])}; update saraf`);
  let made: T | null;
  try {
    made = make(stored);
  } catch (cause) {
    throw bad(`expected options that can be made again: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  if (made === null) throw bad('expected what it had learnt, received something else; the file was changed');
  return made;
}
