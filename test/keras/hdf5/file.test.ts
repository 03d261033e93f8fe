import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openHdf5 } from '../../../src/keras/hdf5/file.js';
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
