import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readExperimentFile } from '../../src/experiments/experiment-file.js';
import type { Results } from '../../src/experiments/results.js';
import { expectError } from '../helpers/expect-error.js';
import { saraf } from './capture.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-yaml-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GOOD = ['bagus', 'puas', 'cepat', 'mantap', 'suka'];
const BAD = ['buruk', 'lambat', 'kecewa', 'rusak', 'jelek'];
mkdirSync(join(folder, 'data'));
writeFileSync(
  join(folder, 'data', 'reviews.csv'),
  ['review,label', ...Array.from({ length: 120 }, (_, i) => {
    const own = i % 2 === 0 ? GOOD : BAD;
    return `aplikasi ${own[i % 5] ?? ''} ${own[(i >> 2) % 5] ?? ''} ${'abcdefghijkl'[i % 12] ?? ''}${'mnopqrstuvwx'[Math.floor(i / 12)] ?? ''},${i % 2 === 0 ? 'positif' : 'negatif'}`;
  }), ''].join('\n'), // prettier-ignore
);
const declared = (text: string, name = 'my.yaml'): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('saraf reproduce FILE.yaml', () => {
  it('runs an experiment of one’s own: models, varied settings, seeds, files beside it', async () => {
    const path = declared(`# two networks and two learning rates
file: data/reviews.csv
text: review
label: label
models: [average, cnn]
vary:
  learningRate: [0.01, 0.001]
epochs: 2
batchSize: 16
seeds: 2
`);
    const out = join(folder, 'out');
    const seen = await saraf(['reproduce', path, '--out', out, '--threads', '1']);
    expect(seen.code).toBe(0);
    const results = JSON.parse(readFileSync(join(out, 'reviews', 'results.json'), 'utf8')) as Results;
    expect(results.cells.map((c) => [c.factor, c.variant, c.protocol, c.runs.length])).toEqual([
      ['model', 'average', 'leak-free', 2],
      ['model', 'cnn', 'leak-free', 2],
      ['learningRate', '0.01', 'leak-free', 2],
      ['learningRate', '0.001', 'leak-free', 2],
    ]);
    expect(readFileSync(join(out, 'reviews', 'report.html'), 'utf8')).toContain('Learning rate');
  });

  it('leaves every row of the data out of results and report with --no-rows, from runs that are there', async () => {
    const path = declared('{ file: data/reviews.csv, text: review, label: label, models: [average], epochs: 1 }', 'rows.yaml');
    const args = ['reproduce', path, '--out', join(folder, 'out-rows'), '--threads', '1'];
    const texts = readFileSync(join(folder, 'data', 'reviews.csv'), 'utf8').split('\n').slice(1, -1).map((line) => line.split(',')[0] ?? ''); // prettier-ignore
    const shown = (): string[] => {
      const files = ['results.json', 'report.html'].map((name) => readFileSync(join(folder, 'out-rows', 'reviews', name), 'utf8'));
      return texts.filter((text) => files.some((file) => file.includes(text)));
    };
    expect((await saraf(args)).code).toBe(0);
    expect(shown().length).toBeGreaterThan(0);
    const again = await saraf([...args, '--resume', '--no-rows']);
    expect(again.code).toBe(0);
    expect(again.err).toContain('1 of them finished already');
    expect(shown()).toEqual([]);
  });

  it('sets a document beside it: figures, both protocols, claims, repeated figures, over-sampling before and after the split', async () => {
    writeFileSync(join(folder, 'data', 'uneven.csv'), readFileSync(join(folder, 'data', 'reviews.csv'), 'utf8').split('\n').filter((_, i) => i === 0 || i % 2 === 1 || i % 6 === 0).join('\n')); // prettier-ignore
    const path = declared(
      `
file: data/uneven.csv
text: review
label: label
document: Tesis 007
score: accuracy
balance: over
protocols: [published, leak-free]
models: [average, cnn]
vary: { units: [8, 16] }
epochs: 3
seeds: 2
published: { model: { average: 91.5, cnn: 93 }, units: { 16: 92 } }
claims:
  - { factor: model, order: [average, cnn], title: The convolution is better }
  - { factor: units, best: 16 }
repeats: [{ configuration: average, values: [91.5, 92] }]
`,
      'thesis.yaml',
    );
    const out = join(folder, 'out-thesis');
    const args = ['reproduce', path, '--out', out, '--threads', '1'];
    const seen = await saraf(args);
    expect(seen.err).not.toContain('[ERR');
    expect(seen.code).toBe(0);
    const results = JSON.parse(readFileSync(join(out, 'uneven', 'results.json'), 'utf8')) as Results;
    expect(results.document).toBe('Tesis 007');
    expect(results.cells.map((c) => [c.variant, c.protocol, c.published, c.metric])).toEqual(
      (
        [
          ['average', 91.5],
          ['cnn', 93],
          ['8', null],
          ['16', 92],
        ] as const
      ).flatMap(([variant, figure]) => ['published', 'leak-free'].map((protocol) => [variant, protocol, figure, 'accuracy %'])),
    );
    for (const cell of results.cells) {
      expect(cell.comparable).toBe('yes');
      if (cell.published !== null) expect(cell.difference).toBeCloseTo(cell.mean - cell.published, 10);
      expect(cell.sameTrainingAs).toBeNull();
    }
    // Copies of a row on both sides are found where they were made before the split.
    const found = (protocol: string): string[] =>
      (results.audits ?? []).filter((a) => a.protocol === protocol).flatMap((a) => a.findings.map((f) => f.kind));
    expect(found('published')).toContain('resampled-before-split');
    expect(found('published')).toContain('fitted-before-split');
    expect(found('leak-free')).not.toContain('resampled-before-split');
    expect(found('leak-free')).not.toContain('fitted-before-split');
    const tested = (protocol: string): number => results.cells.find((c) => c.protocol === protocol)?.rowsTested ?? 0;
    expect(tested('published')).toBe(12);
    expect(tested('leak-free')).toBe(8);
    expect(results.findings.map((f) => f.title)).toEqual(['The convolution is better', 'units: 16 is best']);
    expect(results.repeats).toMatchObject([{ configuration: 'average', spread: 0.5 }]);
    expect(readFileSync(join(out, 'uneven', 'report.html'), 'utf8')).toContain('Noise of the published figures');
    const again = await saraf([...args, '--protocol', 'published', '--resume']);
    expect(again.err).toContain('8 of them finished already');
  });

  it('has flags of the command go before what the file says', async () => {
    const path = declared('{ file: data/reviews.csv, text: review, label: label, models: [average], epochs: 1, seeds: 3 }', 'flags.yml');
    const out = join(folder, 'out-flags');
    expect((await saraf(['reproduce', path, '--seeds', '1', '--out', out, '--threads', '1'])).code).toBe(0);
    const results = JSON.parse(readFileSync(join(out, 'reviews', 'results.json'), 'utf8')) as Results;
    expect(results.cells.map((c) => c.runs.length)).toEqual([1]);
    const published = await saraf(['reproduce', path, '--protocol', 'published', '--out', out]);
    expect(published.code).not.toBe(0);
    expect(published.err).toContain('nothing is published of it');
    const twice = await saraf(['reproduce', path, declared(readFileSync(path, 'utf8'), 'again.yaml'), '--out', out]);
    expect(twice.code).not.toBe(0);
    expect(twice.err).toContain('two of the name reviews');
  });

  it('names the line that is no YAML, and the name or value that is not meant', () => {
    expectError(() => readExperimentFile(join(folder, 'none.yaml')), 'ERR_DATA', 'none.yaml');
    expectError(() => readExperimentFile(declared('file: a.csv\ntext: [review\nlabel: x\n')), 'ERR_FORMAT', 'my.yaml, line ');
    expectError(() => readExperimentFile(declared('')), 'ERR_FORMAT', 'received null');
    expectError(() => readExperimentFile(declared('- a\n')), 'ERR_FORMAT', 'names with values');
    expectError(() => readExperimentFile(declared('file: a.csv\ntext: t\n')), 'ERR_ARG', 'expected label in');
    const rest = 'file: a.csv\ntext: t\nlabel: l\n';
    expectError(() => readExperimentFile(declared(`${rest}epoch: 3\n`)), 'ERR_ARG', 'received epoch', 'batchSize');
    expectError(() => readExperimentFile(declared(`${rest}epochs: many\n`)), 'ERR_ARG', 'epochs', 'whole number', '"many"');
    expectError(() => readExperimentFile(declared(`${rest}models: bilstm\n`)), 'ERR_ARG', 'to be a list');
    expectError(() => readExperimentFile(declared(`${rest}models: [transformer]\n`)), 'ERR_ARG', 'models among', 'transformer');
    expectError(() => readExperimentFile(declared(`${rest}vary: { depth: [1] }\n`)), 'ERR_ARG', 'settings to vary', 'depth');
    expectError(() => readExperimentFile(declared(`${rest}vary: { units: 64 }\n`)), 'ERR_ARG', 'a list of values for units', '64');
    expectError(() => readExperimentFile(declared(`${rest}vary: { dropout: [0.5, 1] }\n`)), 'ERR_ARG', 'dropout in [0, 1)', '1');
    const fails = (line: string, ...pieces: string[]): void =>
      void expectError(() => readExperimentFile(declared(`${rest}${line}\n`)), 'ERR_ARG', ...pieces);
    fails('protocols: [leaky]', 'protocols', 'published, leak-free', 'received leaky');
    fails('protocols: []', 'received none');
    fails('balance: smote', 'balance among over, under, hybrid', 'smote');
    fails('score: auc', 'score among macroF1', 'auc');
    fails('published: { depth: { 1: 2 } }', 'a factor (model)', 'depth');
    fails('published: { model: { cnn: 70 } }', 'a variant of model (bilstm)', 'cnn');
    fails('published: { model: { bilstm: high } }', 'model: bilstm in percent', '"high"');
    fails('published: { model: 70 }', 'by the variants of model', '70');
    fails('claims: [{ factor: model }]', 'order: [lowest');
    fails('claims: [best]', 'order: [lowest');
    fails('claims: [{ factor: model, order: [bilstm] }]', 'two variants at least');
    fails('claims: [{ factor: model, best: gru }]', 'a variant of model (bilstm)', 'gru');
    fails('repeats: [{ configuration: x, values: [1] }]', 'figure, figure');
    expectError(() => readExperimentFile(declared(`${rest}models: [transformer]\n`), 'reproduce'), 'ERR_ARG', '[reproduce]');
  });

  it('names the command that was called, whatever finds the mistake', async () => {
    const message = async (text: string): Promise<string> => {
      const { code, err } = await saraf(['reproduce', declared(text), '--out', join(folder, 'none')]);
      expect(code).toBe(1);
      return err;
    };
    expect(await message('- a\n')).toContain('[reproduce] expected names with values');
    expect(await message('{ file: data/reviews.csv, text: review, label: label, models: [bert] }')).toContain(
      '[reproduce] expected models',
    );
    writeFileSync(join(folder, 'data', 'one.csv'), 'review,label\na,x\nb,x\nc,x\n');
    expect(await message('{ file: data/one.csv, text: review, label: label }')).toContain('[reproduce] expected at least two classes');
  });
});
