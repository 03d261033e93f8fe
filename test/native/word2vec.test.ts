import { describe, expect, it } from 'vitest';
import { packTable, paddedColumns, tableIndex, unpackTable } from '../../src/embeddings/tables.js';
import { expectBits, expectClose, expectError, expectSameBitsEverywhere, guardedCopy, native, randomFloats, randomInts, randomSource, toDouble } from './helpers.js';

interface Case {
  cbow: boolean;
  V: number;
  D: number;
  lengths: number[];
  window?: number;
  negative?: number;
  batch?: number;
}

const ALL = -1; // every bit set: every draw is at most this

/** Tables with rows of D values padded by zeros, texts of words drawn alike. */
function made({ V, D, lengths }: Case) {
  const columns = paddedColumns(D);
  const padded = (seed: number): Float32Array => {
    const table = new Float32Array(V * columns);
    packTable(randomFloats(V * D, seed, 0.3), V, D, table);
    return table;
  };
  const n = lengths.reduce((a, b) => a + b, 0);
  let end = 0;
  return {
    columns,
    words: randomInts(n, 5, V),
    ends: Int32Array.from(lengths, (length) => (end += length)),
    keep: new Int32Array(V).fill(ALL),
    // Every word as likely as any other.
    chance: new Int32Array(V).fill(ALL),
    alias: Int32Array.from({ length: V }, (_, v) => v),
    input: padded(1),
    output: padded(2),
  };
}
type Made = ReturnType<typeof made>;

interface Options {
  rate?: number | null;
  wantsLoss?: boolean;
  epoch?: number;
  position?: number;
  keep?: Int32Array;
}
function run(c: Case, m: Made, input: Float32Array | Float64Array, output: Float32Array | Float64Array, o: Options = {}): Float64Array {
  const totals = new Float64Array(3);
  const { rate = 0.05, wantsLoss = true, epoch = 0, position = 0, keep = m.keep } = o;
  const at = [m.words, m.ends, keep, m.chance, m.alias, input, output] as const;
  native.word2vec(c.cbow, ...at, m.columns, c.window ?? 5, c.negative ?? 5, 42, epoch, position, 1000, rate, rate === null ? null : rate / 2, totals, wantsLoss, c.batch ?? 64);
  return totals;
}

const CASES: Case[] = [false, true].flatMap((cbow) => [
  { cbow, V: 20, D: 16, lengths: [2] },
  { cbow, V: 50, D: 100, lengths: [1, 0, 30, 2, 9] },
  { cbow, V: 7, D: 40, lengths: [300, 3, 290], window: 3, negative: 8, batch: 3 },
  { cbow, V: 400, D: 112, lengths: [700], window: 8, negative: 3, batch: 256 },
  { cbow, V: 3, D: 5, lengths: [40, 40], window: 2, negative: 1, batch: 1 },
  { cbow, V: 30, D: 32, lengths: [50], window: 1, negative: 20 },
]);

describe('word2vec', () => {
  for (const c of CASES) {
    it(`${c.cbow ? 'CBOW' : 'skip-gram'}, ${c.V} words, ${c.D} columns, sentences of ${c.lengths.join(', ')}`, () => {
      const m = made(c);
      const got = expectSameBitsEverywhere('word2vec', () => {
        const input = guardedCopy(m.input);
        const output = guardedCopy(m.output);
        return { input, output, totals: run(c, m, input, output) };
      });
      expect(got.input).not.toEqual(m.input);
      const [input, output] = [toDouble(m.input), toDouble(m.output)];
      const totals = run(c, m, input, output);
      expectClose(got.input, input, 2e-5, 'input');
      expectClose(got.output, output, 2e-5, 'output');
      expectClose(got.totals, totals, 1e-5, 'windows, pairs, loss');
      expect(totals[0]).toBe(c.lengths.filter((n) => n > 1).reduce((a, b) => a + b, 0));
      const again = new Float32Array(got.input.length);
      packTable(unpackTable(got.input, c.V, c.D), c.V, c.D, again);
      expectBits(got.input, again, 'the padding stays 0');
    });

    it(`${c.cbow ? 'CBOW' : 'skip-gram'} without a rate changes nothing and has the same loss: ${c.V} words`, () => {
      const m = made({ ...c, lengths: c.lengths.slice(0, 1) });
      const short = { ...c, lengths: c.lengths.slice(0, 1) };
      const before = run({ ...short, batch: 1024 }, m, m.input.slice(), m.output.slice());
      const [input, output] = [m.input.slice(), m.output.slice()];
      const totals = run(short, m, input, output, { rate: null });
      expectBits(input, m.input, 'input');
      expectBits(output, m.output, 'output');
      // Within one batch every score is taken before any change.
      expect(totals).toEqual(before);
    });
  }

  it('goes down the gradient of its loss: a step is -rate times the central difference', () => {
    for (const cbow of [false, true]) {
      // One window: the other word of each sentence is left out by its draw or is the centre's only context.
      const c: Case = { cbow, V: 40, D: 16, lengths: [2], window: 1, negative: 4 };
      const m = made(c);
      m.words.set([3, 9]);
      const loss = (input: Float64Array, output: Float64Array): number => run(c, m, input, output, { rate: null })[2] as number;
      const [input, output] = [toDouble(m.input), toDouble(m.output)];
      const rate = 1e-6;
      run(c, m, input, output, { rate });
      const h = 1e-5;
      const next = randomSource(3);
      for (let trial = 0; trial < 30; trial++) {
        const d = Math.floor(next() * 16);
        for (const [table, row] of [['input', 3], ['input', 9], ['output', 3], ['output', 9]] as const) {
          const at = tableIndex(c.V, m.columns)(row, d);
          const lossAt = (by: number): number => {
            const [x, y] = [toDouble(m.input), toDouble(m.output)];
            const moved = table === 'input' ? x : y;
            moved[at] = (moved[at] as number) + by;
            return loss(x, y);
          };
          const slope = (lossAt(h) - lossAt(-h)) / (2 * h);
          const now = (table === 'input' ? input : output)[at] as number;
          const was = (table === 'input' ? m.input : m.output)[at] as number;
          // The rate falls from position to position: both words are at the beginning of 1000.
          expect((now - was) / -rate).toBeCloseTo(slope, 2);
        }
      }
    }
  });

  it('leaves out words whose draw is above `keep`, more the smaller it is, others in other epochs', () => {
    const c: Case = { cbow: false, V: 50, D: 16, lengths: [4000] };
    const m = made(c);
    const windows = (keep: number, epoch = 0): number =>
      run(c, m, m.input.slice(), m.output.slice(), { keep: new Int32Array(50).fill(keep | 0), wantsLoss: false, epoch })[0] as number;
    expect(windows(0xffffffff)).toBe(4000);
    expect(windows(0)).toBe(0);
    const half = windows(0x7fffffff);
    expect(Math.abs(half - 2000)).toBeLessThan(5 * Math.sqrt(1000));
    expect(windows(0x7fffffff)).toBe(half);
    expect(windows(0x7fffffff, 1)).not.toBe(half);
  });

  it('draws by position: a text in two pieces has the windows and the loss of the whole', () => {
    const whole: Case = { cbow: true, V: 60, D: 16, lengths: [130, 70] };
    const m = made(whole);
    const keep = new Int32Array(60).fill(0x60000000);
    const all = run(whole, m, m.input, m.output, { rate: null, keep });
    const parts = [0, 130].map((from, i) => {
      const piece = { ...m, words: m.words.subarray(from, from + (whole.lengths[i] as number)), ends: Int32Array.of(whole.lengths[i] as number) };
      return run(whole, piece, m.input, m.output, { rate: null, position: from, keep });
    });
    for (let k = 0; k < 3; k++) expect((parts[0]?.[k] as number) + (parts[1]?.[k] as number)).toBeCloseTo(all[k] as number, 3);
  });

  it('compares with words as often as the alias table says, and never with the centre', () => {
    // Word 0 is alone drawn, so a centre 0 has no one to compare with: one pair, its own.
    const c: Case = { cbow: true, V: 4, D: 16, lengths: [2], window: 1, negative: 5 };
    const m = made(c);
    m.words.set([0, 0]);
    m.chance.fill(0);
    m.alias.fill(0);
    expect(run(c, m, m.input, m.output, { rate: null })[1]).toBe(2);
    m.words.set([1, 1]);
    expect(run(c, m, m.input, m.output, { rate: null })[1]).toBe(12);
  });

  it('refuses what would read elsewhere', () => {
    const c: Case = { cbow: false, V: 10, D: 16, lengths: [4] };
    const m = made(c);
    const [x, y] = [m.input.slice(), m.output.slice()];
    expectError(() => run(c, { ...m, words: Int32Array.of(0, 1, 10, 2) }, x, y), 'ERR_DATA', /words in \[0,10\), received 10 at position 2/);
    expectError(() => run(c, { ...m, ends: Int32Array.of(3) }, x, y), 'ERR_DATA', /last sentence to end at 4, received 3/);
    expectError(() => run(c, { ...m, ends: Int32Array.of(4, 2) }, x, y), 'ERR_DATA', /ascend/);
    expectError(() => run(c, { ...m, alias: new Int32Array(10).fill(11) }, x, y), 'ERR_DATA', /alias/);
    expectError(() => run(c, { ...m, columns: 17 }, x, y), 'ERR_SHAPE', /multiple of 16/);
    expectError(() => run({ ...c, window: 65 }, m, x, y), 'ERR_ARG', /window in \[1,64\]/);
    expectError(() => run({ ...c, negative: 0 }, m, x, y), 'ERR_ARG', /negative/);
    expectError(() => run(c, m, x.subarray(1), y), 'ERR_SHAPE', /in of 160 values/);
    expectBits(x, m.input, 'input');
  });

  it('a text without words is no work', () => {
    const c: Case = { cbow: true, V: 3, D: 16, lengths: [] };
    const m = made(c);
    expect([...run(c, m, m.input, m.output)]).toEqual([0, 0, 0]);
  });
});
