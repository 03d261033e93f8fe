import { chunksOfIndex, chunksOfTree, type Chunk } from './chunks.js';
import { elements, readDataspace, readDatatype, type Datatype } from './datatype.js';
import { readFilters, unfilter, type Filter } from './filters.js';
import { MESSAGE, readHeader, type Message } from './header.js';
import { utf8 } from './heaps.js';
import { eachInHeap, readLinks, type Target } from './links.js';
import { NOWHERE, Source, unsupported } from './source.js';
import { decodeNumbers, decodeTexts, describe, type Numbers } from './values.js';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** A small array beside an object. Decoded when asked for. */
export class Hdf5Attribute {
  constructor(
    private readonly source: Source,
    private readonly type: Datatype,
    readonly shape: readonly number[],
    private readonly raw: Uint8Array,
  ) {}

  get isText(): boolean {
    return this.type.kind === 'text' || this.type.kind === 'string';
  }

  /** The texts. Throws ERR_FORMAT if it holds something else; an empty list of whatever type is an empty list. */
  texts(): string[] {
    const count = elements(this.source, this.shape);
    return count === 0 ? [] : decodeTexts(this.source, this.type, this.raw, count);
  }

  numbers(): Numbers {
    return decodeNumbers(this.source, this.type, this.raw, elements(this.source, this.shape));
  }
}

/** What groups and datasets have in common. */
class Hdf5Object {
  private found: Map<string, Hdf5Attribute> | null = null;

  constructor(
    protected readonly source: Source,
    protected readonly messages: readonly Message[],
  ) {}

  get attributes(): ReadonlyMap<string, Hdf5Attribute> {
    if (this.found) return this.found;
    const { source } = this;
    const found = new Map<string, Hdf5Attribute>();
    for (const message of this.messages) {
      if (message.type === MESSAGE.attribute) readAttribute(source, message.at, message.size, found);
      else if (message.type === MESSAGE.attributeInfo) {
        const first = message.at + 2 + ((source.u8(message.at + 1) & 1) !== 0 ? 2 : 0);
        eachInHeap(source, first, 8, 0, (at, size) => readAttribute(source, at, size, found));
      }
    }
    this.found = found;
    return found;
  }

  /** The single text of an attribute, or null if there is none. */
  text(name: string): string | null {
    const attribute = this.attributes.get(name);
    return attribute?.isText ? (attribute.texts()[0] ?? null) : null;
  }
}

/** A dataset. Nothing of it is read but its description. */
export class Hdf5Dataset extends Hdf5Object {
  readonly shape: readonly number[];
  readonly type: Datatype;
  private readonly layout: number;
  private readonly filters: readonly Filter[];

  constructor(source: Source, messages: readonly Message[]) {
    super(source, messages);
    const at = (type: number): number => messages.find((m) => m.type === type)?.at ?? source.fail('expected a dataset in full');
    this.type = readDatatype(source, at(MESSAGE.datatype));
    this.shape = readDataspace(source, at(MESSAGE.dataspace)) ?? [0];
    this.layout = at(MESSAGE.layout);
    if (messages.some((m) => m.type === MESSAGE.external)) throw unsupported(source.name, 'a dataset in other files');
    const filters = messages.find((m) => m.type === MESSAGE.filters);
    this.filters = filters ? readFilters(source, filters.at) : [];
  }

  get size(): number {
    return elements(this.source, this.shape);
  }

  /** How an element is stored, in words. */
  get description(): string {
    return describe(this.type);
  }

  get isNumeric(): boolean {
    return this.type.kind === 'float' || this.type.kind === 'integer';
  }

  /** All values, row-major. Throws ERR_FORMAT if they are no numbers or the file is damaged. */
  numbers(): Numbers {
    return decodeNumbers(this.source, this.type, this.raw(), this.size);
  }

  texts(): string[] {
    return decodeTexts(this.source, this.type, this.raw(), this.size);
  }

  private raw(): Uint8Array {
    const { source, layout } = this;
    const bytes = this.size * this.type.size;
    const version = source.u8(layout);
    if (version === 3 || version === 4) {
      const kind = source.u8(layout + 1);
      if (kind === 0) return this.exactly(source.slice(layout + 4, source.u16(layout + 2)), bytes);
      if (kind === 1) return this.contiguous(source.address(layout + 2), source.length(layout + 2 + source.offsetSize), bytes);
      if (kind === 2) return this.chunked(version, bytes);
      throw unsupported(source.name, kind === 3 ? 'a virtual dataset' : `layout ${kind}`);
    }
    if (version !== 1 && version !== 2) source.fail(`expected a data layout, received version ${version}`);
    throw unsupported(source.name, 'a data layout from before 2005');
  }

  private exactly(data: Uint8Array, bytes: number): Uint8Array {
    if (data.length < bytes) this.source.fail(`expected ${bytes} bytes of data, received ${data.length}`);
    return data;
  }

  private contiguous(at: number, length: number, bytes: number): Uint8Array {
    if (bytes === 0) return new Uint8Array(0);
    // Never written: zeros, as HDF5 reads it.
    if (at === NOWHERE) return new Uint8Array(this.source.spend(bytes));
    if (length < bytes) this.source.fail(`expected ${bytes} bytes of data, received ${length}`);
    return this.source.slice(at, bytes);
  }

  private chunked(version: number, bytes: number): Uint8Array {
    const { source, layout, shape } = this;
    const flags = version === 4 ? source.u8(layout + 2) : 0;
    const rank = source.u8(layout + (version === 4 ? 3 : 2)) - 1;
    if (rank !== shape.length || rank < 1) source.fail(`expected chunks of ${shape.length} axes, received ${rank}`);
    const width = version === 4 ? source.u8(layout + 4) : 4;
    const first = layout + (version === 4 ? 5 : 3 + source.offsetSize);
    const chunk = Array.from({ length: rank }, (_, i) => source.unsigned(first + i * width, width));
    if (chunk.some((n) => n < 1)) source.fail(`expected a chunk with elements, received (${chunk.join(',')})`);
    if (source.unsigned(first + rank * width, width) !== this.type.size) source.fail('expected elements of one size');
    const index = { shape, chunk, elementSize: this.type.size, filtered: this.filters.length > 0 };
    const chunks =
      version === 4
        ? chunksOfIndex(source, first + (rank + 1) * width, flags, index)
        : chunksOfTree(source, source.address(layout + 3), index);
    const whole = elements(source, chunk) * this.type.size;
    const out = new Uint8Array(source.spend(bytes));
    if (bytes > 0) for (const piece of chunks) this.place(piece, chunk, whole, out);
    return out;
  }

  private place(piece: Chunk, chunk: readonly number[], whole: number, out: Uint8Array): void {
    const { source, shape } = this;
    const { size } = this.type;
    if (piece.offset.some((n, i) => n >= (shape[i] as number))) return;
    const stored = source.slice(piece.at, piece.size);
    const data = this.filters.length > 0 ? unfilter(source, stored, this.filters, piece.skipped, source.spend(whole)) : stored;
    const last = shape.length - 1;
    const run = Math.min(chunk[last] as number, (shape[last] as number) - (piece.offset[last] as number)) * size;
    // Rows of the chunk along its last axis, those beyond the dataset left out.
    const at = chunk.map(() => 0);
    for (;;) {
      if (at.every((n, i) => i === last || n + (piece.offset[i] as number) < (shape[i] as number))) {
        let [from, to] = [0, 0];
        for (let i = 0; i <= last; i++) {
          from = from * (chunk[i] as number) + (at[i] as number);
          to = to * (shape[i] as number) + (at[i] as number) + (piece.offset[i] as number);
        }
        out.set(data.subarray(from * size, from * size + run), to * size);
      }
      let axis = last - 1;
      while (
        axis >= 0 &&
        (at[axis] = (at[axis] as number) + 1) >= Math.min(chunk[axis] as number, (shape[axis] as number) - (piece.offset[axis] as number))
      )
        at[axis--] = 0;
      if (axis < 0) return;
    }
  }
}

/** A group of named objects. */
export class Hdf5Group extends Hdf5Object {
  private links: Map<string, Target> | null = null;

  constructor(
    source: Source,
    messages: readonly Message[],
    private readonly root: Hdf5Group | null = null,
  ) {
    super(source, messages);
  }

  /** Names in the order of the file's index (alphabetical); those that mean an order come as attributes. */
  keys(): string[] {
    return [...this.targets().keys()];
  }

  /** The object at a path from this group (from the root with a leading `/`), or null. Soft links are followed. */
  get(path: string): Hdf5Group | Hdf5Dataset | null {
    return this.follow(path, 0);
  }

  group(path: string): Hdf5Group | null {
    const found = this.get(path);
    return found instanceof Hdf5Group ? found : null;
  }

  dataset(path: string): Hdf5Dataset | null {
    const found = this.get(path);
    return found instanceof Hdf5Dataset ? found : null;
  }

  private targets(): Map<string, Target> {
    this.links ??= readLinks(this.source, this.messages);
    return this.links;
  }

  private follow(path: string, depth: number): Hdf5Group | Hdf5Dataset | null {
    this.source.step();
    if (depth > 16) this.source.fail(`expected links that end, received a circle at ${path}`);
    const root = this.root ?? this;
    let here: Hdf5Group | Hdf5Dataset = path.startsWith('/') ? root : this;
    for (const name of path.split('/')) {
      if (name === '' || name === '.') continue;
      if (!(here instanceof Hdf5Group)) return null;
      const target: Target | undefined = here.targets().get(name);
      if (!target) return null;
      const next: Hdf5Group | Hdf5Dataset | null = 'path' in target ? here.follow(target.path, depth + 1) : this.open(target.at, root);
      if (!next) return null;
      here = next;
    }
    return here;
  }

  private open(at: number, root: Hdf5Group): Hdf5Group | Hdf5Dataset {
    const messages = readHeader(this.source, at);
    return messages.some((m) => m.type === MESSAGE.layout)
      ? new Hdf5Dataset(this.source, messages)
      : new Hdf5Group(this.source, messages, root);
  }
}

function readAttribute(source: Source, at: number, size: number, into: Map<string, Hdf5Attribute>): void {
  source.step();
  const version = source.u8(at);
  if (version < 1 || version > 3) source.fail(`expected an attribute at ${at}, received version ${version}`);
  if (version > 1 && (source.u8(at + 1) & 3) !== 0) throw unsupported(source.name, 'an attribute with a shared type');
  const pad = (n: number): number => (version === 1 ? Math.ceil(n / 8) * 8 : n);
  const [nameSize, typeSize, spaceSize] = [source.u16(at + 2), source.u16(at + 4), source.u16(at + 6)];
  const nameAt = at + (version === 3 ? 9 : 8);
  const bytes = source.slice(nameAt, nameSize);
  const end = bytes.indexOf(0);
  const name = utf8(source, end < 0 ? bytes : bytes.subarray(0, end));
  const typeAt = nameAt + pad(nameSize);
  const spaceAt = typeAt + pad(typeSize);
  const dataAt = spaceAt + pad(spaceSize);
  const type = readDatatype(source, typeAt);
  const shape = readDataspace(source, spaceAt) ?? [0];
  const length = elements(source, shape) * type.size;
  if (dataAt + length > at + size) source.fail(`expected attribute ${name} to end before ${at + size}`);
  into.set(name, new Hdf5Attribute(source, type, shape, source.slice(dataAt, length)));
}

/**
 * Opens an HDF5 file that lies in memory and returns its root group.
 *
 * Reads what h5py and libhdf5 write for numbers and texts: superblocks 0 to 3, groups of every kind, contiguous, compact and
 * chunked data, the filters deflate, shuffle and fletcher32. Memory beyond the file's own is bounded (see `Source`).
 * Throws: ERR_FORMAT if the file is damaged, or for a feature that is not read.
 * Source: HDF5 File Format Specification 3.0.
 * Example: openHdf5(readFileSync('model.h5'), 'model.h5').dataset('model_weights/dense/dense/kernel:0')?.numbers()
 */
export function openHdf5(bytes: Uint8Array, name: string): Hdf5Group {
  const source = new Source(bytes, name);
  let at = 0;
  const here = (): boolean => SIGNATURE.every((b, i) => bytes[at + i] === b);
  // A user block may come first, of 512 bytes or a doubled number of them.
  while (!here()) {
    at = at === 0 ? 512 : 2 * at;
    if (at + 8 > bytes.length) source.fail('expected the signature of HDF5');
  }
  const version = source.u8(at + 8);
  let rootAt: number;
  let end: number;
  if (version <= 1) {
    source.offsetSize = source.u8(at + 13);
    source.lengthSize = source.u8(at + 14);
    checkWidths(source);
    const first = at + (version === 0 ? 24 : 28);
    source.base = source.unsigned(first, source.offsetSize);
    end = source.unsigned(first + 2 * source.offsetSize, source.offsetSize);
    rootAt = first + 5 * source.offsetSize;
  } else if (version <= 3) {
    source.offsetSize = source.u8(at + 9);
    source.lengthSize = source.u8(at + 10);
    checkWidths(source);
    source.checksum(at, 12 + 4 * source.offsetSize);
    source.base = source.unsigned(at + 12, source.offsetSize);
    end = source.unsigned(at + 12 + 2 * source.offsetSize, source.offsetSize);
    rootAt = at + 12 + 3 * source.offsetSize;
  } else {
    return source.fail(`expected superblock 0 to 3, received ${version}`);
  }
  if (end > bytes.length) source.fail(`expected ${end} bytes, received ${bytes.length}`);
  if (source.base !== at && source.base !== 0) source.fail(`expected the file to begin at ${at}, received ${source.base}`);
  return new Hdf5Group(source, readHeader(source, source.address(rootAt)));
}

function checkWidths(source: Source): void {
  for (const n of [source.offsetSize, source.lengthSize])
    if (n !== 4 && n !== 8) source.fail(`expected addresses of 4 or 8 bytes, received ${n}`);
}
