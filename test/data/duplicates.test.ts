import { expect, test } from 'vitest';
import { nearDuplicates } from '../../src/data/duplicates.js';
import { imageHash, nearDuplicateImages } from '../../src/data/image-hash.js';
import { loadTable } from '../../src/data/load-table.js';
import { Philox } from '../../src/tensor/random.js';

test('the same letters and digits are the same text', () => {
  const { kept, removed } = nearDuplicates(
    ['Bagus sekali!', 'caf\u00e9', '😍', 'x'],
    ['bagus,SEKALI', 'x', 'cafe\u0301', '😡', ' 😍', 'bagus sekali 2'],
  );
  expect(removed.map((d) => [d.test, d.train, d.reason])).toEqual([
    [0, 0, 'same text after normalisation'],
    [1, 3, 'same text'],
    [2, 1, 'same text after normalisation'],
    [4, 2, 'same text after normalisation'],
  ]);
  expect([...kept]).toEqual([3, 5]);
});

/** Pictures with some structure: random cells of 4×4 pixels. */
function pictures(rows: number, seed: number): Uint8Array {
  const random = new Philox(seed);
  const out = new Uint8Array(rows * 32 * 32 * 3);
  for (let n = 0; n < rows; ++n) {
    const cells = Array.from({ length: 8 * 8 * 3 }, () => random.integer(256));
    for (let y = 0; y < 32; ++y)
      for (let x = 0; x < 32; ++x)
        for (let c = 0; c < 3; ++c) out[((n * 32 + y) * 32 + x) * 3 + c] = cells[((y >> 2) * 8 + (x >> 2)) * 3 + c] as number;
  }
  return out;
}

test('copies that were recompressed or made brighter are found, other pictures are not', () => {
  const size = 32 * 32 * 3;
  const train = pictures(20, 1);
  const test = pictures(20, 2);
  const noise = new Philox(3);
  const copy = (from: number, to: number, change: (value: number) => number): void => {
    for (let i = 0; i < size; ++i) test[to * size + i] = Math.min(255, Math.max(0, change(train[from * size + i] as number)));
  };
  copy(5, 0, (v) => v);
  copy(6, 1, (v) => v + noise.integer(21) - 10);
  copy(7, 2, (v) => 0.9 * v + 20);
  copy(8, 3, (v) => 255 - v);
  const found = nearDuplicateImages({ images: train, rows: 20 }, { images: test, rows: 20 }, [32, 32, 3]);
  expect(found.removed.map((d) => [d.test, d.train])).toEqual([
    [0, 5],
    [1, 6],
    [2, 7],
  ]);
  expect(found.removed[0]?.reason).toBe('same picture: 0 of 64 bits of the perceptual hash differ, mean difference of colour 0.0 of 255');
  expect(found.kept.length).toBe(17);
  const strict = nearDuplicateImages({ images: train, rows: 20 }, { images: test, rows: 20 }, [32, 32, 3], { distance: 0, tolerance: 0 });
  expect(strict.removed.map((d) => d.test)).toEqual([0]);
});

test('the hash says where brightness rises: none in a flat picture, everywhere in a ramp', () => {
  expect(imageHash(new Uint8Array(32 * 32 * 3).fill(9), 32, 32)).toBe(0n);
  const ramp = Uint8Array.from({ length: 28 * 28 }, (_, i) => (i % 28) * 9);
  expect(imageHash(ramp, 28, 28, 1)).toBe(0xffffffffffffffffn);
  expect(() => imageHash(new Uint8Array(10), 32, 32)).toThrow(/received 10 bytes/);
  expect(() => imageHash(new Uint8Array(16), 4, 4, 1)).toThrow(/8×9/);
  expect(() => nearDuplicateImages({ images: ramp, rows: 1 }, { images: ramp, rows: 1 }, [28, 28, 1], { distance: -1 })).toThrow(
    /distance/,
  );
});

test('NusaX has no duplicates across its parts, and shares 219 test texts with SmSA', async ({ skip }) => {
  if (!process.env['SARAF_DATA']) skip('SARAF_DATA is not set');
  const texts = async (id: string, file: string): Promise<string[]> => (await loadTable(id, file)).table.strings('text');
  const test = await texts('nusax-senti', 'indonesian/test.csv');
  expect(nearDuplicates(await texts('nusax-senti', 'indonesian/train.csv'), test).removed).toEqual([]);
  const smsa = [...(await texts('smsa', 'train.tsv')), ...(await texts('smsa', 'valid.tsv')), ...(await texts('smsa', 'test.tsv'))];
  expect(nearDuplicates(smsa, test).removed.length).toBe(219);
});
