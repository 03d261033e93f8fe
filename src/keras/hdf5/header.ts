import type { Source } from './source.js';
import { unsupported } from './source.js';

/** Numbers of the header messages that are read. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  external: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

const USED = new Set<number>(Object.values(MESSAGE));

/** One message of an object header; `at` is an absolute position. */
export interface Message {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

/** All messages of the object at an address, continuations included. */
export function readHeader(source: Source, at: number): Message[] {
  source.step();
  const second = source.u8(at) === 0x4f;
  const messages: Message[] = [];
  const blocks: { at: number; end: number }[] = [];
  let prefix = 8;
  let total = Infinity;
  if (second) {
    source.signature(at, 'OHDR');
    const flags = source.u8(at + 5);
    if (source.u8(at + 4) !== 2) source.fail(`expected version 2 of an object header at ${at}`);
    const width = 1 << (flags & 3);
    const sizeAt = at + 6 + ((flags & 0x20) !== 0 ? 16 : 0) + ((flags & 0x10) !== 0 ? 4 : 0);
    const size = source.unsigned(sizeAt, width);
    prefix = 4 + ((flags & 4) !== 0 ? 2 : 0);
    source.checksum(at, sizeAt + width + size - at);
    blocks.push({ at: sizeAt + width, end: sizeAt + width + size });
  } else {
    if (source.u8(at) !== 1) source.fail(`expected an object header at ${at}, received version ${source.u8(at)}`);
    total = source.u16(at + 2);
    const size = source.u32(at + 8);
    source.check(at + 16, size);
    blocks.push({ at: at + 16, end: at + 16 + size });
  }
  for (let b = 0; b < blocks.length; b++) {
    let { at: pos } = blocks[b] as { at: number; end: number };
    const { end } = blocks[b] as { at: number; end: number };
    while (pos + prefix <= end && messages.length < total) {
      source.step();
      const type = second ? source.u8(pos) : source.u16(pos);
      const size = source.u16(pos + (second ? 1 : 2));
      const flags = source.u8(pos + (second ? 3 : 4));
      const body = pos + prefix;
      if (body + size > end) source.fail(`expected a message of ${size} bytes at ${body} to end before ${end}`);
      if ((flags & 2) !== 0 && USED.has(type)) throw unsupported(source.name, 'a message shared between objects');
      messages.push({ type, at: body, size });
      if (type === MESSAGE.continuation) blocks.push(continuation(source, body, second));
      pos = body + size;
    }
  }
  return messages;
}

function continuation(source: Source, at: number, second: boolean): { at: number; end: number } {
  const start = source.address(at);
  const length = source.length(at + source.offsetSize);
  source.check(start, length);
  if (!second) return { at: start, end: start + length };
  source.signature(start, 'OCHK');
  if (length < 8) source.fail(`expected a header block of at least 8 bytes, received ${length}`);
  source.checksum(start, length - 4);
  return { at: start + 4, end: start + length - 4 };
}
