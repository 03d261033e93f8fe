import { treeLeaves, treeRecords } from './btree.js';
import { MESSAGE, type Message } from './header.js';
import { FractalHeap, localText, utf8 } from './heaps.js';
import { NOWHERE, type Source } from './source.js';

/** Where a name leads: to an object header, or to another path. */
export type Target = { readonly at: number } | { readonly path: string };

/** Names of a group and where they lead, whichever way the group is stored. */
export function readLinks(source: Source, messages: readonly Message[]): Map<string, Target> {
  const links = new Map<string, Target>();
  const add = (name: string, target: Target): void => {
    if (name === '' || name === '.' || name.includes('/')) source.fail(`expected the name of a link, received ${JSON.stringify(name)}`);
    if (links.has(name)) source.fail(`expected different names in a group, received ${name} twice`);
    links.set(name, target);
  };
  for (const message of messages) {
    if (message.type === MESSAGE.symbolTable) readSymbolTable(source, message.at, add);
    else if (message.type === MESSAGE.link) readLink(source, message.at, add);
    else if (message.type === MESSAGE.linkInfo) {
      const first = message.at + 2 + ((source.u8(message.at + 1) & 1) !== 0 ? 8 : 0);
      eachInHeap(source, first, 5, 4, (at) => readLink(source, at, add));
    }
  }
  return links;
}

/** Calls `visit` with the position of each object of a heap that a name tree (address after the heap's) indexes. */
export function eachInHeap(source: Source, at: number, type: number, idOffset: number, visit: (at: number, size: number) => void): void {
  const heapAt = source.address(at);
  const tree = source.address(at + source.offsetSize);
  if (heapAt === NOWHERE) return;
  const heap = new FractalHeap(source, heapAt);
  for (const record of treeRecords(source, tree, [type])) {
    const object = heap.object(record + idOffset);
    visit(object.at, object.size);
  }
}

type Add = (name: string, target: Target) => void;

function readSymbolTable(source: Source, at: number, add: Add): void {
  const tree = source.address(at);
  const heap = source.address(at + source.offsetSize);
  for (const { child } of treeLeaves(source, tree, 0, source.lengthSize)) {
    source.signature(child, 'SNOD');
    const count = source.u16(child + 6);
    const width = 2 * source.offsetSize + 24;
    for (let i = 0; i < count; i++) {
      source.step();
      const entry = child + 8 + i * width;
      const name = localText(source, heap, source.unsigned(entry, source.offsetSize));
      const scratch = entry + 2 * source.offsetSize + 8;
      if (source.u32(scratch - 8) === 2) add(name, { path: localText(source, heap, source.u32(scratch)) });
      else add(name, { at: source.address(entry + source.offsetSize) });
    }
  }
}

function readLink(source: Source, at: number, add: Add): void {
  source.step();
  const flags = source.u8(at + 1);
  if (source.u8(at) !== 1) source.fail(`expected version 1 of a link at ${at}`);
  let pos = at + 2;
  const type = (flags & 8) !== 0 ? source.u8(pos++) : 0;
  if ((flags & 4) !== 0) pos += 8;
  if ((flags & 16) !== 0) pos += 1;
  const width = 1 << (flags & 3);
  const length = source.unsigned(pos, width);
  const name = utf8(source, source.slice(pos + width, length));
  pos += width + length;
  if (type === 0) add(name, { at: source.address(pos) });
  else if (type === 1) add(name, { path: utf8(source, source.slice(pos + 2, source.u16(pos))) });
  else source.fail(`expected a hard or soft link for ${name}, received type ${type}`);
}
