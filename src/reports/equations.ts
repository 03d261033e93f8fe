import {
  equationFindings,
  gradientNorms,
  workedExamples,
  type EquationFinding,
  type GradientNorms,
  type WorkedExample,
} from '../experiments/equations/index.js';
import { sarafVersion } from '../experiments/provenance.js';
import { writeFileAtomic } from '../files/atomic.js';
import { gradientNormsSpec } from './charts/gradient-norms.js';
import { htmlDocument, type PlacedChart } from './page/document.js';
import { escapeHtml as e } from './page/escape.js';
import { figures, table } from './page/sections.js';
import type { Report } from './report.js';

/** An example by itself: two lines of numbers, those that differ marked. */
function exampleBlock(x: WorkedExample): string {
  const line = (head: string, values: readonly number[]): string[] => [
    head,
    ...values.map((v, i) => (x.differ.includes(i) ? `<strong class="no">${v.toFixed(x.decimals)}</strong>` : v.toFixed(x.decimals))),
  ];
  const verdict =
    x.differ.length === 0 ? '<span class="yes">agree</span>' : `<span class="no">${x.differ.length} of ${x.expected.length} differ</span>`;
  const heads = [['', 'text'] as const, ...x.expected.map((_, i) => [String(i + 1), 'number'] as const)];
  return `<h3>${e(x.name)}</h3>
<p class="quiet">${e(x.formula)} &ensp;·&ensp; ${e(x.document)} &ensp;·&ensp; ${verdict}</p>
${table(heads, [line(x.by === 'print' ? 'printed' : 'by the formula', x.expected), line('our kernels', x.computed)])}
${x.note === null ? '' : `<p>${e(x.note)}</p>`}`;
}

/** The sheet of equations: worked examples, what does not follow from the documents, and how gradients fade over a sequence. Writes nothing. */
export function buildEquations(
  examples: readonly WorkedExample[] = workedExamples(),
  norms: readonly GradientNorms[] = gradientNorms(),
  findings: readonly EquationFinding[] = equationFindings,
): Report {
  const charts: PlacedChart[] = [{ id: 'gradient-norms', spec: gradientNormsSpec(norms, 'Gradient through the steps') }];
  const agree = examples.filter((x) => x.differ.length === 0).length;
  const body = `<header><h1>Equations, worked</h1>
<p>${examples.length} formulas of the documents, computed by saraf’s kernels to the printed digits: ${agree} agree, ${examples.length - agree} do not, and why stands beside each.</p></header>
<main>
<h2 id="examples">Worked examples</h2>
${examples.map(exampleBlock).join('\n')}
<h2 id="findings">What does not follow</h2>
<p class="quiet">Found by hand; what would be needed to compute it again is not printed in full.</p>
<ul>${findings.map((f) => `<li>${e(f.text)} <span class="quiet">${e(f.document)}</span></li>`).join('\n')}</ul>
<h2 id="gradients">Vanishing and exploding gradients</h2>
<p>The norm of ∂L/∂state at each step t of a sequence, from a loss after its last step, where it is 1. Recurrent weights are multiples of random orthogonal matrices, so that all
their eigenvalues lie at the spectral radius. A gradient that leaves the chart below is under 10<sup>−12</sup>.</p>
${figures(charts)}
</main>
<footer>Written by saraf ${e(sarafVersion())}.</footer>`;
  return { html: htmlDocument('Equations, worked', body, charts), charts };
}

/** Writes the sheet of equations to a file. */
export function writeEquations(path: string, report: Report = buildEquations()): void {
  writeFileAtomic(path, report.html);
}
