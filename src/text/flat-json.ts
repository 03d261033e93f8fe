import { SarafError } from '../errors.js';

// JSON objects whose keys keep their order. JavaScript's own objects move keys like "2019" to the front, and with words as
// keys the order says which of two equally frequent ones came first.

/** A string in JSON, as ASCII. */
export function asciiString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** An object of numbers, strings, booleans and null, in the given order and with Python's spaces. */
export function flatObject(entries: Iterable<readonly [string | number, unknown]>): string {
  const write = (value: unknown): string => (typeof value === 'string' ? asciiString(value) : JSON.stringify(value));
  return `{${Array.from(entries, ([key, value]) => `${asciiString(String(key))}: ${write(value)}`).join(', ')}}`;
}

const ENTRY = /\s*("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*"|[^,"{}[\]]+?)\s*(,|$)/y;

/** The entries of such an object in their order. Throws ERR_FORMAT if it is no JSON or not flat. */
export function readFlatObject(op: string, name: string, json: string): [string, unknown][] {
  const wrong = (cause?: unknown): SarafError =>
    new SarafError('ERR_FORMAT', op, `expected ${name} to be the JSON of an object of numbers or strings`, { cause });
  const inner = /^\s*\{([^]*)\}\s*$/.exec(json)?.[1];
  if (inner === undefined) throw wrong();
  const entries: [string, unknown][] = [];
  if (inner.trim() === '') return entries;
  ENTRY.lastIndex = 0;
  for (let more = true; more;) {
    const found = ENTRY.exec(inner);
    if (!found) throw wrong();
    try {
      entries.push([JSON.parse(found[1] as string) as string, JSON.parse(found[2] as string)]);
    } catch (error) {
      throw wrong(error);
    }
    more = found[3] === ',';
  }
  return entries;
}
