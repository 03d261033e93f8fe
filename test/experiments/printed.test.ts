import { describe, expect, it } from 'vitest';
import { HATE_SPEECH_PRINTED } from '../../src/experiments/catalog/hate-speech-printed.js';
import { NEWS_PRINTED } from '../../src/experiments/catalog/news-printed.js';
import { checkPrinted, printedResult, type Printed, type PrintedClass } from '../../src/experiments/printed.js';
import { findExperiment } from '../../src/experiments/registry.js';
import { mean } from '../../src/experiments/statistics.js';

const harmonic = ([, precision, recall]: PrintedClass): number => (2 * precision * recall) / (precision + recall);
const meansOf = (classes: readonly PrintedClass[]): number[] => ([1, 2, 3] as const).map((i) => mean(classes.map((c) => c[i])));

describe('what the documents print, as it was typed', () => {
  it('E4: 34 classes in order, whose F1 follows from precision and recall but for the misprint of H21; macro F1 75.4', () => {
    const [{ classes, accuracy, weighted } = { classes: [], accuracy: 0, weighted: {} }] = HATE_SPEECH_PRINTED.classes ?? [];
    expect(classes.map(([name]) => name)).toEqual(Array.from({ length: 34 }, (_, k) => `H${k}`));
    expect(classes.filter((c) => Math.abs(harmonic(c) - c[3]) > 1).map(([name]) => name)).toEqual(['H21']);
    const [precision, recall, f1] = meansOf(classes);
    expect(precision).toBeCloseTo(2775 / 34, 10);
    expect(recall).toBeCloseTo(2470 / 34, 10);
    expect(f1?.toFixed(1)).toBe('75.4');
    expect([accuracy, weighted]).toEqual([86, { precision: 86, recall: 85, f1: 85 }]);
    expect(HATE_SPEECH_PRINTED.quoted?.map((q) => q.value)).toEqual([84.77, 77.36, 85.21, 80.25]);
  });

  it('E6: three classes with macro F1 89.79 and weighted F1 93.27', () => {
    const [{ classes, weighted } = { classes: [], weighted: {} }] = NEWS_PRINTED.classes ?? [];
    for (const c of classes) expect(harmonic(c)).toBeCloseTo(c[3], 2);
    expect(meansOf(classes)[2]?.toFixed(2)).toBe('89.79');
    const support = [366, 548, 86];
    const sum = classes.reduce((all, c, k) => all + c[3] * (support[k] ?? Number.NaN), 0);
    expect((sum / 1000).toFixed(2)).toBe('93.27');
    expect(weighted).toEqual({ f1: 93.27 });
  });

  it('E6: the mean over ten sizes and that over two rates are the mean of the same sweep', () => {
    const [documents, batch, rate] = (NEWS_PRINTED.means ?? []).map((m) => m.values.map(([, value]) => value));
    expect(documents).toHaveLength(10);
    expect(mean(documents ?? [])).toBeCloseTo(74.66, 2);
    expect(mean(rate ?? [])).toBeCloseTo(mean(documents ?? []), 2);
    expect(batch).toEqual([80]);
  });
});

describe('a declaration with printed figures', () => {
  const refusal = (printed: Printed, id = 'news-c-lstm'): string => {
    const refuse = (message: string): never => {
      throw new Error(message);
    };
    try {
      checkPrinted({ ...findExperiment(id), printed }, refuse);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  it('says how many settings of a grid each value has, also where none is printed', () => {
    const { means } = printedResult(findExperiment('news-c-lstm'));
    expect(means?.map((m) => [m.axis, m.values.length])).toEqual([['documents', 10], ['batch size', 5], ['learning rate', 2]]); // prettier-ignore
    expect(means?.[0]?.values[0]).toEqual({ at: '500', published: 27.89, settings: 10 });
    expect(means?.[1]?.values[4]).toEqual({ at: '256', published: null, settings: 20 });
    expect(means?.[2]?.values[0]).toEqual({ at: '1e-3', published: 80.98, settings: 50 });
    expect(printedResult(findExperiment('nusax-rnn'))).toEqual({});
  });

  it('refuses what is of no variant, of no value of an axis, or no percentage', () => {
    const classes = [{ factor: 'architecture', variant: 'C-LSTM', classes: [] }];
    const means = { factor: 'sweep', axis: 'documents', values: [] };
    expect(refusal({ classes, means: [means] })).toBe('');
    expect(refusal({ classes: [{ factor: 'architecture', variant: 'GRU', classes: [] }] })).toContain('received architecture/GRU');
    expect(refusal({ means: [{ ...means, values: [['501', 30]] }] })).toContain('received 501');
    expect(refusal({ means: [{ ...means, axis: 'epochs' }] })).toContain('received none');
    expect(refusal({ means: [{ ...means, factor: 'architecture' }] })).toContain('values of documents in the grid architecture');
    expect(refusal({ quoted: [{ name: 'SVM', value: 8477 }] })).toContain('received 8477');
    expect(refusal({ classes: [{ factor: 'architecture', variant: 'CNN', classes: [['a', 1, Number.NaN, 1]] }] })).toContain('NaN');
    const grid = { ...findExperiment('news-c-lstm'), masks: ['off', 'on'] as const, printed: { means: [means] } };
    expect(() => checkPrinted(grid, (message) => { throw new Error(message); })).toThrow('one setting of the mask'); // prettier-ignore
  });
});
