import { describe, expect, it } from 'vitest';
import { gradientNorms, workedExamples } from '../../src/experiments/equations/index.js';
import { expectError } from '../helpers/expect-error.js';

describe('worked examples', () => {
  const examples = workedExamples();
  const of = (name: RegExp) => {
    const found = examples.filter((x) => name.test(x.name));
    expect(found).toHaveLength(1);
    return found[0] as (typeof examples)[number];
  };

  it('compare as many numbers as stand there', () => {
    for (const x of examples) expect(x.computed, x.name).toHaveLength(x.expected.length);
  });

  it('give the documents’ numbers to the printed digits, but for their slips', () => {
    const differing = examples.filter((x) => x.differ.length > 0).map((x) => [x.name, x.differ]);
    expect(differing).toEqual([
      ['LSTM: forget gate of the first step', [5]],
      ['Attention: the same from the scores that the printed Q and K give', expect.arrayContaining([0])],
      ['Layer normalisation as the document writes it', [0, 1, 2, 3, 4, 5]],
      ['Adam: length of the first step', [0]],
      ['Accuracy, precision, recall and F1 of class H0 from its counts, in %', [0, 1, 2, 3]],
      ['Accuracy by formula 2.17', [0]],
    ]);
    for (const x of examples) if (x.differ.length > 0) expect(x.note, x.name).not.toBeNull();
  });

  it('name what the slips should have been', () => {
    expect(of(/forget gate/).computed[5]).toBeCloseTo(0.846, 3);
    expect(of(/^Adam/).computed[0]).toBeCloseTo(1e-4, 9);
    const h0 = of(/class H0/).computed;
    for (const [i, value] of [93.64, 91.23, 94.75, 92.95].entries()) expect(h0[i]).toBeCloseTo(value, 2);
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
    for (const { norms } of found) {
      expect(norms).toHaveLength(31);
      expect(norms[30]).toBe(1);
      expect(norms.every((norm) => norm > 0 && Number.isFinite(norm))).toBe(true);
    }
    const [below, above] = found as [(typeof found)[number], (typeof found)[number]];
    // Near zero tanh is a straight line: an orthogonal matrix scales by its radius alone.
    for (let t = 20; t < 30; t++) expect((below.norms[t] as number) / (below.norms[t + 1] as number)).toBeCloseTo(0.8, 3);
    expect(below.norms[0]).toBeCloseTo(0.8 ** 30, 5);
    expect(above.norms[0] as number).toBeGreaterThan(100);
  });

  it('refuse what makes no sequence', () => {
    expectError(() => gradientNorms({ steps: 0 }), 'ERR_ARG', '[gradientNorms]', 'steps', '0');
    expectError(() => gradientNorms({ units: 1.5 }), 'ERR_ARG', 'units', '1.5');
    expectError(() => gradientNorms({ radii: [0.5, -1] }), 'ERR_ARG', 'radii', '-1');
  });
});
