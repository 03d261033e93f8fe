import { Hdf5Dataset, type Hdf5Group } from '../hdf5/file.js';
import type { Problems } from '../problems.js';
import { containerGroups, legacyWeights, type Placed } from './paths.js';
import type { Assignment, StoredArray } from './stored.js';

/** Names of the container of layers, now and in Keras 2.12. */
const CONTAINERS = ['layers', '_layer_checkpoint_dependencies'];

/** Keras 2 writes the parts of its attention with an underscore. */
const ATTENTION = /\/((?:query|key|value|output)_dense)\//;

/** Where each weight of Keras 3's layout goes (`.weights.h5`, and inside `.keras`). */
export function groupedAssignments(root: Hdf5Group, layers: readonly Placed[]): Assignment[] {
  const container = CONTAINERS.find((name) => root.group(name)) ?? 'layers';
  return containerGroups(layers, `${container}/`).flatMap(({ path, weights }) =>
    weights.map((weight, i) => {
      const own = `${path}/vars/${i}`;
      return { label: own, target: weight.value, stored: root.dataset(own) ?? root.dataset(own.replace(ATTENTION, '/_$1/')) };
    }),
  );
}

/** A list of names of an `.h5` file; a long one is cut into `name0`, `name1`, … */
export function nameList(group: Hdf5Group, name: string): string[] | null {
  const whole = group.attributes.get(name);
  if (whole) return [...whole.texts()];
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = group.attributes.get(`${name}${i}`);
    if (!part) return i === 0 ? null : parts;
    parts.push(...part.texts());
  }
}

/** Where each weight of an `.h5` file goes: by the names of layers, and by order within a layer. */
export function legacyAssignments(root: Hdf5Group, layers: readonly Placed[], problems: Problems): Assignment[] {
  const group = root.group('model_weights') ?? root;
  const names = new Set(nameList(group, 'layer_names') ?? []);
  const assignments: Assignment[] = [];
  for (const { layer, name } of layers) {
    const weights = layer ? legacyWeights(layer) : [];
    if (weights.length === 0) continue;
    const own = names.has(name) ? group.group(name) : null;
    const paths = own ? (nameList(own, 'weight_names') ?? []) : [];
    if (!own) problems.add(name, 'expected weights, the file has none of a layer of this name');
    else if (paths.length !== weights.length) problems.add(name, `expected ${weights.length} weights, received ${paths.length}`);
    else
      weights.forEach((weight, i) =>
        assignments.push({ label: `${name}: ${paths[i] as string}`, target: weight.value, stored: own.dataset(paths[i] as string) }),
      );
  }
  return assignments;
}

/** How many numbers a file holds, of which no more than unpack to its budget. */
export function storedNumbers(root: Hdf5Group, bytes: number): number {
  let sum = 0;
  const stack: Hdf5Group[] = [root];
  // A link may lead back to a group above.
  const met = new Set(stack);
  while (stack.length > 0) {
    const group = stack.pop() as Hdf5Group;
    for (const key of group.keys()) {
      const found = group.get(key);
      if (found instanceof Hdf5Dataset) sum += found.size;
      else if (found && !met.has(found)) {
        met.add(found);
        stack.push(found);
      }
    }
  }
  return Math.min(sum, 64 * bytes + 2 ** 22);
}

/** The optimizer's arrays, in order: its step count, its learning rate, its slots. */
export function optimizerArrays(root: Hdf5Group): { name: string; stored: StoredArray }[] {
  const named = root.group('optimizer_weights');
  if (named) {
    return (nameList(named, 'weight_names') ?? []).flatMap((name) => {
      const stored = named.dataset(name);
      return stored ? [{ name, stored }] : [];
    });
  }
  const vars = root.group('optimizer/vars') ?? root.group('_optimizer/vars');
  if (!vars) return [];
  return vars
    .keys()
    .filter((key) => /^\d+$/.test(key))
    .sort((a, b) => Number(a) - Number(b))
    .flatMap((name) => {
      const stored = vars.dataset(name);
      return stored ? [{ name, stored }] : [];
    });
}
