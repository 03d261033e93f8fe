import { SarafError } from '../../errors.js';
import { askHdf5, type AttributeMessage, type DatasetMessage, type GroupMessage } from './hdf5-thread.js';
import { toNumbers, type Numbers, type StoredNumbers } from './values.js';

/** A text or a list of texts beside an object. */
export class Hdf5Attribute {
  constructor(
    private readonly file: Hdf5File,
    private readonly message: AttributeMessage,
  ) {}

  get isText(): boolean {
    return this.message.texts !== null;
  }

  /** The texts. Throws ERR_FORMAT if it holds something else; an empty list of whatever type is an empty list. */
  texts(): readonly string[] {
    return this.message.texts ?? this.file.fail(`expected text in an attribute, received ${this.message.what}`);
  }
}

/** What groups and datasets have in common. */
class Hdf5Object {
  readonly attributes: ReadonlyMap<string, Hdf5Attribute>;

  constructor(
    protected readonly file: Hdf5File,
    attributes: Readonly<Record<string, AttributeMessage>>,
  ) {
    this.attributes = new Map(Object.entries(attributes).map(([name, message]) => [name, new Hdf5Attribute(file, message)]));
  }

  /** The single text of an attribute, or null if there is none. */
  text(name: string): string | null {
    const attribute = this.attributes.get(name);
    return attribute?.isText ? (attribute.texts()[0] ?? null) : null;
  }
}

/** A dataset. Its values stay in the file until they are asked for. */
export class Hdf5Dataset extends Hdf5Object {
  constructor(
    file: Hdf5File,
    private readonly message: DatasetMessage,
  ) {
    super(file, message.attributes);
  }

  get shape(): readonly number[] {
    return this.message.shape;
  }

  get size(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }

  /** How an element is stored, in words. */
  get description(): string {
    return this.message.what;
  }

  get isNumeric(): boolean {
    return this.message.numeric;
  }

  /** All values, row-major. What is asked for together is read together. Throws ERR_FORMAT if they are no numbers or damaged. */
  numbers(): Promise<Numbers> {
    return this.file.read(this.message.path);
  }
}

/** A group of named objects. */
export class Hdf5Group extends Hdf5Object {
  private readonly opened = new Map<string, Hdf5Group | Hdf5Dataset>();

  constructor(
    file: Hdf5File,
    private readonly message: GroupMessage,
    private readonly root: Hdf5Group | null = null,
  ) {
    super(file, message.attributes);
  }

  /** Names in the order of the file's index (alphabetical); those that mean an order come as attributes. */
  keys(): string[] {
    return Object.keys(this.message.children);
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

  private follow(path: string, depth: number): Hdf5Group | Hdf5Dataset | null {
    if (depth > 16) this.file.fail(`expected links that end, received a circle at ${path}`);
    const root = this.root ?? this;
    let here: Hdf5Group | Hdf5Dataset = path.startsWith('/') ? root : this;
    for (const name of path.split('/')) {
      if (name === '' || name === '.') continue;
      if (!(here instanceof Hdf5Group)) return null;
      const next: Hdf5Group | Hdf5Dataset | null = here.child(name, depth, root);
      if (!next) return null;
      here = next;
    }
    return here;
  }

  private child(name: string, depth: number, root: Hdf5Group): Hdf5Group | Hdf5Dataset | null {
    const { children } = this.message;
    const message = Object.hasOwn(children, name) ? children[name] : undefined;
    if (!message) return null;
    if (message.kind === 'link') return this.follow(message.target, depth + 1);
    let found = this.opened.get(name);
    if (!found) {
      found = message.kind === 'group' ? new Hdf5Group(this.file, message, root) : new Hdf5Dataset(this.file, message);
      this.opened.set(name, found);
    }
    return found;
  }
}

/** The bytes of a file and what is to be read of them next. */
class Hdf5File {
  private wanted: { path: string; resolve: (values: Numbers) => void; reject: (reason: unknown) => void }[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: string,
  ) {}

  fail(what: string): never {
    throw new SarafError('ERR_FORMAT', 'hdf5', `${this.name}: ${what}; the file is damaged or no HDF5 file, copy or save it again`);
  }

  read(path: string): Promise<Numbers> {
    return new Promise((resolve, reject) => {
      if (this.wanted.push({ path, resolve, reject }) === 1) queueMicrotask(() => void this.readWanted());
    });
  }

  private async readWanted(): Promise<void> {
    const wanted = this.wanted;
    this.wanted = [];
    try {
      const values = await askHdf5({ kind: 'read', bytes: this.bytes, paths: wanted.map((w) => w.path) }, this.name);
      wanted.forEach((w, i) => w.resolve(toNumbers(values[i] as StoredNumbers)));
    } catch (error) {
      for (const { reject } of wanted) reject(error);
    }
  }
}

/**
 * Opens an HDF5 file that lies in memory and returns its root group, with the names, shapes and texts of all that it holds.
 *
 * Throws: ERR_FORMAT if the file is damaged.
 * Source: libhdf5 2.0 through h5wasm.
 * Example: await (await openHdf5(readFileSync('model.h5'), 'model.h5')).dataset('model_weights/dense/dense/kernel:0')?.numbers()
 */
export async function openHdf5(bytes: Uint8Array, name: string): Promise<Hdf5Group> {
  return new Hdf5Group(new Hdf5File(bytes, name), await askHdf5({ kind: 'describe', bytes }, name));
}
