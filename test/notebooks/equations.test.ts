import { expect, it } from 'vitest';
import { equationFindings, workedExamples } from '../../src/experiments/equations/index.js';
import { describeNotebook, marks } from './notebook.js';

describeNotebook('02-equations-worked.ipynb', (executed) => {
  const examples = workedExamples();
  const slips = examples.filter((x) => x.differ.length > 0);
  const rows = (html: string | undefined): number => (html?.match(/<tr>/g)?.length ?? 0) - 1;

  it('works the first step of an LSTM by a layer and by the formula, to float32', () => {
    const { printed } = executed();
    expect(printed).toContain('f₁ by the formula 0.846 0.622 0.250 0.900 0.881 0.846');
    for (const by of ['layer  ', 'formula']) expect(printed).toContain(`h₁ by the ${by} 0.129216 0.079484 -0.160642 -0.111195 0.224423 -0.009740`);
    expect(Number(/largest difference ([\d.e+-]+)/.exec(printed)?.[1])).toBeLessThan(1e-6);
  });

  it('has every example in a table, and every slip with both numbers and the reason', () => {
    const [all, wrong] = executed().html.filter((text) => text.includes('<table>'));
    expect(rows(all)).toBe(examples.length);
    expect(rows(wrong)).toBe(slips.length);
    expect(wrong).toContain('<b>0.599</b>');
    expect(wrong).toContain('<b>13.44</b>');
    expect(wrong).toContain('<b>14.44</b>');
    expect(executed().printed).toContain(`${examples.length} examples: ${examples.length - slips.length} agree, ${slips.length} do not`);
  });

  it('keeps every finding', () => {
    for (const { document, text } of equationFindings) expect(executed().printed).toContain(`${document}: ${text}`);
  });

  it('draws the gradients of three cells, and of the cell state of an LSTM, at two spectral radii', () => {
    expect(executed().charts).toHaveLength(1);
    const [chart] = executed().charts as [string];
    expect(chart).toContain('Gradient through the steps');
    expect(marks(chart, 'line')).toBe(8);
    const atStart = [...executed().printed.matchAll(/SimpleRNN, radius (0\.8|1\.2): ‖∂L\/∂h₀‖ = (\S+)/g)].map(([, , norm]) => Number(norm));
    expect(atStart).toHaveLength(2);
    expect(atStart[0]).toBeCloseTo(0.8 ** 40, 5);
    expect(atStart[1]).toBeGreaterThan(100);
  });
});
