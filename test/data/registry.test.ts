import { expect, test } from 'vitest';
import { dataSet, dataSets } from '../../src/data/registry.js';

test('every set says whose it is and where its files may be had', () => {
  for (const set of dataSets) {
    expect(set.licence).not.toBe('');
    expect(set.cite).not.toBe('');
    expect(set.address).toMatch(/^https:\/\//);
    expect(dataSet(set.id)).toBe(set);
    for (const layout of set.layouts) {
      const names = layout.files.map((file) => file.name);
      expect(new Set(names).size).toBe(names.length);
      for (const file of layout.files) {
        expect(file.mirror ?? file.public).toBeDefined();
        if (file.public) expect(file.public.url).toMatch(/^https:\/\//);
        for (const facts of [file.public, file.mirror]) {
          if (facts?.sha256 != null) expect(facts.sha256).toMatch(/^[0-9a-f]{64}$/);
          // A file whose hash nobody knows must at least be recognisable by its content.
          if (facts?.sha256 === null) expect(file.table?.rows).toBeGreaterThan(0);
        }
        expect(file.name).not.toMatch(/^\/|\.\.|\\/);
      }
    }
    if (set.standIn) expect(set.standIn.sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});

test('label counts add up to the rows', () => {
  for (const file of dataSets.flatMap((set) => set.layouts.flatMap((layout) => layout.files))) {
    if (!file.table?.counts) continue;
    const sum = Object.values(file.table.counts.of).reduce((n, k) => n + k, 0);
    expect([file.name, sum]).toEqual([file.name, file.table.rows]);
  }
});
