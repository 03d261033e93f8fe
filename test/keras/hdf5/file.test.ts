import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SarafError } from '../../../src/errors.js';
import { Hdf5Dataset, openHdf5, type Hdf5Group } from '../../../src/keras/hdf5/file.js';
import { writeHdf5 } from '../../../src/keras/hdf5/write.js';
import { exact, expectClose } from '../../helpers/expect-close.js';
import { expectError } from '../../helpers/expect-error.js';
import { fixtureFolder, fixtureTensor, readFixture, type FixtureArray } from '../../helpers/keras-fixtures.js';

interface Variant {
  layer_names: string[];
  datasets: Record<string, FixtureArray>;
  scalar_int64: number;
}

const names = fixtureFolder ? readdirSync(join(fixtureFolder, 'hdf5')).filter((f) => f.endsWith('.h5')) : [];

describe.skipIf(!fixtureFolder)('HDF5 in every storage variant (set SARAF_FIXTURES to the folder of fixtures)', () => {
  test('there are fixtures', () => expect(names.length).toBeGreaterThan(13));
  test.each(names)('%s', (name) => {
    const bytes = readFileSync(join(fixtureFolder as string, 'hdf5', name));
    const expected = readFixture<Variant>('hdf5', name.replace('.h5', '.json'));
    const root = openHdf5(bytes, name);
    for (const [path, array] of Object.entries(expected.datasets)) {
      const dataset = root.dataset(path);
      expect(dataset?.shape).toEqual(array.shape);
      expectClose(Float32Array.from(dataset?.numbers() ?? []), fixtureTensor(array).data(), exact(), path);
    }
    expect(root.dataset('scalar')?.numbers()[0]).toBe(expected.scalar_int64);
    const weights = root.group('model_weights');
    expect(weights?.attributes.get('layer_names')?.texts()).toEqual(expected.layer_names);
    expect(weights?.group('dense')?.attributes.get('weight_names')?.texts()).toEqual(['dense/kernel:0', 'dense/bias:0']);
    expect(weights?.group('conv')?.attributes.get('weight_names')?.texts()).toEqual([]);
    expect(root.text('model_config')).toMatch(/"fixed": (true|false)/);
    if (name === 'soft-link.h5') expect(root.dataset('soft/dense/kernel:0')?.shape).toEqual([7, 5]);
  });
});

/** Reads everything that a file holds. */
function readAll(group: Hdf5Group, depth = 0): void {
  for (const attribute of group.attributes.values()) if (attribute.isText) attribute.texts();
  for (const key of group.keys()) {
    const found = group.get(key);
    if (found instanceof Hdf5Dataset) {
      if (found.isNumeric) found.numbers();
    } else if (found && depth < 20) readAll(found, depth + 1);
  }
}

describe.skipIf(!fixtureFolder)('damaged HDF5 files (set SARAF_FIXTURES to the folder of fixtures)', () => {
  test.each(names)('150 damaged copies of %s: read, or ERR_FORMAT', (name) => {
    const whole = readFileSync(join(fixtureFolder as string, 'hdf5', name));
    let seed = 5;
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * n);
    };
    let refused = 0;
    for (let i = 0; i < 150; i++) {
      let bytes = Uint8Array.from(whole);
      if (i % 3 === 0) bytes = bytes.subarray(0, random(bytes.length));
      else if (i % 3 === 1) for (let k = 0; k < 1 + random(8); k++) bytes[random(bytes.length)]! ^= 1 << random(8);
      else bytes.fill(255, random(bytes.length - 8) & ~7, (random(bytes.length - 8) & ~7) + 6);
      try {
        readAll(openHdf5(bytes, name));
      } catch (error) {
        if (!(error instanceof SarafError) || error.code !== 'ERR_FORMAT') throw error;
        refused++;
      }
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

  test('what is written is read again', () => {
    const root = openHdf5(writeHdf5(tree), 'memory');
    expect(root.keys().sort()).toEqual(['empty', 'g']);
    expect(root.text('text')).toBe(tree.attributes.text);
    expect(root.attributes.get('list')?.texts()).toEqual(['a', 'bé', '']);
    expect(root.attributes.get('none')?.texts()).toEqual([]);
    expect(root.text('list')).toBe('a');
    expect(root.text('absent')).toBeNull();
    const { children } = tree.children.g;
    expect(root.dataset('g/kernel:0')?.numbers()).toEqual(children['kernel:0'].values);
    expect(root.dataset('/g/wide')?.numbers()).toEqual(children.wide.values);
    expect(root.dataset('g/whole')?.numbers()).toEqual(children.whole.values);
    expect(root.dataset('g/steps')?.numbers()).toEqual(Float64Array.of(-7));
    expect(root.dataset('g/empty')?.shape).toEqual([0, 4]);
    expect(root.group('g')?.text('name')).toBe('inner');
    expect(root.get('g/kernel:0/deeper')).toBeNull();
    expect(root.dataset('g')).toBeNull();
  });

  test('the same tree gives the same bytes', () => expect(Buffer.compare(writeHdf5(tree), writeHdf5(tree))).toBe(0));

  test('damage is one ERR_FORMAT that says where', () => {
    const good = writeHdf5(tree);
    expectError(() => openHdf5(Buffer.from('no such file'), 'a.h5'), 'ERR_FORMAT', 'a.h5', 'signature');
    expectError(() => openHdf5(good.subarray(0, good.length - 10), 'a.h5'), 'ERR_FORMAT', `expected ${good.length} bytes`);
    const flipped = Uint8Array.from(good);
    flipped[flipped.length - 6] = (flipped[flipped.length - 6] as number) ^ 1;
    expectError(() => openHdf5(flipped, 'a.h5'), 'ERR_FORMAT', 'checksum');
  });
});
