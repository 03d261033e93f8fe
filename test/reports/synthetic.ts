import { evaluateClasses } from '../../src/experiments/evaluate.js';
import { mean, sampleStd } from '../../src/experiments/statistics.js';
import type { CellResult, Results, Trained } from '../../src/experiments/results.js';
import type { MaskSetting, Protocol } from '../../src/experiments/experiment.js';

const NAMES = ['negative', 'neutral', 'positive'];

function fakeCell(
  factor: string,
  variant: string,
  protocol: Protocol,
  mask: MaskSetting,
  published: number | null,
  error: number,
  standIn: boolean,
): Trained {
  const labels = Array.from({ length: 400 }, (_, i) => i % 3);
  const evaluations = [1, 2, 3].map((seed) =>
    evaluateClasses(
      labels,
      labels.map((l, i) => ((i * 7 + seed) % 100 < error * 100 ? 2 : l)),
      NAMES,
    ),
  );
  const values = evaluations.map((e) => e.macroF1);
  const cell: CellResult = {
    factor,
    variant,
    protocol,
    mask,
    comparable: standIn ? 'stand-in' : 'yes',
    metric: 'macro F1 %',
    published,
    mean: mean(values),
    std: sampleStd(values),
    interval: { low: mean(values) - 2.5, high: mean(values) + 2.5 },
    difference: standIn || published === null ? null : mean(values) - published,
    runs: values.map((value, i) => ({
      id: `${factor}${variant}${mask}${i}`,
      seed: i + 1,
      value,
      seconds: 12.5,
      epochSeconds: 1.2 + i / 10,
      called: NAMES.map((_, k) => (evaluations[i]?.confusion ?? []).reduce((sum, row) => sum + (row[k] ?? 0), 0)),
      hits: NAMES.map((_, k) => evaluations[i]?.confusion[k]?.[k] ?? 0),
    })),
    validation: mean(values) - 1,
    largestShares: evaluations.map((e) => e.largestShare),
    largestClasses: evaluations.map((e) => e.largestClass),
    confusion: NAMES.map((_, r) => NAMES.map((__, c) => evaluations.reduce((sum, e) => sum + (e.confusion[r]?.[c] ?? 0), 0))),
    rowsTested: 400,
    sameTrainingAs: protocol === 'published' ? 'leak-free' : 'published',
  };
  const histories = [1, 2, 3].map((seed) => ({
    loss: Array.from({ length: 10 }, (_, e) => error + Math.exp(-e / 3) + seed * 0.02),
    val_loss: Array.from({ length: 10 }, (_, e) => error + 0.1 + Math.exp(-e / 3) + e * 0.01 * seed),
  }));
  return { cell, histories, evaluations };
}

/** Results that no run made: only for the look of pages. */
export function syntheticResults(standIn: string | null = null): { results: Results; trained: Trained[] } {
  const trained: Trained[] = [];
  for (const mask of ['off', 'on'] as const) {
    for (const [variant, published, error] of [
      ['uni', 18.3, mask === 'off' ? 1 : 0.4],
      ['bi', 74.1, 0.3],
    ] as const) {
      for (const protocol of ['published', 'leak-free'] as const)
        trained.push(fakeCell('direction', variant, protocol, mask, published, error, standIn !== null));
    }
  }
  return {
    trained,
    results: {
      experiment: 'nusax-lstm',
      title: 'LSTM sentiment on NusaX </script><b>',
      document: 'seed 000',
      scale: 'quick',
      scaleNote: 'all rows, 10 epochs',
      date: '2026-11-22T02:00:00.000Z',
      seeds: [1, 2, 3],
      standIn,
      set: [{ key: 'learningRate', name: 'learning rate', value: 0.01, default: 0.001, stated: false }],
      machine: { platform: 'linux-x64', cpu: 'A CPU', cores: 2, memoryBytes: 16e9, isa: 'avx2', threads: 2 },
      versions: { saraf: '0.1.0', node: '20.20.0', kernels: 'abc', commit: null },
      data: [
        {
          name: 'nusax-senti',
          source: 'mirror folder',
          sha256: 'e'.repeat(64),
          rows: 1000,
          licence: 'CC BY-SA 4.0',
          address: 'https://example.org/',
        },
      ],
      cells: trained.map((t) => t.cell),
      comparisons: [
        { factor: 'direction', mask: 'off', protocol: 'published', best: 'bi', other: 'uni', difference: 52.7, low: 48.1, high: 57.9 },
        { factor: 'direction', mask: 'on', protocol: 'leak-free', best: '<bi>', other: 'uni', difference: 1.2, low: -0.8, high: 3.4 },
      ],
      stated: [{ name: 'epochs', value: '10' }],
      notStated: [{ name: 'learning rate', default: '0.001', note: 'Keras default' }],
      findings: [
        { title: 'A constant prediction', text: '18.3 is what "positive" for all 400 rows scores.', kind: 'document' },
        { title: 'Learns', text: 'uni, mask on', kind: 'computed', holds: true },
        { title: 'Not run', text: '…', kind: 'computed', holds: null },
      ],
      repeats: [{ configuration: 'Bi-64', values: [73.5, 74.1], spread: 0.6 }],
      choices: [{ factor: 'direction', protocol: 'leak-free', mask: 'off', by: 'validation', variant: 'bi', value: 70 }],
      baselines: [{ protocol: 'published', name: 'majority class', value: 18.44, note: 'always "negative"' }],
      audits: [
        {
          protocol: 'published',
          cells: ['direction: uni', 'direction: bi'],
          rows: { train: 500, test: 400 },
          findings: [
            {
              kind: 'exact-duplicate',
              leakType: 'L1.4',
              count: 12,
              of: 400,
              message: '12 of 400 test texts (3.0 %) are training texts.',
              examples: [{ train: 3, test: 7, text: 'Bagus <b>sekali</b>!', trainText: 'bagus <b>sekali</b>' }],
            },
          ],
          notChecked: [{ leakType: 'L3.1', title: 'temporal leakage', why: 'times were not given' }],
        },
        {
          protocol: 'leak-free',
          cells: ['direction: uni', 'direction: bi'],
          rows: { train: 500, test: 388 },
          findings: [],
          notChecked: [],
        },
      ],
      protocols: [
        { protocol: 'published', steps: ['as printed'], notes: [] },
        { protocol: 'leak-free', steps: ['vocabulary on training rows'], notes: ['0 near-duplicates removed from test'] },
      ],
      preprocessing: [
        { step: 'cleaning', fittedOn: 'nothing' },
        { step: 'vocabulary', fittedOn: { published: 'all <texts>', 'leak-free': 'training texts' } },
      ],
      classNames: NAMES,
      constant: { value: 18.44, label: 'a constant prediction' },
      factors: [{ name: 'direction', title: 'Direction of the LSTM' }],
    },
  };
}

/** Results of a grid of sixteen settings, of which four have a published figure; on other data than the document's. */
export function syntheticSweep(): { results: Results; trained: Trained[] } {
  const { results } = syntheticResults('Other articles than the document’s.');
  const trained = [500, 1000, 2000, 4000].flatMap((documents, i) =>
    [16, 256].flatMap((batch, j) =>
      ['1e-3', '1e-4'].flatMap((rate, k) =>
        (['published', 'leak-free'] as const).map((protocol) => {
          const own = fakeCell(
            'sweep',
            `${documents} / ${batch} / ${rate}`,
            protocol,
            null,
            j + k === 0 ? 57 + 9 * i : null,
            0.5 - i / 10 + j / 20 + k / 30,
            true,
          );
          return {
            ...own,
            cell: {
              ...own.cell,
              sameTrainingAs: null,
              metric: 'weighted F1 %',
              mean: own.cell.mean + (protocol === 'published' ? 1.5 : 0),
            },
          };
        }),
      ),
    ),
  );
  return {
    trained,
    results: {
      ...results,
      experiment: 'news-c-lstm',
      title: 'Classes of news',
      document: 'seed 004',
      cells: trained.map((t) => t.cell),
      comparisons: [],
      findings: [
        { title: 'Batch 16 is best', text: 'Here: 256 < 16.', kind: 'computed', holds: true },
        { title: 'More documents', text: '…', kind: 'computed', holds: false },
      ],
      repeats: [],
      choices: [
        { factor: 'sweep', protocol: 'published', mask: null, by: 'test', variant: '2000 / 16 / 1e-3', value: 80 },
        { factor: 'sweep', protocol: 'leak-free', mask: null, by: 'validation', variant: '4000 / 16 / 1e-4', value: 79, rows: [40, 400] },
      ],
      publishedEpochSeconds: [448, 378],
      printed: {
        classes: [
          {
            factor: 'sweep',
            variant: '4000 / 16 / 1e-3',
            classes: [
              ['negative', 90, 80, 84.7],
              ['positive', 70, 60, 64.6],
            ],
            accuracy: 86,
            weighted: { f1: 85 },
            note: 'Averages of <what> are not said.',
          },
        ],
        means: [
          {
            factor: 'sweep',
            axis: 'documents',
            values: [500, 1000, 2000, 4000, 5000].map((at) => ({ at: String(at), published: at === 1000 ? null : at / 60, settings: 4 })),
            note: 'Derived <b>.',
          },
        ],
        quoted: [
          { name: 'Majority & co', value: 20.5, of: 'accuracy, 2 classes', baseline: 'majority class' },
          { name: 'Transformer', value: 85.21 },
        ],
      },
      factors: [{ name: 'sweep', title: 'Documents / batch size / learning rate', axes: ['documents', 'batch size', 'learning rate'] }],
    },
  };
}
