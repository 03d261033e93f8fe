import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { experiment, type MaskSetting, type Prepared } from '../../src/experiments/experiment.js';
import { fingerprint } from '../../src/experiments/fingerprint.js';
import { planExperiment, trainingConfig } from '../../src/experiments/plan.js';
import { experiments, findExperiment } from '../../src/experiments/registry.js';
import { reproduce } from '../../src/experiments/reproduce.js';
import { parametersOf, setInWords, type Settings } from '../../src/experiments/settings.js';
import { buildOverview } from '../../src/reports/overview.js';
import { buildReport } from '../../src/reports/report.js';
import { expectError } from '../helpers/expect-error.js';
import { tinyExperiment } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lstm = findExperiment('nusax-lstm');
const cnn = findExperiment('cifar10-cnn');
const news = findExperiment('news-c-lstm');

describe('parameters that nobody sets', () => {
  // What names a run: a change here has every training of days done again.
  it('leave every configuration as it was', () => {
    const of = (scale: 'quick' | 'full'): Record<string, string> =>
      Object.fromEntries(
        experiments.map((e) => {
          const cells = planExperiment(e, { scale }).cells;
          const own = cells.map((c) => [c.factor, c.variant, c.protocol, c.mask, trainingConfig(e, c.config), c.preparation]);
          return [e.id, `${cells.length} ${fingerprint(own).slice(0, 16)}`];
        }),
      );
    expect(of('quick')).toEqual({
      'cifar10-cnn': '22 a0aea2ed89af11b4',
      'nusax-lstm': '32 2240bcfedf84c7a6',
      'nusax-rnn': '44 55b2a75ac70c408c',
      'hate-speech-lstm-transformer': '12 a25d1c3008c4eab7',
      'halodoc-cnn-bilstm': '32 8c53a656c4675fbc',
      'news-c-lstm': '42 c11cb149d5060d20',
    });
    expect(of('full')).toEqual({
      'cifar10-cnn': '22 0b16a6c5cab49635',
      'nusax-lstm': '32 2240bcfedf84c7a6',
      'nusax-rnn': '44 55b2a75ac70c408c',
      'hate-speech-lstm-transformer': '12 d80fcf7447a20365',
      'halodoc-cnn-bilstm': '32 eede3d7c8c4970d1',
      'news-c-lstm': '206 f3c398ff22d1acc4',
    });
  });

  it('enter none when they are set to their default, or by a variant', () => {
    for (const e of experiments) {
      const free = parametersOf(e).filter((p) => p.optional);
      expect(
        free.map((p) => p.key),
        e.id,
      ).toContain('optimizer');
      const set: Settings = Object.fromEntries(free.map((p) => [p.key, p.default]));
      expect(planExperiment(e, { scale: 'full', set }).cells).toEqual(planExperiment(e, { scale: 'full' }).cells);
    }
    const [adam] = planExperiment(news, { scale: 'full', factors: ['grid'], variants: ['optimizer adam'] }).cells;
    const [base] = planExperiment(news, { scale: 'full', factors: ['architecture'], variants: ['C-LSTM'] }).cells;
    expect(adam?.config).toEqual(base?.config);
  });
});

describe('parameters that are set', () => {
  const cellsOf = (set: Settings, factors = ['direction']) => planExperiment(lstm, { scale: 'full', factors, set }).cells;

  it('change the configuration; a cell departs from the document where that states the value', () => {
    for (const cell of cellsOf({ embedding: 64, optimizer: 'rmsprop' })) {
      expect(cell.config).toMatchObject({ embedding: 64, optimizer: 'rmsprop' });
      expect(cell.departs).toBe('Departs from the document: optimizer rmsprop instead of adam.');
    }
    expect(cellsOf({ embedding: 64 }).every((c) => c.departs === undefined)).toBe(true);
    expect(cellsOf({ epochs: 10 }).every((c) => c.departs === undefined)).toBe(true);
    expect(planExperiment(findExperiment('nusax-rnn'), { scale: 'full', set: { optimizer: 'sgd' } }).cells[0]?.departs).toBeUndefined();
  });

  it('go before the scale, and behind what a variant sets itself', () => {
    const set = { epochs: 3, filters: [16, 32] };
    const plan = planExperiment(cnn, { scale: 'quick', set });
    expect(plan.cells.every((c) => c.config.epochs === 3)).toBe(true);
    const filters = (factor: string): unknown =>
      (plan.cells.find((c) => c.factor === factor)?.config as { filters?: unknown } | undefined)?.filters;
    expect(filters('kernel')).toEqual([16, 32]);
    expect(filters('layers')).toEqual([32, 64]);
    expect(plan.set.map((s) => [s.key, s.except])).toEqual([
      ['epochs', undefined],
      ['filters', ['layers', 'filters']],
    ]);
    expect(setInWords(plan.set)).toBe(
      'epochs 3 [default 10]; filters of the base model (filters) 16-32 [default 32-64-128; not where a variant of layers, filters sets it]',
    );
    expectError(() => planExperiment(cnn, { scale: 'quick', factors: ['layers'], set }), 'ERR_ARG', 'filters', '(layers)', '--factor');
  });

  it('are refused when there are none, or of another kind, naming what there is', () => {
    expectError(
      () => cellsOf({ depth: 3 }),
      'ERR_ARG',
      'nusax-lstm',
      'embedding, dense, learningRate',
      '(not stated)',
      'epochs',
      'received depth',
    );
    expectError(() => cellsOf({ duplicates: 'keep' }), 'ERR_ARG', 'duplicates', '--protocol');
    expectError(() => cellsOf({ __proto__x: 1 }), 'ERR_ARG', '__proto__x');
    expectError(() => cellsOf({ epochs: 'many' }), 'ERR_ARG', 'epochs', 'a number, as 10 is', 'received many');
    expectError(() => cellsOf({ epochs: Number.NaN }), 'ERR_ARG', 'epochs', 'a number');
    expectError(() => cellsOf({ bidirectional: 1 }, ['layers']), 'ERR_ARG', 'true or false');
    expectError(() => cellsOf({ cells: ['64'] }), 'ERR_ARG', 'a list of numbers');
    expectError(() => cellsOf({ cells: [] }), 'ERR_ARG', 'a list of numbers');
    expectError(() => cellsOf({ cells: null as never }), 'ERR_ARG', 'received null');
    expectError(() => cellsOf({ optimizer: 'adma' }), 'ERR_ARG', 'optimizer', 'adam, adamax', 'received adma');
    expectError(() => planExperiment(cnn, { scale: 'quick', set: { pooling: 'median' } }), 'ERR_ARG', 'among max, average');
  });

  it('change the network, each of their choices', () => {
    for (const e of experiments) {
      const prepared = { sizes: { vocabulary: 30, classes: 3 } } as unknown as Prepared;
      const scale = e.scales.quick.config;
      const network = (set: object): string => {
        const model = e.model({ ...e.config, ...scale, ...set }, prepared, e.masks[0] as MaskSetting);
        const { optimizer } = model.compilation ?? {};
        // Names count up, and keys are drawn, from model to model.
        const layers = JSON.stringify(model.getConfig())
          .replaceAll(/_\d+"/g, '"')
          .replaceAll(/"randomKey":\{[^}]*\}/g, '');
        return `${layers} ${optimizer?.className} ${JSON.stringify(optimizer?.getConfig())}`;
      };
      const usual = network({});
      for (const p of parametersOf(e)) {
        if (e.preparedBy.includes(p.key as never)) continue;
        const others = p.choices ?? (typeof p.default === 'boolean' ? [!p.default] : p.optional && typeof p.default === 'number' ? [p.default * 2 + 3] : []); // prettier-ignore
        for (const value of others)
          expect(network({ [p.key]: value }) === usual, `${e.id} ${p.key}=${String(value)}`).toBe(value === p.default);
      }
    }
  });

  it('stand in results, report and overview; a cell that departs is a stand-in, one that does not stays comparable', async () => {
    const run = async (set: Settings, name: string) => {
      const selection = { scale: 'quick', set, seeds: 1 } as const;
      const [outcome] = await reproduce({
        selections: [{ experiment: tinyExperiment({ epochs: 1 }), selection }],
        outDir: join(folder, name),
        load: { dataDir: undefined, onProgress: undefined },
      });
      if (!outcome) throw new Error('nothing was run');
      return outcome;
    };
    const free = await run({ units: 6 }, 'free');
    expect(free.results.scaleNote).toMatch(/; set otherwise: units$/);
    expect(free.results.set).toEqual([{ key: 'units', name: 'units', value: 6, default: 4, stated: false, except: ['units'] }]);
    expect(free.results.notStated).toEqual([{ name: 'units', default: '6' }]);
    expect(free.results.cells.every((c) => c.comparable === 'yes')).toBe(true);
    expect(buildReport(free.results, free.trained).html).toContain(
      '<dt>Set here</dt><dd>units 6 [default 4; not where a variant of units sets it]</dd>',
    );
    expect(buildOverview([{ results: free.results, report: null }]).html).toContain('<strong>Set here</strong> units 6');
    const other = await run({ batchSize: 8 }, 'other');
    for (const cell of other.results.cells)
      expect(cell).toMatchObject({
        comparable: 'stand-in',
        difference: null,
        standIn: 'Departs from the document: batch size 8 instead of 16.',
      });
    expect(buildReport(other.results, other.trained).html).toContain('Departs from the document: batch size 8 instead of 16.');
    const ids = (o: typeof free): string[] => o.results.cells.map((c) => c.runs[0]?.id ?? '');
    const usual = await run({}, 'usual');
    expect(usual.results.set).toBeUndefined();
    expect(usual.results.scaleNote).not.toContain('set otherwise');
    expect(ids(usual).slice(0, 4)).toEqual(ids(free).slice(0, 4)); // the variants' own units
    expect(ids(usual)[4]).not.toBe(ids(free)[4]);
    expect(ids(other).filter((id) => ids(usual).includes(id))).toEqual([]);
  });
});

describe('a factor on demand', () => {
  it('is run where it is named, and nowhere else', () => {
    const factors = (selection: object): string[] => [
      ...new Set(planExperiment(news, { scale: 'quick', ...selection }).cells.map((c) => c.factor)),
    ];
    expect(factors({})).toEqual(['architecture', 'sweep']);
    expect(factors({ factors: ['grid'] })).toEqual(['grid']);
    const searched = planExperiment(news, { scale: 'full', factors: ['grid'], protocols: ['leak-free'] }).cells;
    expect(searched).toHaveLength(5 + 5 + 9 + 9 + 5 + 4 + 4 + 5);
    expect(searched.every((c) => c.seeds === 1)).toBe(true);
  });
});

describe('a statement', () => {
  it('names a key of the configuration, or one with a default of its own', () => {
    const tiny = tinyExperiment();
    const of = (statement: object) => () => experiment({ ...tiny, notStated: [statement] } as never);
    expectError(of({ name: 'depth', key: 'depth' }), 'ERR_ARG', 'depth', 'neither');
    expectError(of({ name: 'units', key: 'units', default: 4 }), 'ERR_ARG', 'units', 'both');
    expect(of({ name: 'depth', key: 'depth', default: 4 })).not.toThrow();
  });
});
