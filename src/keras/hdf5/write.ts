import { lookup3 } from './source.js';

/** What an attribute of a written file may be: one text or a list of texts. */
export type AttributeValue = string | readonly string[];

/** A dataset to write. */
export interface DatasetTree {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | Int32Array | BigInt64Array;
}

/** A group to write; a child is a dataset if it has values. */
export interface GroupTree {
  attributes?: Readonly<Record<string, AttributeValue>>;
  children: Record<string, GroupTree | DatasetTree>;
}

const UNDEFINED_ADDRESS = 0xffffffffffffffffn;
/** The least that libhdf5 reads of a collection of the global heap. */
const LEAST_COLLECTION = 4096;
/** A header message is at most 64 kB long; texts take 16 bytes of it each. Longer lists must be split by the caller. */
export const MOST_TEXTS = 4000;

/** Bytes of little-endian numbers, one after the other. */
class Bytes {
  private readonly parts: number[] = [];

  u8(...values: number[]): this {
    for (const v of values) this.parts.push(v & 255);
    return this;
  }

  u16(value: number): this {
    return this.u8(value, value >>> 8);
  }

  u32(value: number): this {
    return this.u8(value, value >>> 8, value >>> 16, value >>> 24);
  }

  u64(value: number | bigint): this {
    const v = BigInt.asUintN(64, BigInt(value));
    return this.u32(Number(v & 0xffffffffn)).u32(Number(v >> 32n));
  }

  bytes(values: Iterable<number>): this {
    for (const v of values) this.parts.push(v);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.parts);
  }
}

/** Texts of variable length: a sequence of bytes in UTF-8 that ends with a zero. */
const TEXT_TYPE = new Bytes().u8(0x19, 0x01, 0x01, 0).u32(16).u8(0x10, 0, 0, 0).u32(1).u16(0).u16(8).done();

function numberType(values: DatasetTree['values']): Uint8Array {
  const type = new Bytes();
  if (values instanceof Float32Array) return type.u8(0x11, 0x20, 31, 0).u32(4).u16(0).u16(32).u8(23, 8, 0, 23).u32(127).done();
  if (values instanceof Float64Array) return type.u8(0x11, 0x20, 63, 0).u32(8).u16(0).u16(64).u8(52, 11, 0, 52).u32(1023).done();
  const size = values.BYTES_PER_ELEMENT;
  return type
    .u8(0x10, 0x08, 0, 0)
    .u32(size)
    .u16(0)
    .u16(8 * size)
    .done();
}

function dataspace(shape: readonly number[] | null): Uint8Array {
  const space = new Bytes().u8(2, shape?.length ?? 0, 0, shape === null ? 0 : shape.length === 0 ? 0 : 1);
  for (const n of shape ?? []) space.u64(n);
  return space.done();
}

interface Placed {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Places what is written at ascending addresses. */
class Layout {
  readonly placed: Placed[] = [];
  private end: number;
  private readonly texts: Uint8Array[] = [];
  private heapAt = 0;

  constructor(
    start: number,
    private readonly encoder = new TextEncoder(),
  ) {
    this.end = start;
  }

  get size(): number {
    return this.end;
  }

  put(bytes: Uint8Array): number {
    const at = Math.ceil(this.end / 8) * 8;
    this.placed.push({ at, bytes });
    this.end = at + bytes.length;
    return at;
  }

  /** Sets room aside for all texts, which the attributes point at. */
  reserveTexts(all: readonly string[]): void {
    const objects = all.map((text) => this.encoder.encode(text));
    const used = 16 + objects.reduce((sum, o) => sum + 16 + Math.ceil(o.length / 8) * 8, 0);
    const size = Math.max(LEAST_COLLECTION, used + 16);
    const heap = new Uint8Array(size);
    const view = new DataView(heap.buffer);
    heap.set(this.encoder.encode('GCOL'));
    heap[4] = 1;
    view.setBigUint64(8, BigInt(size), true);
    let at = 16;
    for (const [i, object] of objects.entries()) {
      view.setUint16(at, i + 1, true);
      view.setBigUint64(at + 8, BigInt(object.length), true);
      heap.set(object, at + 16);
      at += 16 + Math.ceil(object.length / 8) * 8;
    }
    // What is left is object 0, the free space.
    view.setBigUint64(at + 8, BigInt(size - at), true);
    this.heapAt = this.put(heap);
  }

  /** The reference to the next text, in the order of `reserveTexts`. */
  reference(text: string): Uint8Array {
    const bytes = this.encoder.encode(text);
    this.texts.push(bytes);
    return new Bytes().u32(bytes.length).u64(this.heapAt).u32(this.texts.length).done();
  }

  object(messages: readonly { type: number; data: Uint8Array }[]): number {
    const size = messages.reduce((sum, m) => sum + 4 + m.data.length, 0);
    const header = new Bytes().bytes(new TextEncoder().encode('OHDR')).u8(2, 2).u32(size);
    for (const { type, data } of messages) header.u8(type).u16(data.length).u8(0).bytes(data);
    const bytes = header.done();
    return this.put(Uint8Array.from([...bytes, ...new Bytes().u32(lookup3(bytes)).done()]));
  }
}

const isDataset = (tree: GroupTree | DatasetTree): tree is DatasetTree => 'values' in tree;

/** Attributes of a group and then of its children, in the order in which they are written. */
function textsOf(tree: GroupTree): string[] {
  const inner = Object.values(tree.children).flatMap((child) => (isDataset(child) ? [] : textsOf(child)));
  return [...inner, ...Object.values(tree.attributes ?? {}).flat()];
}

function attribute(name: string, value: AttributeValue, layout: Layout): Uint8Array {
  const label = [...new TextEncoder().encode(name), 0];
  const list = typeof value === 'string' ? [value] : value;
  const space = dataspace(typeof value === 'string' ? [] : [list.length]);
  const message = new Bytes()
    .u8(3, 0)
    .u16(label.length)
    .u16(TEXT_TYPE.length)
    .u16(space.length)
    .u8(1)
    .bytes(label)
    .bytes(TEXT_TYPE)
    .bytes(space);
  for (const text of list) message.bytes(layout.reference(text));
  return message.done();
}

function writeDataset({ shape, values }: DatasetTree, layout: Layout): number {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const address = bytes.length > 0 ? BigInt(layout.put(bytes)) : UNDEFINED_ADDRESS;
  return layout.object([
    { type: 0x01, data: dataspace(shape) },
    { type: 0x03, data: numberType(values) },
    // Fill value: allocated early, written if set by the user, undefined.
    { type: 0x05, data: Uint8Array.of(3, 0x0a) },
    { type: 0x08, data: new Bytes().u8(3, 1).u64(address).u64(bytes.length).done() },
  ]);
}

function writeGroup({ attributes = {}, children }: GroupTree, layout: Layout): number {
  const links = Object.entries(children).map(([name, child]) => {
    const at = isDataset(child) ? writeDataset(child, layout) : writeGroup(child, layout);
    const label = new TextEncoder().encode(name);
    return new Bytes().u8(1, 0x11, 1).u16(label.length).bytes(label).u64(at).done();
  });
  return layout.object([
    { type: 0x02, data: new Bytes().u8(0, 0).u64(UNDEFINED_ADDRESS).u64(UNDEFINED_ADDRESS).done() },
    { type: 0x0a, data: Uint8Array.of(0, 0) },
    ...links.map((data) => ({ type: 0x06, data })),
    ...Object.entries(attributes).map(([name, value]) => ({ type: 0x0c, data: attribute(name, value, layout) })),
  ]);
}

/**
 * The bytes of an HDF5 file: numbers and texts, contiguous, without dates, so that the
 * same tree gives the same bytes. libhdf5 1.8 and later reads it.
 *
 * Source: HDF5 File Format Specification 3.0: superblock 2, object headers 2, links in the group's header.
 */
export function writeHdf5(root: GroupTree): Uint8Array {
  const layout = new Layout(48);
  layout.reserveTexts(textsOf(root));
  const rootAt = writeGroup(root, layout);
  const head = new Bytes()
    .u8(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 2, 8, 8, 0)
    .u64(0)
    .u64(UNDEFINED_ADDRESS)
    .u64(layout.size)
    .u64(rootAt)
    .done();
  const file = new Uint8Array(layout.size);
  file.set(head);
  file.set(new Bytes().u32(lookup3(head)).done(), head.length);
  for (const { at, bytes } of layout.placed) file.set(bytes, at);
  return file;
}
