import { describe, expect, it } from 'vitest';
import { exampleAgreement, equationFindings, gradientNorms, workedExamples } from '../../src/experiments/equations/index.js';
import { example, type WorkedExample } from '../../src/experiments/equations/worked-example.js';
import { expectError } from '../helpers/expect-error.js';

const examples = workedExamples();
const of = (name: RegExp): WorkedExample => {
  const found = examples.filter((x) => name.test(x.name));
  expect(
    found.map((x) => x.name),
    String(name),
  ).toHaveLength(1);
  return found[0] as WorkedExample;
};

describe('worked examples', () => {
  it('compare as many numbers as stand there, each with its name, and no two under one heading', () => {
    for (const x of examples) {
      expect(x.computed, x.name).toHaveLength(x.expected.length);
      expect(x.labels, x.name).toHaveLength(x.expected.length);
      for (const text of [x.formula, x.latex, x.given, x.document]) expect(text, x.name).not.toBe('');
    }
    expect(new Set(examples.map((x) => x.name)).size).toBe(examples.length);
  });

  it('give the documents’ numbers to the printed digits, but for their slips', () => {
    const differing = examples.filter((x) => x.differ.length > 0).map((x) => [x.name, x.differ]);
    expect(differing).toEqual([
      ['LSTM: forget gate of the first step', [5]],
      ['Attention: the same from the scores that the printed Q and K give', [0, 1, 2, 3, 4, 5]],
      ['Sinusoidal positions, as the document writes them', [1, 3, 5, 7]],
      ['Layer normalisation as the document writes it', [0, 1, 2, 3, 4, 5]],
      ['Feed-forward: output with its bias', [0]],
      ['Categorical cross-entropy of a target with two ones', [0]],
      ['Adam: length of the first step', [0]],
      ['Accuracy, precision, recall and F1 of class H0 from its counts, in %', [0, 1, 2, 3]],
      ['F1 of H0 to H33 from precision and recall, in %', [21]],
      ['Averages over H0 to H33, in %', [0, 1, 2]],
      ['Accuracy by formula 2.17', [0]],
    ]);
    for (const x of examples) if (x.differ.length > 0) expect(x.note, x.name).not.toBeNull();
  });

  it('name what the slips should have been', () => {
    expect(of(/forget gate/).computed[5]).toBeCloseTo(0.846, 3);
    expect(of(/^Feed-forward/).computed[0]).toBeCloseTo(14.44, 5);
    expect(of(/two ones/).computed[0]).toBeCloseTo(6.08, 5);
    expect(of(/^Adam: length/).computed[0]).toBeCloseTo(1e-4, 9);
    expect(of(/^F1 of H0 to H33/).computed[21]).toBeCloseTo(80.897, 3);
    const h0 = of(/class H0/).computed;
    for (const [i, value] of [93.64, 91.23, 94.75, 92.95].entries()) expect(h0[i]).toBeCloseTo(value, 2);
    for (const [i, value] of [81.6, 72.6, 75.4].entries()) expect(of(/^Averages/).computed[i]).toBeCloseTo(value, 1);
  });

  // Worked out apart from this code, in double precision, from the formulas and the numbers that each example says it was given.
  it.each<[RegExp, readonly number[]]>([
    [/^SimpleRNN: one step/, [-0.5298956, -0.5614855]],
    [/^SimpleRNN: its output/, [0.2526507, -0.0747636, 0.2154561]],
    [/^LSTM: cell after/, [0.2027581, 0.1195537, -0.7625347, -0.5757929, 0.3778152, -0.0580406]],
    [/by the printed output gate/, [0.1862228, 0.0233215, -0.4433716, -0.463484, 0.2489579, -0.0482356]],
    [/that follows from its weights/, [0.1292158, 0.0794835, -0.1606419, -0.1111946, 0.2244229, -0.0097399]],
    [/^LSTM: one step/, [0.1365898, -0.2606142, 0.0884193, -0.1467195]],
    [/^GRU of the document/, [0.0176441, 0.0645404]],
    [/^GRU of Keras: /, [-0.2093668, 0.2991936]],
    [/^GRU of Keras by default/, [-0.2115696, 0.3002013]],
    [/^Scaled dot-product/, [0.9960631, 0.7080201, 0.9960631, 0.7080201, 0.904083, 0.4187758]],
    [/^Sinusoidal positions, as the document’s/, [0.841471, 0.5403023, 0.0099998, 0.99995, 0.9092974, -0.4161468, 0.0199987, 0.9998]],
    [/^Layer normalisation as in Keras/, [-1.3983244, 0.659587, -1.0817227, 1.2927905, -0.2902183, 0.8178879]],
    [/^Average pooling of an image/, [3.5, 5.5, 11.5, 13.5]],
    [/^Average pooling over tokens/, [0.4, -0.25, 0.5]],
    [/^Binary cross-entropy/, [0.2797766]],
    [/^Categorical cross-entropy$/, [0.4883958]],
    [/^Dropout, inverted: a value/, [0, 10 / 3, 2]],
    [/^Dropout, classic: a value/, [0, 2, 1.2]],
    [/^ROC/, [0.25, 0, 0.5, 0, 0.5, 0.25, 0.75, 0.25, 0.75, 0.5, 0.75, 0.75, 1, 0.75, 1, 1]],
    [/^AUC/, [0.75]],
    [/each counting the same/, [0.8978564]],
    [/weighted by support/, [0.9326711]],
  ])('compute %s', (name, values) => {
    const { computed } = of(name);
    expect(computed).toHaveLength(values.length);
    for (const [i, value] of values.entries()) expect(computed[i], `number ${i + 1}`).toBeCloseTo(value, 6);
  });

  it('take two steps of Adam with bias correction', () => {
    const [first, second] = of(/^Adam: two steps/).computed;
    expect(first).toBeCloseTo(1, 5);
    expect(second).toBeCloseTo(0.3461737, 5);
  });

  it('keep the mean under both forms of dropout, by one mask', () => {
    const [inverted, classic] = [of(/inverted: the mean/), of(/classic: the mean/)].map((x) => x.computed[0] as number) as [number, number];
    expect(inverted).toBeCloseTo(2, 2);
    expect(classic).toBeCloseTo(1.2, 2);
    expect(classic / inverted).toBeCloseTo(0.6, 5);
  });

  it('say what the cosine of the document’s own formula would be', () => {
    const { expected } = of(/as the document writes them/);
    for (const [i, value] of [0.841471, 0.9950042, 0.0099998, 0.9999995].entries()) expect(expected[i]).toBeCloseTo(value, 6);
    expect(of(/d − 1|Layer normalisation as the document/).expected[0]).toBeCloseTo(-1.2780921, 6);
  });
});

describe('the comparison', () => {
  const given = { topic: 'Scores', name: 'n', formula: 'f', latex: 'f', document: 'd', given: 'g', by: 'print', decimals: 2 } as const;

  it('allows half a unit of the last digit and no more', () => {
    expect(example({ ...given, expected: [0.12], computed: [0.1249] }).differ).toEqual([]);
    expect(example({ ...given, expected: [0.12], computed: [0.1251] }).differ).toEqual([0]);
    expect(example({ ...given, expected: [0.12, 0.12], computed: [0.1251, 0.1] }).differ).toEqual([0, 1]);
  });

  it('allows for numbers that went in rounded, where told so', () => {
    expect(example({ ...given, decimals: 0, rounded: 0.5, expected: [70], computed: [69.22] }).differ).toEqual([]);
    expect(example({ ...given, decimals: 0, rounded: 0.5, expected: [70], computed: [68.9] }).differ).toEqual([0]);
  });

  it('is failed by what is no number or missing', () => {
    expect(example({ ...given, expected: [1, 1], computed: [NaN] }).differ).toEqual([0, 1]);
  });

  it('has words', () => {
    const agree = example({ ...given, expected: [1], computed: [1] });
    expect(exampleAgreement(agree)).toBe('agree to 2 decimals');
    expect(exampleAgreement({ ...agree, decimals: 1 })).toBe('agree to 1 decimal');
    expect(exampleAgreement({ ...agree, decimals: 0 })).toBe('agree to the unit');
    expect(exampleAgreement({ ...agree, differ: [0] })).toBe('1 of 1 differs at 2 decimals');
    expect(exampleAgreement({ ...agree, expected: [1, 2, 3], differ: [0, 2], decimals: 0 })).toBe('2 of 3 differ at the unit');
  });
});

describe('findings', () => {
  it('say of what cannot be computed again why not', () => {
    const texts = equationFindings.map((f) => f.text).join('\n');
    for (const [, what] of [/o₁/, /attention scores/, /13\.44/, /2\.54/].entries()) expect(texts).toMatch(what);
    expect(texts.match(/not at hand/g)?.length).toBeGreaterThanOrEqual(4);
  });
});

describe('gradientNorms', () => {
  it('fade below a spectral radius of 1 and grow above it, in a SimpleRNN by the radius at each step', () => {
    const found = gradientNorms({ steps: 30, units: 16 });
    expect(found.map(({ cell, radius }) => [cell, radius])).toEqual(
      ['SimpleRNN', 'LSTM', 'GRU'].flatMap((cell) => [
        [cell, 0.8],
        [cell, 1.2],
      ]),
    );
    for (const { cell, norms, cellNorms } of found) {
      expect(norms).toHaveLength(31);
      expect(norms[30]).toBe(1);
      expect(norms.every((norm) => norm > 0 && Number.isFinite(norm))).toBe(true);
      if (cell !== 'LSTM') expect(cellNorms).toBeNull();
      else {
        expect(cellNorms).toHaveLength(30);
        expect(cellNorms?.every((norm) => norm > 0 && Number.isFinite(norm))).toBe(true);
      }
    }
    const [below, above] = found as [(typeof found)[number], (typeof found)[number]];
    // Near zero tanh is a straight line: an orthogonal matrix scales by its radius alone.
    for (let t = 20; t < 30; t++) expect((below.norms[t] as number) / (below.norms[t + 1] as number)).toBeCloseTo(0.8, 3);
    expect(below.norms[0]).toBeCloseTo(0.8 ** 30, 5);
    expect(above.norms[0] as number).toBeGreaterThan(100);
  });

  it('follow an LSTM of one unit by hand: through the gates to h, by the forget gate and the output to c', () => {
    // One step from rest, x near 0: i = o = σ(0), f = σ(1), c = 0, so that ∂c₁/∂h₀ = i·r and ∂h₁/∂c₁ = o (tanh'(0) = 1).
    const [found] = gradientNorms({ steps: 1, units: 1, radii: [0.8] }).filter((n) => n.cell === 'LSTM');
    const forget = 1 / (1 + Math.exp(-1));
    expect(found?.norms[0]).toBeCloseTo(0.5 * 0.5 * 0.8, 2);
    expect(found?.cellNorms?.[0]).toBeCloseTo(0.5 * forget, 2);
  });

  it('refuse what makes no sequence', () => {
    expectError(() => gradientNorms({ steps: 0 }), 'ERR_ARG', '[gradientNorms]', 'steps', '0');
    expectError(() => gradientNorms({ units: 1.5 }), 'ERR_ARG', 'units', '1.5');
    expectError(() => gradientNorms({ radii: [0.5, -1] }), 'ERR_ARG', 'radii', '-1');
  });
});
