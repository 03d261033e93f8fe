import { expect, it } from 'vitest';
import { describeNotebook, marks } from './notebook.js';

describeNotebook('01-sentiment-with-a-bilstm.ipynb', (executed) => {
  it('runs from clean and shows the head of the data as a table', () => {
    expect(executed().html[0]).toMatch(/<table>.*<th[^>]*>text<\/th>.*<td/s);
    expect(executed().printed).toMatch(/\d+ \/ \d+ \/ \d+ rows/);
  });

  it('draws the loss of every epoch, for training and validation', () => {
    const [loss] = executed().charts;
    expect(loss).toMatch(/^<svg/);
    expect(loss).toContain('Loss per epoch');
    // Two lines, and a dot per epoch and line.
    expect(marks(loss as string, 'line')).toBe(2);
    expect(marks(loss as string, 'symbol')).toBe(20);
  });

  it('draws a confusion matrix that counts every test row', () => {
    expect(executed().charts).toHaveLength(2);
    const matrix = executed().charts[1] as string;
    const counts = [...matrix.matchAll(/<text[^>]*font-size="13px"[^>]*>(\d+)<\/text>/g)].map(([, n]) => Number(n));
    // 3 × 3 classes, or 2 × 2 where another data set stands in.
    expect([4, 9]).toContain(counts.length);
    expect(marks(matrix, 'rect')).toBe(counts.length);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(400);
  });

  it('learns: the training loss ends below a third of where it began', () => {
    const losses = [...executed().printed.matchAll(/ loss ([\d.]+)/g)].map(([, value]) => Number(value));
    expect(losses).toHaveLength(10);
    expect(losses[9]).toBeLessThan((losses[0] as number) / 3);
  });
});
