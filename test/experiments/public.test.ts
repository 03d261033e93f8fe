import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import * as saraf from '../../src/index.js';
import type { FindingContext, Prepared, TrainingConfig } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-public-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface OwnConfig extends TrainingConfig {
  readonly units: number;
}

// Only what the package exports: an experiment of one's own gets claims, baselines and rows that do not count like those of the catalog.
it('an experiment of one’s own is declared from public names alone', async () => {
  const words = (label: number, i: number): string => `${label === 0 ? 'bagus puas' : 'buruk rusak'} kata${i % 7} lain${i}`;
  const rowsOf = (from: number, count: number) => {
    const labels = Int32Array.from({ length: count }, (_, i) => (from + i) % 2);
    return { texts: Array.from(labels, (label, i) => words(label, from + i)), labels };
  };
  const train = rowsOf(0, 40);
  const test = { texts: [...rowsOf(100, 19).texts, train.texts[0] as string], labels: Int32Array.from([...rowsOf(100, 19).labels, 0]) };
  const own = saraf.experiment<OwnConfig, null>({
    id: 'own',
    title: 'Words',
    document: 'none',
    data: [],
    metric: 'macro F1 %',
    config: { epochs: 2, batchSize: 8, units: 2 },
    masks: [null],
    factors: [{ name: 'units', title: 'Units', variants: [2, 4].map((units) => ({ name: `${units}`, config: { units }, published: 90 })) }],
    stated: [],
    notStated: [{ key: 'units', name: 'units' }],
    repeats: [],
    constant: null,
    protocols: { published: { config: {}, steps: [] }, 'leak-free': { config: {}, steps: [] } },
    scales: {
      quick: { config: {}, seeds: 2, reduced: false, note: 'all' },
      full: { config: {}, seeds: 2, reduced: false, note: 'all' },
    },
    defaultFactors: [],
    findings: [],
    load: () => Promise.resolve({ raw: null, sources: [], classNames: ['good', 'bad'], standIn: null, sameTask: true }),
    preparedBy: [],
    prepare: (): Prepared => {
      const vectorize = new saraf.TextVectorization({ outputMode: 'tf_idf' });
      vectorize.adapt(train.texts);
      const part = (rows: typeof train) => ({ x: vectorize.call(rows.texts), labels: rows.labels });
      const named = ({ texts, labels }: typeof train) => ({ texts, labels: Array.from(labels, String) });
      return {
        train: part(train),
        validation: part(test),
        test: { ...part(test), keep: saraf.keepMask(20, saraf.data.nearDuplicates(train.texts, test.texts).removed) },
        audited: { train: named(train), test: named(test) },
        notes: [],
        sizes: { width: vectorize.vocabularySize() },
      };
    },
    model: ({ units }, { sizes }) => {
      const model = new saraf.Sequential([
        saraf.layers.dense({ units, activation: 'relu', inputShape: [sizes['width'] as number] }),
        saraf.layers.dense({ units: 2, activation: 'softmax' }),
      ]);
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
      return model;
    },
    compute: (context: FindingContext) => {
      const scores = saraf.scoreValues(saraf.ranCells(context, 'units', null), context);
      return [
        saraf.orderFinding('More is better', 'macro F1', ['2', '4'], scores),
        saraf.bestFinding('Four are best', 'macro F1', '4', ['2'], scores),
        saraf.saturationFinding('Two are enough', 'macro F1', { from: '2', to: '4', margin: 1 }, scores),
      ];
    },
    baselines: saraf.preparedBaselines('macroF1'),
  });
  const [outcome] = await saraf.reproduce({
    selections: [{ experiment: own, selection: { scale: 'quick' } }],
    outDir: folder,
    load: { dataDir: undefined, onProgress: undefined },
  });
  expect(outcome?.results.cells.map((c) => c.rowsTested)).toEqual([19, 19, 19, 19]);
  expect(outcome?.results.findings.map((f) => f.kind)).toEqual(['computed', 'computed', 'computed']);
  expect(outcome?.results.baselines.find((b) => b.name === 'naive Bayes')?.value).toBe(100);
});
