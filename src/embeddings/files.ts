import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { WordVectors } from './word-vectors.js';

/** The two formats of the published program: numbers as text, or float32 in little-endian order after each word. */
export type WordVectorFormat = 'text' | 'binary';

const OP = 'loadWordVectors';
const MOST_WORDS = 100_000_000;
const MOST_COLUMNS = 100_000;
const [SPACE, NEWLINE] = [0x20, 0x0a];

/** `.bin` is the binary format, all else the text one. */
const formatOf = (path: string): WordVectorFormat => (/\.bin(\.gz)?$/.test(path) ? 'binary' : 'text');

/**
 * Writes vectors in word2vec's text format, or for a path that ends in `.bin` in its binary one; other programs read both.
 *
 * Throws: ERR_DATA for a word with a space, tab or line break in it, which the formats cannot hold.
 * Example: `await saveWordVectors(vectors, 'vectors.bin')`
 */
export async function saveWordVectors(vectors: WordVectors, path: string, format: WordVectorFormat = formatOf(path)): Promise<void> {
  const bad = vectors.words.find((word) => word === '' || /[ \t\n\v\f\r]/.test(word));
  if (bad !== undefined)
    throw new SarafError('ERR_DATA', 'saveWordVectors', `expected words without white space, received ${JSON.stringify(bad)}; use toTable`);
  const parts: Buffer[] = [Buffer.from(`${vectors.words.length} ${vectors.vectorSize}\n`)];
  for (const word of vectors.words) {
    const row = vectors.vector(word);
    if (format === 'text') parts.push(Buffer.from(`${word} ${Array.from(row, (value) => shortest(value)).join(' ')}\n`));
    else {
      const bytes = Buffer.alloc(4 * row.length);
      row.forEach((value, d) => bytes.writeFloatLE(value, 4 * d));
      parts.push(Buffer.from(`${word} `), bytes, Buffer.from('\n'));
    }
  }
  writeFileAtomic(path, Buffer.concat(parts));
}

/** Fewest digits that give the same float32. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/**
 * Reads vectors in word2vec's text or binary format (`.bin`), gzipped or not: those of `saveWordVectors`, gensim, fastText (text) and others.
 *
 * Throws: ERR_FORMAT with the line or word at which the file is damaged; a file that claims more than it holds takes no memory for it.
 * Example: `const vectors = await loadWordVectors('cc.id.300.vec.gz')`
 */
export async function loadWordVectors(path: string, format: WordVectorFormat = formatOf(path)): Promise<WordVectors> {
  const reader = await Bytes.open(path);
  try {
    const head = (await reader.until(NEWLINE, 'a first line "words vectorSize"')).toString('utf8').trim();
    const [count, size] = head.split(' ').map(Number) as [number, number];
    const whole = (n: number, most: number): boolean => Number.isInteger(n) && n >= 1 && n <= most;
    if (!/^\d+ \d+$/.test(head) || !whole(count, MOST_WORDS) || !whole(size, MOST_COLUMNS))
      throw reader.damaged(`expected a first line of two counts, words and vector size, received ${JSON.stringify(head.slice(0, 60))}`);
    const words: string[] = [];
    let values = new Float32Array(Math.min(count, 1024) * size);
    for (let i = 0; i < count; i++) {
      if ((i + 1) * size > values.length) {
        const larger = new Float32Array(Math.min(count, 2 * i) * size);
        larger.set(values);
        values = larger;
      }
      const row = values.subarray(i * size, (i + 1) * size);
      words.push(format === 'text' ? await textRow(reader, row, i) : await binaryRow(reader, row, i));
    }
    if (!(await reader.atEnd())) throw reader.damaged(`expected ${count} words, as the first line says, received more`);
    if (new Set(words).size !== words.length) throw reader.damaged('expected every word once, received one twice');
    return new WordVectors(words, values);
  } finally {
    await reader.close();
  }
}

async function textRow(reader: Bytes, row: Float32Array, i: number): Promise<string> {
  const line = (await reader.until(NEWLINE, `line ${i + 2}`)).toString('utf8').replace(/\r$/, '').trimEnd();
  const cells = line.split(' ');
  if (cells.length !== row.length + 1 || cells[0] === '')
    throw reader.damaged(`expected a word and ${row.length} numbers in line ${i + 2}, received ${cells.length} cells`);
  for (let d = 0; d < row.length; d++) {
    const value = Number(cells[d + 1]);
    if (cells[d + 1] === '' || !Number.isFinite(value))
      throw reader.damaged(`expected numbers in line ${i + 2}, received ${JSON.stringify(cells[d + 1])}`);
    row[d] = value;
  }
  return cells[0] as string;
}

async function binaryRow(reader: Bytes, row: Float32Array, i: number): Promise<string> {
  const word = (await reader.until(SPACE, `word ${i + 1}`)).toString('utf8').replace(/^\n/, '');
  if (word === '') throw reader.damaged(`expected word ${i + 1} before a space, received none`);
  const bytes = await reader.take(4 * row.length, `the vector of word ${i + 1}`);
  for (let d = 0; d < row.length; d++) {
    row[d] = bytes.readFloatLE(4 * d);
    if (!Number.isFinite(row[d])) throw reader.damaged(`expected numbers for word ${i + 1}, received ${String(row[d])}`);
  }
  return word;
}

/** A file piece by piece, unzipped on the way. */
class Bytes {
  /** No word and no line of numbers is longer. */
  private static readonly LONGEST = 16 * 2 ** 20;
  private buffer: Buffer = Buffer.alloc(0);

  private constructor(
    private readonly path: string,
    private readonly stream: AsyncIterator<Buffer>,
    readonly close: () => Promise<void>,
  ) {}

  static async open(path: string): Promise<Bytes> {
    // A missing file is told here, with the path.
    await (await open(path)).close();
    const file = createReadStream(path, { highWaterMark: 2 ** 20 });
    const stream = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
    file.on('error', (error) => stream.destroy(error));
    const close = async (): Promise<void> => {
      file.destroy();
      stream.destroy();
    };
    return new Bytes(path, stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>, close);
  }

  damaged(what: string, cause?: unknown): SarafError {
    return new SarafError('ERR_FORMAT', OP, `${this.path}: ${what}; is it word2vec's text format, or binary in a file named .bin?`, {
      cause,
    });
  }

  /** Everything up to a byte, which is passed over. */
  async until(byte: number, what: string): Promise<Buffer> {
    for (let from = 0; ;) {
      const at = this.buffer.indexOf(byte, from);
      if (at >= 0) {
        const found = this.buffer.subarray(0, at);
        this.buffer = this.buffer.subarray(at + 1);
        return found;
      }
      from = this.buffer.length;
      if (from > Bytes.LONGEST) throw this.damaged(`expected ${what}, received more than 16 MiB without its end`);
      if (await this.more()) continue;
      if (from === 0) throw this.damaged(`expected ${what}, received the end of the file`);
      const rest = this.buffer;
      this.buffer = Buffer.alloc(0);
      return rest;
    }
  }

  async take(count: number, what: string): Promise<Buffer> {
    while (this.buffer.length < count) if (!(await this.more())) throw this.damaged(`expected ${what}, received the end of the file`);
    const taken = this.buffer.subarray(0, count);
    this.buffer = this.buffer.subarray(count);
    return taken;
  }

  /** Whether nothing but white space is left. */
  async atEnd(): Promise<boolean> {
    do {
      if (!/^[ \n\r]*$/.test(this.buffer.toString('latin1'))) return false;
      this.buffer = Buffer.alloc(0);
    } while (await this.more());
    return true;
  }

  private async more(): Promise<boolean> {
    try {
      const { done, value } = await this.stream.next();
      if (done) return false;
      this.buffer = Buffer.concat([this.buffer, value]);
      return true;
    } catch (cause) {
      throw this.damaged(`expected a gzipped file, received one that cannot be unzipped: ${(cause as Error).message}`, cause);
    }
  }
}
