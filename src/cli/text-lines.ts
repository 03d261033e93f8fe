import { isUtf8 } from 'node:buffer';
import { SarafError } from '../errors.js';

const NEWLINE = 10;
/** Bytes that a line may have: more is no line but another kind of file. */
const LONGEST = 64 * 2 ** 20;

/**
 * The lines of a stream of bytes, as many at a time as have come, without their ends (LF or CRLF). A byte-order mark is dropped.
 *
 * Throws: ERR_DATA naming the line if it is not UTF-8 or has no end in sight.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array>, encoding: 'utf-8' | 'latin1'): AsyncGenerator<string[]> {
  let rest: Uint8Array[] = [];
  let held = 0;
  let line = 1;
  function* decode(bytes: Buffer): Generator<string[]> {
    const good = encoding === 'latin1' || isUtf8(bytes) ? bytes.length : startOfBadLine(bytes);
    // What comes before the bad line is as good as ever; there is no such line if the first is the bad one.
    if (good === bytes.length || good > 0) {
      let text = bytes.toString(encoding, 0, good < bytes.length ? good - 1 : good);
      if (line === 1 && text.startsWith('\ufeff')) text = text.slice(1);
      const lines = text.split('\n').map((one) => (one.endsWith('\r') ? one.slice(0, -1) : one));
      line += lines.length;
      yield lines;
    }
    if (good < bytes.length) throw badLine(bytes.subarray(good), line);
  }
  for await (const chunk of input) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      rest.push(chunk);
      held += chunk.length;
      if (held > LONGEST)
        throw new SarafError(
          'ERR_DATA',
          'text',
          `line ${line}: expected a line of at most ${LONGEST} bytes, received no line end after ${held}`,
        );
      continue;
    }
    yield* decode(Buffer.concat([...rest, chunk.subarray(0, end)]));
    rest = [chunk.subarray(end + 1)];
    held = chunk.length - end - 1;
  }
  if (held > 0) yield* decode(Buffer.concat(rest));
}

/** Where the line begins that is not UTF-8. */
function startOfBadLine(bytes: Buffer): number {
  let from = 0;
  for (let to = bytes.indexOf(NEWLINE); to >= 0 && isUtf8(bytes.subarray(from, to)); to = bytes.indexOf(NEWLINE, from)) from = to + 1;
  return from;
}

/** Names the byte that begins what is not UTF-8. */
function badLine(bytes: Buffer, line: number): SarafError {
  let good = 0;
  // A character has four bytes at most, so what is good ends near the first byte that is not.
  for (let to = 1; to <= bytes.length && to <= good + 4; ++to) if (isUtf8(bytes.subarray(good, to))) good = to;
  const byte = `0x${(bytes[good] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
  return new SarafError(
    'ERR_DATA',
    'text',
    `line ${line}: expected UTF-8, received byte ${byte}; pass --encoding latin1 or convert the text to UTF-8`,
  );
}
