import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SarafError } from '../../../src/errors.js';
import { Hdf5Dataset, openHdf5, type Hdf5Group } from '../../../src/keras/hdf5/file.js';
import type { Numbers } from '../../../src/keras/hdf5/values.js';
import { writeHdf5 } from '../../../src/keras/hdf5/write.js';
import { exact, expectClose } from '../../helpers/expect-close.js';
import { expectRejection } from '../../helpers/expect-rejection.js';
import { fixtureFolder, fixtureTensor, readFixture, type FixtureArray } from '../../helpers/keras-fixtures.js';

interface Variant {
  layer_names: string[];
  datasets: Record<string, FixtureArray>;
  scalar_int64: number;
}

const names = fixtureFolder ? readdirSync(join(fixtureFolder, 'hdf5')).filter((f) => f.endsWith('.h5')) : [];

describe.skipIf(!fixtureFolder)('HDF5 in every storage variant (set SARAF_FIXTURES to the folder of fixtures)', () => {
  test('there are fixtures', () => expect(names.length).toBeGreaterThan(13));
  test.each(names)('%s', async (name) => {
    const bytes = readFileSync(join(fixtureFolder as string, 'hdf5', name));
    const expected = readFixture<Variant>('hdf5', name.replace('.h5', '.json'));
    const root = await openHdf5(bytes, name);
    for (const [path, array] of Object.entries(expected.datasets)) {
      const dataset = root.dataset(path);
      expect(dataset?.shape).toEqual(array.shape);
      expectClose(Float32Array.from((await dataset?.numbers()) ?? []), fixtureTensor(array).data(), exact(), path);
    }
    expect((await root.dataset('scalar')?.numbers())?.[0]).toBe(expected.scalar_int64);
    const weights = root.group('model_weights');
    expect(weights?.attributes.get('layer_names')?.texts()).toEqual(expected.layer_names);
    expect(weights?.group('dense')?.attributes.get('weight_names')?.texts()).toEqual(['dense/kernel:0', 'dense/bias:0']);
    expect(weights?.group('conv')?.attributes.get('weight_names')?.texts()).toEqual([]);
    expect(root.text('model_config')).toMatch(/"fixed": (true|false)/);
    if (name === 'soft-link.h5') expect(root.dataset('soft/dense/kernel:0')?.shape).toEqual([7, 5]);
  });
});

/** The values of all datasets, in the order of the file. */
function valuesOf(group: Hdf5Group, depth = 0): Promise<Numbers>[] {
  for (const attribute of group.attributes.values()) if (attribute.isText) attribute.texts();
  return group.keys().flatMap((key) => {
    const found = group.get(key);
    if (found instanceof Hdf5Dataset) return found.isNumeric ? [found.numbers()] : [];
    return found && depth < 20 ? valuesOf(found, depth + 1) : [];
  });
}

const readAll = async (bytes: Uint8Array, name: string): Promise<Numbers[]> => Promise.all(valuesOf(await openHdf5(bytes, name)));

describe.skipIf(!fixtureFolder)('damaged HDF5 files (set SARAF_FIXTURES to the folder of fixtures)', () => {
  test.each(names)('150 damaged copies of %s: read, or ERR_FORMAT', { timeout: 60_000 }, async (name) => {
    const whole = readFileSync(join(fixtureFolder as string, 'hdf5', name));
    let seed = 5;
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * n);
    };
    const expected = await readAll(whole, name);
    let refused = 0;
    for (let i = 0; i < 150; i++) {
      let bytes = Uint8Array.from(whole);
      if (i % 3 === 0) bytes = bytes.subarray(0, random(bytes.length));
      else if (i % 3 === 1) for (let k = 0; k < 1 + random(8); k++) bytes[random(bytes.length)]! ^= 1 << random(8);
      else bytes.fill(255, random(bytes.length - 8) & ~7, (random(bytes.length - 8) & ~7) + 6);
      try {
        await readAll(bytes, name);
      } catch (error) {
        if (!(error instanceof SarafError) || error.code !== 'ERR_FORMAT') throw error;
        refused++;
      }
      // What damage did to libhdf5 must not reach the next file.
      if (i % 10 === 9) expect(await readAll(whole, name)).toEqual(expected);
    }
    expect(refused).toBeGreaterThan(50);
  });
});

describe('HDF5', () => {
  const tree = {
    attributes: { text: `${'x'.repeat(100_000)} café`, list: ['a', 'bé', ''], none: [] },
    children: {
      g: {
        attributes: { name: 'inner' },
        children: {
          'kernel:0': { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, NaN) },
          steps: { shape: [], values: BigInt64Array.of(-7n) },
          wide: { shape: [2], values: Float64Array.of(Math.PI, -0) },
          whole: { shape: [3], values: Int32Array.of(-1, 0, 2 ** 31 - 1) },
          empty: { shape: [0, 4], values: new Float32Array(0) },
        },
      },
      empty: { children: {} },
    },
  };

  test('what is written is read again', async () => {
    const root = await openHdf5(await writeHdf5(tree), 'memory');
    expect(root.keys().sort()).toEqual(['empty', 'g']);
    expect(root.text('text')).toBe(tree.attributes.text);
    expect(root.attributes.get('list')?.texts()).toEqual(['a', 'bé', '']);
    expect(root.attributes.get('none')?.texts()).toEqual([]);
    expect(root.text('list')).toBe('a');
    expect(root.text('absent')).toBeNull();
    const { children } = tree.children.g;
    expect(await root.dataset('g/kernel:0')?.numbers()).toEqual(children['kernel:0'].values);
    expect(await root.dataset('/g/wide')?.numbers()).toEqual(children.wide.values);
    expect(await root.dataset('g/whole')?.numbers()).toEqual(children.whole.values);
    expect(await root.dataset('g/steps')?.numbers()).toEqual(Float64Array.of(-7));
    expect(root.dataset('g/empty')?.shape).toEqual([0, 4]);
    expect(root.group('g')?.text('name')).toBe('inner');
    expect(root.get('g/kernel:0/deeper')).toBeNull();
    expect(root.dataset('g')).toBeNull();
  });

  test('the same tree gives the same bytes', async () => {
    const first = await writeHdf5(tree);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(Buffer.compare(first, await writeHdf5(tree))).toBe(0);
  });

  test('files that are asked for at once are read one after the other', async () => {
    const trees = [1, 2, 3].map((n) => ({ children: { x: { shape: [1], values: Float32Array.of(n) } } }));
    const files = await Promise.all(trees.map(writeHdf5));
    const broken = expectRejection(openHdf5(Buffer.alloc(4096, 7), 'broken'), 'ERR_FORMAT', 'broken');
    const read = await Promise.all(files.map(async (bytes) => (await openHdf5(bytes, 'memory')).dataset('x')?.numbers()));
    expect(read.map((v) => v?.[0])).toEqual([1, 2, 3]);
    await broken;
  });

  test('memory and time have bounds; the next file is served by another thread', async () => {
    // A dataset that was never written takes no room in the file, but all of its shape when it is read.
    const huge = Buffer.from(await writeHdf5({ children: { x: { shape: [7, 11, 13], values: new Float32Array(1001) } } }));
    const shape = Buffer.alloc(24);
    [7n, 11n, 13n].forEach((n, i) => shape.writeBigUInt64LE(n, 8 * i));
    const at = huge.indexOf(shape);
    for (const n of [2n ** 20n, 2n ** 40n]) {
      huge.writeBigUInt64LE(n, at);
      await expectRejection(readAll(huge, 'huge.h5'), 'ERR_FORMAT', 'huge.h5');
    }
    expect(await readAll(await writeHdf5(tree), 'memory')).toHaveLength(5);
  });

  test('damage is one ERR_FORMAT that says where', async () => {
    const good = await writeHdf5(tree);
    await expectRejection(openHdf5(Buffer.from('no such file'), 'a.h5'), 'ERR_FORMAT', 'a.h5');
    await expectRejection(openHdf5(new Uint8Array(0), 'a.h5'), 'ERR_FORMAT', 'a.h5');
    await expectRejection(openHdf5(good.subarray(0, good.length - 10), 'a.h5'), 'ERR_FORMAT', 'a.h5', 'truncated');
  });
});
