import { describe, expect, it } from 'vitest';
import { charts } from '../../src/reports/index.js';
import { dumbbell } from '../../src/reports/charts/dumbbell.js';
import { confusionMatrixSpec } from '../../src/reports/charts/confusion-matrix.js';
import { factorScores } from '../../src/reports/charts/factor-scores.js';
import { layerTimes } from '../../src/reports/charts/layer-times.js';
import { lossCurves, lossDomain, lossPoints } from '../../src/reports/charts/loss-curves.js';
import { parallelCoordinates } from '../../src/reports/charts/parallel-coordinates.js';
import { renderSvg } from '../../src/reports/charts/render.js';
import { chartTheme, type ChartSpec } from '../../src/reports/charts/spec.js';
import { SearchResult } from '../../src/search/search-result.js';
import { expectError } from '../helpers/expect-error.js';
import { wordMapSpec } from '../../src/reports/charts/word-map.js';
import { Table } from '../../src/data/table.js';
import { schemaErrors } from './schema.js';

const histories = [
  { loss: [1.1, 0.9, 0.7], val_loss: [1.0, 0.95, 0.97], accuracy: [0.4, 0.5, 0.6] },
  { loss: [1.2, 0.8, 0.6], val_loss: [1.1, 0.99, 1.02], accuracy: [0.4, 0.5, 0.7] },
];

const specs: Record<string, ChartSpec> = {
  'loss curves with bands': lossCurves(
    [
      { name: 'uni', histories },
      { name: 'bi', histories: histories.slice(0, 1) },
    ],
    { title: 'Direction', subtitle: 'mask off', domain: [0, 2] },
  ),
  'loss curve of one run': lossCurves([{ name: 'bi', histories: [{ loss: [1, 0.5] }] }], { title: 'One' }),
  'confusion matrix of 3': confusionMatrixSpec(
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
    ['negative', 'neutral', 'positive'],
    { title: 'uni' },
  ),
  'confusion matrix of 10': confusionMatrixSpec(
    Array.from({ length: 10 }, (_, i) => Array.from({ length: 10 }, (__, j) => (i === j ? 900 : 11))),
    Array.from({ length: 10 }, (_, i) => `class ${i}`),
  ),
  'confusion matrix of 44': confusionMatrixSpec(
    Array.from({ length: 44 }, (_, i) => Array.from({ length: 44 }, (__, j) => (i === 7 || j === 7 ? 0 : i === j ? 90 : 1))),
    Array.from({ length: 44 }, (_, i) => `H${i}`),
  ),
  'factor scores': factorScores(
    [
      { variant: 'uni', kind: 'published', value: 18.3, std: null },
      { variant: 'uni', kind: 'reproduced', value: 18.4, std: 0.2 },
      { variant: 'uni', kind: 'leak-free', value: 18.4, std: 0.2 },
      { variant: 'bi', kind: 'published', value: 74.1, std: null },
      { variant: 'bi', kind: 'reproduced', value: 71, std: 2 },
    ],
    { title: 'Direction', metric: 'macro F1 %', constant: { value: 18.44, label: 'constant prediction' } },
  ),
  'layer times': layerTimes(
    [
      { layer: 'lstm', pass: 'forward', milliseconds: 3, share: 0.3, bound: 'compute' },
      { layer: 'lstm', pass: 'backward', milliseconds: 6, share: 0.6, bound: 'compute' },
      { layer: 'Adam', pass: 'update', milliseconds: 1, share: 0.1, bound: null },
    ],
    { title: 'Time of a step per layer' },
  ),
  'a map of words': wordMapSpec(
    new Table(
      ['word', 'x', 'y'],
      [
        ['baik', 'bagus', 'buruk'],
        [0, 0.1, 2],
        [1, 1.1, -3],
      ],
    ),
    { groups: ['good', 'good', 'bad'] },
  ),
  'choices of a search': parallelCoordinates(
    new SearchResult(
      Array.from({ length: 12 }, (_, i) => ({
        trial: i,
        params: { units: [16, 32, 64][i % 3] as number, rate: 10 ** (-4 + i / 4), cell: i % 2 ? 'lstm' : 'gru', 'a.b': null },
        epochs: 9,
        scores: i === 11 ? [Infinity] : [0.5 + 0.03 * i, 0.55],
        seconds: 1,
      })),
      { name: 'val_accuracy', larger: true },
    ),
  ),
  'factor scores without a reference': factorScores([{ variant: 'max', kind: 'reproduced', value: 60, std: null }], {
    title: 'Pooling',
    metric: 'macro F1 %',
  }),
};

describe('chart specifications', () => {
  for (const [name, spec] of Object.entries(specs)) {
    it(`${name} follows Vega-Lite's schema, in both themes`, () => {
      expect(schemaErrors(spec)).toEqual([]);
      expect(schemaErrors({ ...spec, config: chartTheme('light') })).toEqual([]);
      expect(schemaErrors({ ...spec, config: chartTheme('dark') })).toEqual([]);
    });

    it(`${name} draws marks`, async () => {
      const svg = await renderSvg(spec, 420);
      expect(svg).toMatch(/^<svg/);
      expect(svg).not.toContain('NaN');
      expect(svg.match(/<path /g)?.length ?? 0).toBeGreaterThan(3);
    });
  }

  it('a schema violation is found', () => {
    expect(schemaErrors({ ...specs['factor scores'], height: 'tall' })).not.toEqual([]);
  });

  it('a title of several lines leaves the marks their room', async () => {
    const title =
      'Three copies of every tweet: none; as published before the split, leak-free of the training part; of the training part under both';
    const frame = async (own: string): Promise<{ top: number; height: number }> => {
      const point = { variant: 'as the protocol has it', kind: 'reproduced', published: 86, value: 89.6, low: 89, high: 90.1 } as const;
      const svg = await renderSvg(dumbbell([point], { title: own, subtitle: 'mask off', metric: 'accuracy %', joined: false }), 420);
      // A label that has room is not cut.
      expect(svg).toContain('>as the protocol has it</text>');
      const [, top] = /transform="translate\([\d.]+,([\d.]+)\)"><g class="mark-group role-frame/.exec(svg) ?? [];
      const [, height] = /class="background"[^>]*d="M[^v]*v([\d.]+)/.exec(svg) ?? [];
      return { top: Number(top), height: Number(height) };
    };
    const [short, long] = [await frame('Copies'), await frame(title)];
    expect(short.height).toBeGreaterThan(10);
    expect(long.height).toBeCloseTo(short.height, 0);
    expect(long.top - short.top).toBeCloseTo(45, 0);
  });

  it('a specification that Vega-Lite refuses is an ERR_FORMAT', async () => {
    await expect(renderSvg({ mark: 'nonsense', data: { values: [] } })).rejects.toMatchObject({ code: 'ERR_FORMAT' });
  });
});

describe('loss points', () => {
  it('are mean and range over seeds', () => {
    const points = lossPoints([{ name: 'a', histories }]);
    expect(points).toHaveLength(6);
    expect(points[0]).toEqual({ epoch: 1, variant: 'a', part: 'training', loss: (1.1 + 1.2) / 2, low: 1.1, high: 1.2 });
  });

  it('leave out what is not finite, and a run without any finite loss is an error', () => {
    expect(lossPoints([{ name: 'a', histories: [{ loss: [1, Number.NaN] }] }])).toHaveLength(1);
    expect(() => lossCurves([{ name: 'a', histories: [{ loss: [Number.NaN] }] }], { title: '' })).toThrow(
      /expected at least one finite loss/,
    );
    expect(lossDomain([[{ name: 'a', histories: [] }]])).toBeUndefined();
    // Losses below zero, as of cosine similarity, are inside too; those above it have no axis below.
    const domain = (loss: number[]): readonly number[] => lossDomain([[{ name: 'a', histories: [{ loss }] }]]) ?? [];
    expect([domain([-0.9, -0.1])[0], domain([0.01, 1])[0]]).toEqual([expect.closeTo(-0.94, 6), 0]);
  });

  it('keep their height under a long legend, which fits a phone', async () => {
    for (const names of [
      ['uni', 'bi'],
      Array.from({ length: 6 }, (_, i) => `${32 * i} / 1e-3`),
      Array.from({ length: 12 }, (_, i) => `a variant of a long name ${i}`),
    ]) {
      const svg = await renderSvg(lossCurves(names.map((name) => ({ name, histories })), { title: 'Direction' }), 320); // prettier-ignore
      const ticks = [...svg.matchAll(/<line transform="translate\(0,([\d.]+)\)" x2="-5"/g)].map((m) => Number(m[1]));
      expect(Math.max(...ticks) - Math.min(...ticks)).toBeGreaterThan(130);
      const colours = new Set([...svg.matchAll(/aria-roledescription="line mark"[^>]*stroke="(#\w+)"/g)].map((m) => m[1]));
      expect(colours.size).toBe(names.length);
    }
  });

  it('share one domain over groups', () => {
    const [low, high] = lossDomain([[{ name: 'a', histories }]]) ?? [0, 0];
    expect(low).toBeLessThan(0.6);
    expect(high).toBeGreaterThan(1.2);
  });
});

describe('charts for notebooks', () => {
  it('take a History or a plain record and give an image', async () => {
    const chart = charts.lossCurve({ history: histories[0] as Record<string, number[]> });
    const html = await chart.toHTML();
    expect(html).toMatch(/^<img alt="[^"]+" style="max-width:100%" src="data:image\/svg\+xml;base64,/);
    const svg = Buffer.from(/base64,([^"]+)"/.exec(html)?.[1] ?? '', 'base64').toString('utf8');
    expect(svg).toContain('<svg');
    expect(await charts.lossCurve(histories).toSVG()).toContain('<svg');
  });

  it('escape names', async () => {
    const html = await charts
      .confusionMatrix(
        [
          [1, 0],
          [0, 1],
        ],
        ['<a>', '"b"'],
        { title: '<script>"' },
      )
      .toHTML();
    expect(html).not.toContain('<script>');
  });

  it('refuse a matrix that is not square', () => {
    expect(() => charts.confusionMatrix([[1, 2]], ['a', 'b'])).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }));
    expect(() =>
      charts.confusionMatrix(
        [
          [1, -2],
          [0, 0],
        ],
        ['a', 'b'],
      ),
    ).toThrow(expect.objectContaining({ code: 'ERR_DATA' }));
  });
});

it('says which search has nothing to show', () => {
  const found = new SearchResult([{ trial: 0, params: { a: 1 }, epochs: 1, scores: [NaN], seconds: 0 }], {
    name: 'val_loss',
    larger: false,
  });
  expectError(() => parallelCoordinates(found), 'ERR_DATA', 'finite score');
});

it('says what a map of words needs', () => {
  const points = new Table(['word', 'x', 'y'], [['a'], [0], [0]]);
  expectError(() => wordMapSpec(new Table(['word'], [['a']])), 'ERR_DATA', 'projectWords');
  expectError(() => wordMapSpec(points, { groups: [] }), 'ERR_ARG', 'each of 1 words');
});

it('writes no counts into a large confusion matrix, and leaves out classes that do not occur', () => {
  const spec = specs['confusion matrix of 44'] as { layer: unknown[]; data: { values: { actual: string }[] } };
  expect(spec.layer).toHaveLength(1);
  expect(spec.data.values).toHaveLength(43 * 43);
  expect(spec.data.values.some((v) => v.actual === 'H7')).toBe(false);
});
