import { SarafError } from '../../errors.js';

/** An address that points nowhere (all bits set). */
export const NOWHERE = -1;

/** Memory that a file may ask for beyond its own size; compressed data unfold to at most 256 times their size. */
const BUDGET_BASE = 16 * 2 ** 20;
const BUDGET_RATIO = 256;

/** An error that says what is wrong with a file. */
export function damaged(source: string, what: string): SarafError {
  return new SarafError('ERR_FORMAT', 'hdf5', `${source}: ${what}; the file is damaged or no HDF5 file, copy or save it again`);
}

/** An error for what HDF5 can hold and this reader does not read. */
export function unsupported(source: string, what: string): SarafError {
  return new SarafError('ERR_FORMAT', 'hdf5', `${source}: ${what} is not supported; save the file again with h5py's default settings`);
}

/**
 * The bytes of an HDF5 file. Every read is checked against the file's end, every structure visited is counted, and all
 * memory that is not a view of the file is taken from one budget: a file that lies about lengths, counts or addresses, or
 * points in circles, ends in ERR_FORMAT.
 */
export class Source {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where address 0 lies. */
  base = 0;
  /** Width of addresses and of lengths in bytes. */
  offsetSize = 8;
  lengthSize = 8;
  private steps: number;
  private budget: number;

  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes;
    this.name = name;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.steps = 10_000 + bytes.length;
    this.budget = BUDGET_BASE + BUDGET_RATIO * bytes.length;
  }

  fail(what: string): never {
    throw damaged(this.name, what);
  }

  /** Counts one structure visited. */
  step(): void {
    if (--this.steps < 0) this.fail('expected structures that end, received a circle');
  }

  /** Takes memory from the budget. */
  spend(bytes: number): number {
    this.budget -= bytes;
    if (!(this.budget >= 0)) this.fail(`expected sizes that fit the file, received ${bytes} bytes more`);
    return bytes;
  }

  /** Checks that `length` bytes lie at the absolute position `at`. */
  check(at: number, length: number): number {
    if (!(at >= 0 && length >= 0 && at + length <= this.bytes.length))
      this.fail(`expected ${length} bytes at ${at}, the file ends at ${this.bytes.length}`);
    return at;
  }

  u8(at: number): number {
    return this.view.getUint8(this.check(at, 1));
  }

  u16(at: number): number {
    return this.view.getUint16(this.check(at, 2), true);
  }

  u32(at: number): number {
    return this.view.getUint32(this.check(at, 4), true);
  }

  /** An unsigned number of 1 to 8 bytes; beyond 2⁵³ it is no size of anything. */
  unsigned(at: number, width: number): number {
    this.check(at, width);
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + (this.bytes[at + i] as number);
    if (value > Number.MAX_SAFE_INTEGER) this.fail(`expected a size at ${at}, received ${value}`);
    return value;
  }

  length(at: number): number {
    return this.unsigned(at, this.lengthSize);
  }

  /** An address as an absolute position, or NOWHERE. */
  address(at: number): number {
    const width = this.offsetSize;
    this.check(at, width);
    let none = true;
    for (let i = 0; i < width && none; i++) none = this.bytes[at + i] === 255;
    return none ? NOWHERE : this.check(this.base + this.unsigned(at, width), 0);
  }

  slice(at: number, length: number): Uint8Array {
    this.check(at, length);
    return this.bytes.subarray(at, at + length);
  }

  /** Four letters that mark a structure. */
  signature(at: number, expected: string): void {
    const found = String.fromCharCode(...this.slice(at, 4));
    if (found !== expected) this.fail(`expected ${expected} at ${at}`);
    this.step();
  }

  /** Compares the checksum that follows `length` bytes at `at`. */
  checksum(at: number, length: number): void {
    if (lookup3(this.slice(at, length)) !== this.u32(at + length)) this.fail(`expected the recorded checksum of ${length} bytes at ${at}`);
  }
}

/** Bob Jenkins' lookup3 (hashlittle) with the start value 0, as HDF5 sums its metadata. */
export function lookup3(data: Uint8Array): number {
  let length = data.length;
  let a = (0xdeadbeef + length) | 0;
  let b = a;
  let c = a;
  let at = 0;
  const rot = (x: number, k: number): number => (x << k) | (x >>> (32 - k));
  const word = (i: number): number => (data[i] ?? 0) | ((data[i + 1] ?? 0) << 8) | ((data[i + 2] ?? 0) << 16) | ((data[i + 3] ?? 0) << 24);
  while (length > 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = ((a - c) | 0) ^ rot(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rot(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rot(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ rot(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rot(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rot(b, 4);
    b = (b + a) | 0;
    length -= 12;
    at += 12;
  }
  if (length === 0) return c >>> 0;
  // Beyond the end `word` reads zeros, as the original's switch does.
  a = (a + word(at)) | 0;
  b = (b + word(at + 4)) | 0;
  c = (c + word(at + 8)) | 0;
  c = ((c ^ b) - rot(b, 14)) | 0;
  a = ((a ^ c) - rot(c, 11)) | 0;
  b = ((b ^ a) - rot(a, 25)) | 0;
  c = ((c ^ b) - rot(b, 16)) | 0;
  a = ((a ^ c) - rot(c, 4)) | 0;
  b = ((b ^ a) - rot(a, 14)) | 0;
  c = ((c ^ b) - rot(b, 24)) | 0;
  return c >>> 0;
}
