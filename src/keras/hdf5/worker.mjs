// Runs h5wasm (libhdf5 compiled to WebAssembly) in a thread of its own. What a damaged file does to it (a trap, a loop without
// end, hunger for memory) stays in here: `hdf5-thread.ts` bounds its time and ends it, this file bounds its memory.
// Plain JavaScript, because a thread starts from a file that Node runs as it is, in a checkout and in the package.
import { parentPort } from 'node:worker_threads';

const answerWith = (message, transfer = []) => parentPort.postMessage(message, transfer);

/** What is wrong with a file, found in an orderly way: the thread lives on. */
class Refusal extends Error {}

const fail = (what) => {
  throw new Refusal(what);
};

/** WebAssembly memory may grow to this many bytes, set for each file. */
let mostMemory = 64 * 2 ** 20;
const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 65536 > mostMemory) throw new RangeError('no more memory for this file');
  return grow.call(this, pages);
};
/** libhdf5 tells its errors on the console. */
const told = [];
console.error = (...words) => {
  if (told.length < 200) told.push(words.join(' '));
};
// It stamps what it writes; the same tree must give the same bytes.
Date.now = () => 0;

const { ready, File } = await import('h5wasm');
const hdf5 = await ready;
const { FS } = hdf5;

const INTEGER = hdf5.H5T_class_t.H5T_INTEGER.value;
const FLOAT = hdf5.H5T_class_t.H5T_FLOAT.value;
const STRING = hdf5.H5T_class_t.H5T_STRING.value;
const CLASSES = ['integer', 'float', 'time', 'string', 'bit field', 'opaque', 'compound', 'reference', 'enumeration', 'sequence', 'array'];

/** Memory above which the thread is not kept: WebAssembly gives none back. */
const KEPT = 48 * 2 ** 20;
/** Beyond its own size a file may ask for this, compressed data for this multiple. */
const SPARE = 2 ** 20;
const MOST_UNFOLDED = 256;
const DEEPEST = 24;

/** The innermost of the reasons that libhdf5 told. */
function reason() {
  const lines = told.filter((line) => /#\d{3}:/.test(line));
  return lines.at(-1)?.replace(/^.*?\(\): /, '') ?? 'it cannot be read';
}

/** One file open in memory. */
class Reader {
  constructor(bytes, path) {
    this.size = bytes.length;
    this.objects = 1000 + bytes.length / 32;
    FS.writeFile(path, bytes, { canOwn: true });
    this.id = hdf5.open(path, hdf5.H5F_ACC_RDONLY, false, -1, -1);
    if (this.id < 0n) fail(reason());
  }

  step(depth) {
    if (--this.objects < 0 || depth > DEEPEST) fail('expected groups that end, received a circle');
  }

  group(path, depth) {
    this.step(depth);
    const children = {};
    for (const name of hdf5.get_names(this.id, path, false)) {
      this.step(depth);
      const inner = `${path === '/' ? '' : path}/${name}`;
      const target = hdf5.get_symbolic_link(this.id, inner);
      if (target !== null) {
        children[name] = { kind: 'link', target };
        continue;
      }
      const type = hdf5.get_type(this.id, inner);
      if (type === hdf5.H5G_GROUP) children[name] = this.group(inner, depth + 1);
      else if (type === hdf5.H5G_DATASET) children[name] = this.dataset(inner);
    }
    return { kind: 'group', attributes: this.attributes(path), children };
  }

  dataset(path) {
    const about = hdf5.get_dataset_metadata(this.id, path);
    const shape = about.shape ?? [0];
    return { kind: 'dataset', path, shape, attributes: this.attributes(path), ...stored(about) };
  }

  /** Texts of attributes; of others only what they are. */
  attributes(path) {
    const attributes = {};
    for (const name of hdf5.get_attribute_names(this.id, path)) {
      this.step(0);
      const about = hdf5.get_attribute_metadata(this.id, path, name);
      const count = about.shape === null ? 0 : about.shape.reduce((product, n) => product * n, 1);
      attributes[name] = {
        texts: count === 0 ? [] : about.type === STRING ? this.texts(path, name, about, count) : null,
        what: stored(about).what,
      };
    }
    return attributes;
  }

  texts(path, name, about, count) {
    // A text of variable length takes 16 bytes of the file to point at it.
    const bytes = count * (about.vlen ? 16 : about.size);
    if (!(bytes <= this.size)) fail(`expected attribute ${name} to fit the file, received ${bytes} bytes`);
    const length = count * about.size;
    const at = hdf5._calloc(length, 1);
    if (at === 0) fail(`no memory for attribute ${name}`);
    try {
      if (hdf5.get_attribute_data(this.id, path, name, BigInt(at)) < 0) fail(`attribute ${name}: ${reason()}`);
      const memory = hdf5.HEAPU8;
      if (!about.vlen) return Array.from({ length: count }, (_, i) => text(memory, at + i * about.size, at + (i + 1) * about.size, name));
      const pointers = new Uint32Array(memory.slice(at, at + length).buffer);
      const texts = Array.from(pointers, (pointer) => (pointer === 0 ? '' : text(memory, pointer, memory.length, name)));
      hdf5.reclaim_vlen_memory(this.id, path, name, BigInt(at));
      return texts;
    } finally {
      hdf5._free(at);
    }
  }

  /** All values of datasets, checked to fit the file before memory is taken. */
  values(paths) {
    let budget = this.size + SPARE;
    let unfolded = this.size * MOST_UNFOLDED + SPARE;
    return paths.map((path) => {
      const about = hdf5.get_dataset_metadata(this.id, path);
      const count = (about.shape ?? [0]).reduce((product, n) => product * n, 1);
      const bytes = count * about.size;
      if (about.chunks !== null && hdf5.get_dataset_filters(this.id, path).length > 0) unfolded -= bytes;
      else budget -= bytes;
      if (!(budget >= 0 && unfolded >= 0)) fail(`expected ${path} to fit the file, received shape (${about.shape})`);
      if (!stored(about).numeric) fail(`expected numbers in ${path}, received ${stored(about).what}`);
      if (bytes === 0) return numbers(new ArrayBuffer(0), about);
      const at = hdf5._malloc(bytes);
      if (at === 0) fail(`no memory for the ${bytes} bytes of ${path}`);
      try {
        if (hdf5.get_dataset_data(this.id, path, null, null, null, BigInt(at)) < 0) fail(`${path}: ${reason()}`);
        return numbers(hdf5.HEAPU8.slice(at, at + bytes).buffer, about);
      } finally {
        hdf5._free(at);
      }
    });
  }

  close() {
    return hdf5.close_file(this.id) >= 0;
  }
}

/** Bytes up to a zero, in UTF-8. */
function text(memory, from, to, name) {
  const end = memory.indexOf(0, from);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(memory.slice(from, end < 0 || end > to ? to : end));
  } catch {
    return fail(`expected text in attribute ${name}`);
  }
}

/** How elements are stored. */
function stored({ type, size }) {
  const numeric = (type === INTEGER && [1, 2, 4, 8].includes(size)) || (type === FLOAT && [2, 4, 8].includes(size));
  const what = CLASSES[type] ?? 'unknown';
  return { numeric, what: type === INTEGER || type === FLOAT || type === STRING ? `${what} of ${size} bytes` : what };
}

/** Little-endian bytes as float32 (float16 too), int32 or, where these do not suffice, float64. */
function numbers(buffer, { type, size, signed }) {
  if (type === FLOAT) {
    if (size === 2) return { half: new Uint16Array(buffer) };
    return size === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
  }
  if (size === 1) return Int32Array.from(signed ? new Int8Array(buffer) : new Uint8Array(buffer));
  if (size === 2) return Int32Array.from(signed ? new Int16Array(buffer) : new Uint16Array(buffer));
  if (size === 4) return signed ? new Int32Array(buffer) : Float64Array.from(new Uint32Array(buffer));
  return Float64Array.from(signed ? new BigInt64Array(buffer) : new BigUint64Array(buffer), Number);
}

function write(tree, path) {
  const file = new File(path, 'w');
  if (file.file_id < 0n) fail(reason());
  const attributes = (owner, { attributes = {} }) => {
    for (const [name, value] of Object.entries(attributes)) {
      if (value.length === 0 && typeof value !== 'string') owner.create_attribute(name, new Float64Array(0), [0]);
      else owner.create_attribute(name, typeof value === 'string' ? [value] : value, typeof value === 'string' ? [] : [value.length], 'S');
    }
  };
  const group = (owner, { children }) => {
    for (const [name, child] of Object.entries(children)) {
      if ('values' in child) owner.create_dataset({ name, data: child.values, shape: child.shape });
      else {
        const inner = owner.create_group(name);
        attributes(inner, child);
        group(inner, child);
      }
    }
  };
  attributes(file, tree);
  group(file, tree);
  const closed = file.close();
  if (closed < 0 || told.length > 0) fail(reason());
  return FS.readFile(path);
}

/** MEMFS would take a name that is used again for the same file, should one not have been closed. */
let files = 0;

function answer({ kind, bytes, paths, tree }) {
  const path = `/${++files}.h5`;
  told.length = 0;
  mostMemory = 64 * 2 ** 20 + 4 * (bytes?.length ?? 2 ** 29);
  let reader = null;
  let result;
  let closed = true;
  try {
    if (kind === 'write') result = write(tree, path);
    else {
      reader = new Reader(bytes, path);
      result = kind === 'describe' ? reader.group('/', 0) : reader.values(paths);
    }
  } finally {
    closed = reader?.close() ?? true;
    if (FS.analyzePath(path).exists) FS.unlink(path);
  }
  return { result, spent: !closed || hdf5.HEAPU8.length > KEPT };
}

parentPort.on('message', (request) => {
  try {
    const { result, spent } = answer(request);
    const arrays = request.kind === 'write' ? [result] : request.kind === 'read' ? result.map((r) => r.half ?? r) : [];
    answerWith({ result, spent }, [...new Set(arrays.map((a) => a.buffer))]);
  } catch (error) {
    // h5wasm throws this one itself, after libhdf5 returned an error; whatever else is no refusal of ours came out of the middle of
    // libhdf5, which is not to be used any more.
    const told = error instanceof Error && error.message.startsWith('error - ');
    const spent = !(told || error instanceof Refusal) || hdf5.HEAPU8.length > KEPT;
    answerWith({ refused: told ? reason() : error instanceof Error ? error.message : String(error), spent });
  }
});
answerWith('ready');
