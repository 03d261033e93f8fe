import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/data/audit/audit.js';
import { setSeed } from '../../../src/initializers/seed.js';
import type { Experiment, LoadContext, Prepared, TrainingConfig } from '../../../src/experiments/experiment.js';
import { fingerprintPrepared } from '../../../src/experiments/fingerprint.js';
import { planExperiment, trainingConfig } from '../../../src/experiments/plan.js';
import { findExperiment } from '../../../src/experiments/registry.js';
import { labelTensor } from '../../../src/experiments/train.js';
import { loadNusax } from '../../../src/data/nusax.js';
import { trainTestSplit } from '../../../src/data/split.js';
import { tensor } from '../../../src/tensor/tensor.js';
import { augmentTexts } from '../../../src/text/augment/augment-texts.js';
import { languageModelEngine } from '../../../src/text/augment/language-model-engine.js';
import { TextPipeline } from '../../../src/text/pipeline/text-pipeline.js';
import { expectRejection } from '../../helpers/expect-rejection.js';
import { sameBits } from '../../helpers/toy-data.js';

const data = process.env['SARAF_DATA'];
const context: LoadContext = { dataDir: data, signal: undefined, onProgress: undefined };
const has = (...path: string[]): boolean => data !== undefined && existsSync(join(data, ...path));
const skipped = (there: boolean, folder: string): string => (there ? '' : ` (skipped: SARAF_DATA names no folder with ${folder})`);

/** The configuration of a cell, as the plan has it. */
function configOf(experiment: Experiment, factor: string, variant: string, protocol: string, mask: string | null): TrainingConfig {
  const cell = planExperiment(experiment, { scale: 'quick', factors: [factor] }).cells.find(
    (c) => c.variant === variant && c.protocol === protocol && c.mask === mask,
  );
  if (!cell) throw new Error(`no cell ${variant} ${protocol}`);
  return cell.config;
}

/** Loss on a batch before and after some steps on it: whether the model is wired so that it learns. */
async function learns(experiment: Experiment, config: TrainingConfig, prepared: Prepared, steps: number): Promise<void> {
  setSeed(1);
  const model = experiment.model(config, prepared, experiment.masks[0] ?? null);
  const rows = Math.min(24, prepared.train.labels.length);
  const x = prepared.train.x.rows(0, rows);
  const y = tensor(labelTensor(prepared.train).data().slice(0, rows) as Int32Array);
  const before = model.testOnBatch(x, y)['loss'] as number;
  for (let i = 0; i < steps; i++) model.trainOnBatch(x, y);
  expect(model.testOnBatch(x, y)['loss']).toBeLessThan(before);
  expect(model.graph.outputs).toHaveLength(1);
}

describe('what is declared', () => {
  it('E2 has every factor of the document, in both settings of the mask', () => {
    const { cells } = planExperiment(findExperiment('nusax-rnn'), { scale: 'full' });
    expect(cells).toHaveLength((3 + 3 + 3 + 2) * 2 * 2);
    expect(new Set(cells.map((c) => c.published))).toEqual(new Set([62.6, 56.5, 60.1, 58.9, 57.1, 49.2, null]));
  });

  it('E6 sweeps 10 sizes, 5 batches and 2 rates in full, 3 × 3 × 2 of them quickly, under both protocols', () => {
    const cells = (scale: 'quick' | 'full'): number =>
      planExperiment(findExperiment('news-c-lstm'), { scale, factors: ['sweep'] }).cells.length;
    expect([cells('full'), cells('quick')]).toEqual([10 * 5 * 2 * 2, 3 * 3 * 2 * 2]);
    const published = planExperiment(findExperiment('news-c-lstm'), { scale: 'full', factors: ['sweep'] }).cells.filter(
      (c) => c.published !== null && c.protocol === 'published',
    );
    expect(published.map((c) => c.published)).toEqual([57.48, 73.02, 80.77, 87.25, 89.2, 91.87, 91.53, 92.02, 92.03, 93.27]);
  });

  it('E5 has the grid of both periods, with a figure for the best setting alone', () => {
    const { cells } = planExperiment(findExperiment('halodoc-cnn-bilstm'), { scale: 'full', factors: ['during', 'after'] });
    expect(cells).toHaveLength(2 * 6 * 2);
    expect(cells.filter((c) => c.published !== null).map((c) => [c.factor, c.variant, c.published])).toEqual(
      [['during', 98.71], ['after', 98.16]].flatMap(([factor, value]) => Array.from({ length: 2 }, () => [factor, '64 / 1e-3', value])), // prettier-ignore
    );
  });
});

const halodoc = has('halodoc-reviews', 'during_standin.csv');
describe.skipIf(!halodoc)(`E5 on the real reviews${skipped(halodoc, 'halodoc-reviews')}`, () => {
  const experiment = findExperiment('halodoc-cnn-bilstm');

  it('leaks as the document does it, and not when the split comes first', { timeout: 300_000 }, async () => {
    const loaded = await experiment.load(context, []);
    const kinds: Record<string, string[]> = {};
    for (const protocol of ['published', 'leak-free']) {
      const config = configOf(experiment, 'balance', 'over-sampling', protocol, null);
      const prepared = await experiment.prepare(loaded, config);
      const found = audit(prepared.audited).findings;
      kinds[protocol] = found.map((f) => f.kind);
      const counts = (labels: Int32Array): number[] => [0, 1, 2, 3, 4].map((k) => labels.filter((l) => l === k).length);
      const [train, test] = [counts(prepared.train.labels), counts(prepared.test.labels)];
      // Over-sampled to the largest class, in training always; in the test only where it came first.
      expect(Math.max(...train) - Math.min(...train)).toBeLessThanOrEqual(1);
      expect(Math.max(...test) - Math.min(...test) <= 1).toBe(protocol === 'published');
      if (protocol === 'published') {
        // By hand: how many test rows are of a review that is in training too.
        const own = new Set(Array.from(prepared.audited.train.sources ?? []));
        const crossing = Array.from(prepared.audited.test.sources ?? []).filter((row) => own.has(row)).length;
        expect(found.find((f) => f.kind === 'resampled-before-split')?.count).toBe(crossing);
        expect(crossing).toBeGreaterThan(0.7 * prepared.test.labels.length);
        await learns(experiment, config, prepared, 20);
      }
      const again = await experiment.prepare(loaded, config);
      expect(fingerprintPrepared(again)).toBe(fingerprintPrepared(prepared));
      expect(prepared.embeddings?.shape).toEqual([prepared.sizes['vocabulary'], 32]);
      // Reviews in emoji alone have no word left: the padding, which is all of such a row, has no vector.
      expect(Array.from(prepared.embeddings?.rows(0, 1).data() as Float32Array)).toEqual(Array.from({ length: 32 }, () => 0));
    }
    const kept: Uint8Array[] = [];
    for (const variant of ['as they are', 'over-sampling', 'under-sampling', 'both, to the mean']) {
      const prepared = await experiment.prepare(loaded, configOf(experiment, 'balance', variant, 'leak-free', null));
      expect(
        audit(prepared.audited).findings.map((f) => f.kind),
        variant,
      ).not.toContain('fitted-before-split');
      kept.push(prepared.test.keep as Uint8Array);
      // No validation row of known words that counts repeats a training row.
      const rows = ({ x }: Prepared['train']): string[] => Array.from({ length: x.shape[0] as number }, (_, i) => x.rows(i, i + 1).data().join()); // prettier-ignore
      const seen = new Set(rows(prepared.train));
      expect(rows(prepared.validation).filter((row, i) => prepared.validation.keep?.[i] === 1 && seen.has(row) && !/(^|,)1(,|$)/.test(row))).toEqual([]); // prettier-ignore
      expect(prepared.unsampled === undefined).toBe(variant === 'as they are');
    }
    // So that the ways to balance can be compared row by row.
    expect(new Set(kept.map((keep) => keep.join())).size).toBe(1);
    expect(kinds['published']).toContain('resampled-before-split');
    expect(kinds['leak-free']).not.toContain('resampled-before-split');
    expect(kinds['leak-free']).not.toContain('fitted-before-split');
  });
});

describe.skipIf(!halodoc)(`E5 with SMOTE${skipped(halodoc, 'halodoc-reviews')}`, () => {
  const experiment = findExperiment('halodoc-cnn-bilstm');

  it(
    'makes rows between the vectors of training reviews; in the test part only where it came before the split',
    { timeout: 300_000 },
    async () => {
      const loaded = await experiment.load(context, []);
      const counts = (labels: Int32Array): number[] => [0, 1, 2, 3, 4].map((k) => labels.filter((l) => l === k).length);
      const of = async (variant: string, protocol: string): Promise<Prepared> =>
        experiment.prepare(loaded, configOf(experiment, 'smote', variant, protocol, null));
      const plain = await of('as they are', 'leak-free');
      const made = await of('SMOTE', 'leak-free');
      expect(made.train.x.shape.slice(1)).toEqual([40, 32]);
      expect(new Set(counts(made.train.labels))).toEqual(new Set([Math.max(...counts(plain.train.labels))]));
      expect(counts(made.test.labels)).toEqual(counts(plain.test.labels));
      // What was there stays first, by bits; then rows of the rarer classes that no review has.
      const there = plain.train.labels.length;
      expect(sameBits([made.train.x.rows(0, there)], [plain.train.x])).toBe(true);
      expect(made.train.labels.slice(there)).not.toContain(4);
      expect(made.unsampled?.labels).toEqual(plain.train.labels);
      expect(audit(made.audited).findings.map((f) => f.kind)).not.toContain('resampled-before-split');
      const config = configOf(experiment, 'smote', 'SMOTE', 'leak-free', null);
      await learns(experiment, config, made, 20);
      const leaky = await of('SMOTE', 'published');
      expect(new Set(counts(leaky.test.labels)).size).toBeLessThanOrEqual(2);
      expect(audit(leaky.audited).findings.map((f) => f.kind)).toContain('resampled-before-split');
      const mixed = await of('SMOTE and under-sampling, to the mean', 'leak-free');
      expect(mixed.train.labels.length).toBeLessThan(there + 5);
      await expectRejection(
        Promise.resolve(experiment.prepare(loaded, { ...config, input: 'words' } as TrainingConfig)),
        'ERR_ARG',
        'expected input "vectors"',
      );
    },
  );
});

const news = has('indonesian-news', 'clickid', 'scope3_train.csv.gz');
describe.skipIf(!news)(`E6 on the real articles${skipped(news, 'indonesian-news')}`, () => {
  const experiment = findExperiment('news-c-lstm');

  it('keeps the test part, takes classes in their proportions, and both branches learn', { timeout: 300_000 }, async () => {
    const loaded = await experiment.load(context, []);
    const shares = (labels: Int32Array): number[] => [0, 1, 2].map((k) => labels.filter((l) => l === k).length / labels.length);
    for (const [protocol, rows] of [
      ['published', [400, 1000]],
      ['leak-free', [360, 40]],
    ] as const) {
      const config = configOf(experiment, 'sweep', '500 / 16 / 1e-3', protocol, null);
      const prepared = await experiment.prepare(loaded, config);
      expect([prepared.train.labels.length, prepared.validation.labels.length]).toEqual(rows);
      expect(prepared.test.labels).toHaveLength(1000);
      expect([prepared.validation.keep?.length, prepared.test.keep?.length]).toEqual(
        protocol === 'leak-free' ? [rows[1], 1000] : [undefined, undefined],
      );
      shares(prepared.train.labels).forEach((share, k) => expect(share).toBeCloseTo([666, 2949, 385][k]! / 4000, 2));
      await learns(experiment, config, prepared, 8);
    }
    const whole = await experiment.prepare(loaded, configOf(experiment, 'architecture', 'C-LSTM', 'published', null));
    expect(whole.train.labels).toHaveLength(4000);
    expect(shares(whole.test.labels).map((share) => Math.round(1000 * share))).toEqual([366, 548, 86]);
  });
});

const tweets = has('id-hate-speech', 're_dataset.csv');
describe.skipIf(!tweets)(`E4 on the real tweets${skipped(tweets, 'id-hate-speech')}`, () => {
  it('has the 44 combinations of the document, and every variant learns', { timeout: 300_000 }, async () => {
    const experiment = findExperiment('hate-speech-lstm-transformer');
    const loaded = await experiment.load(context, []);
    expect(loaded.classNames).toHaveLength(57);
    expect([loaded.classNames[0], loaded.classNames[43]]).toEqual(['H0 000000000000', 'H43 111011000100']);
    expect(loaded.classNames[8]).toBe('H8 100111000001');
    // Weighted by tweets, not by the document's own test rows, which give 87.6.
    const printed = experiment.printed?.classes?.[0]?.classes ?? [];
    const tweets = printed.map(([name], k) => {
      expect(loaded.classNames[k]?.startsWith(`${name} `)).toBe(true);
      return (loaded.raw as { labels: Int32Array }).labels.filter((label) => label === k).length;
    });
    const weighted = printed.reduce((sum, c, k) => sum + c[3] * (tweets[k] ?? 0), 0) / tweets.reduce((a, b) => a + b, 0);
    expect(weighted).toBeCloseTo(87.28, 2);
    const rowsOf = ({ train, validation, test }: Prepared): number[] => [train, validation, test].map((p) => p.labels.length);
    const published = await experiment.prepare(loaded, {
      ...configOf(experiment, 'blocks', 'both', 'published', 'off'),
      tweets: 0,
    } as never);
    expect(rowsOf(published)).toEqual([8428, 2107, 2634]);
    expect(published.validation.keep).toBeUndefined();
    for (const variant of ['LSTM', 'attention', 'both']) {
      const config = { ...configOf(experiment, 'blocks', variant, 'leak-free', 'off'), learningRate: 1e-3, tweets: 0 };
      const prepared = await experiment.prepare(loaded, config);
      expect(prepared.sizes['classes']).toBe(44);
      expect(prepared.train.labels.length + prepared.validation.labels.length + prepared.test.labels.length).toBe(13_156);
      expect(Math.max(...prepared.train.labels)).toBeLessThan(44);
      // Validation rows that repeat a training row do not count, on which the choice rests.
      expect(prepared.validation.keep?.filter((kept) => kept === 0).length).toBeGreaterThan(0);
      await learns(experiment, config, prepared, 8);
    }
  });

  it('makes three copies of every tweet, before the split or of the training part alone', { timeout: 300_000 }, async () => {
    const experiment = findExperiment('hate-speech-lstm-transformer');
    const loaded = await experiment.load(context, []);
    const phases = new Set<string>();
    const prepared = async (variant: string, protocol: string): Promise<Prepared> =>
      experiment.prepare(loaded, { ...configOf(experiment, 'augmentation', variant, protocol, 'off'), tweets: 1500 } as never, {
        ...context,
        onProgress: (p) => phases.add(p.phase),
      });
    const kinds = ({ audited }: Prepared): string[] => audit(audited).findings.map((f) => f.kind);
    const sizes = ({ train, validation, test }: Prepared): number[] => [train, validation, test].map((p) => p.labels.length);
    const sources = ({ audited }: Prepared, side: 'train' | 'test'): number[] => Array.from(audited[side].sources ?? []);

    const before = await prepared('as the protocol has it', 'published');
    expect(sizes(before)).toEqual([3840, 960, 1200]);
    expect(before.standIn).toMatch(/masked language model of saraf \(two LSTMs of 32 units, \d+ words\).*nothing stands in its place/);
    expect([...phases].sort()).toEqual(['augment', 'learn']);
    const trained = new Set(sources(before, 'train'));
    const crossing = sources(before, 'test').filter((row) => trained.has(row)).length;
    const leak = audit(before.audited).findings.find((f) => f.kind === 'resampled-before-split');
    expect(leak?.count).toBe(crossing);
    expect(crossing / 1200).toBeGreaterThan(0.8);
    expect(kinds(before)).toContain('near-duplicate');

    const only = await prepared('training part only', 'published');
    const none = await prepared('none', 'published');
    expect(sizes(only)).toEqual([960 * 4, 240, 300]);
    expect(sizes(none)).toEqual([960, 240, 300]);
    expect(only.test.labels).toEqual(none.test.labels);
    expect(none.standIn).toBeUndefined();
    for (const clean of [only, none]) expect(kinds(clean)).not.toContain('resampled-before-split');

    // Leak-free, both variants with copies are one training.
    const [free, same] = [await prepared('as the protocol has it', 'leak-free'), await prepared('training part only', 'leak-free')];
    expect(fingerprintPrepared(free)).toBe(fingerprintPrepared(same));
    const cells = planExperiment(experiment, { scale: 'quick', factors: ['augmentation'], protocols: ['leak-free'] }).cells;
    expect(cells.map((c) => JSON.stringify(trainingConfig(experiment, c.config)))[1]).toBe(
      JSON.stringify(trainingConfig(experiment, (cells[2] as (typeof cells)[number]).config)),
    );
    expect(sizes(free)[0]).toBe(960 * 4);
    expect(free.notes.join()).toMatch(/2880 copies by the masked .* learnt from 960 texts/);
    expect(kinds(free)).not.toContain('resampled-before-split');
    const own = new Set(sources(free, 'train'));
    expect(sources(free, 'test').some((row) => own.has(row))).toBe(false);
    await learns(experiment, configOf(experiment, 'augmentation', 'none', 'leak-free', 'off'), free, 8);
  });

  it(
    'finds the copies of its engine across a split: recall of at least 0.95, precision of at least 0.92',
    { timeout: 300_000 },
    async () => {
      const experiment = findExperiment('hate-speech-lstm-transformer');
      const { written } = (await experiment.load(context, [])).raw as { written: string[] };
      const { train, test } = trainTestSplit(4000, { testSize: 1500, seed: 3 });
      const shown = Array.from(train, (row) => written[row] as string);
      const others = Array.from(test, (row) => written[row] as string);
      // Texts of fewer than four different words are not judged, and tweets that resemble a training tweet anyway plant nothing.
      const sources = [...shown.keys()].filter((row) => new Set((shown[row] as string).split(' ')).size >= 5).slice(0, 500);
      const texts = sources.map((row) => shown[row] as string);
      const engine = await languageModelEngine(shown, { model: { maxWords: 2000, units: 32, embedding: 32, epochs: 1, hidden: 2 } });
      const made = await augmentTexts(texts, { engine, seed: 1 });
      const planted = made.texts.slice(texts.length);
      const { findings } = audit({ train: { texts: shown }, test: { texts: [...planted, ...others] } }, { examples: Infinity });
      const pairs = findings.filter((f) => f.kind === 'near-duplicate' || f.kind === 'exact-duplicate').flatMap((f) => f.examples);
      const words = (row: number): Set<string> => new Set((shown[row] as string).split(' '));
      const alike = (a: Set<string>, b: Set<string>): boolean => [...a].filter((w) => b.has(w)).length >= new Set([...a, ...b]).size / 2;
      // Found: it leads to the tweet that was copied, or one of the same words. Tweets that resemble each other unplanted count as errors.
      const right = pairs.filter(({ test: row, train: found }) => {
        if (row === null || found === null || row >= planted.length) return false;
        return alike(words(sources[row % sources.length] as number), words(found));
      }).length;
      const measured = { recall: right / planted.length, precision: right / pairs.length };
      expect(measured.recall, JSON.stringify(measured)).toBeGreaterThanOrEqual(0.95);
      expect(measured.precision, JSON.stringify(measured)).toBeGreaterThanOrEqual(0.92);
    },
  );
});

const nusax = has('nusax-senti', 'indonesian', 'train.csv');
describe.skipIf(!nusax)(`E2 on the real texts${skipped(nusax, 'nusax-senti')}`, () => {
  it('trains every depth, in one and in both directions', { timeout: 120_000 }, async () => {
    const experiment = findExperiment('nusax-rnn');
    const loaded = await experiment.load(context, []);
    for (const [factor, variant] of [
      ['shrinking', 'Bi-64, Bi-32, Bi-16'],
      ['direction', 'uni'],
    ] as const) {
      const config = configOf(experiment, factor, variant, 'leak-free', 'on');
      const prepared = await experiment.prepare(loaded, config);
      await learns(experiment, config, prepared, 8);
      // What goes with the model makes of the raw texts what it was tested on, also once it was saved.
      const { test } = await loadNusax('indonesian', { dataDir: data });
      const again = TextPipeline.fromJSON(JSON.parse(JSON.stringify(prepared.preprocessing)));
      expect(sameBits([again.transform(test.strings('text'))], [prepared.test.x])).toBe(true);
    }
  });
});
