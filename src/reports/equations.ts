import {
  EQUATION_TOPICS,
  equationFindings,
  exampleAgreement,
  gradientNorms,
  workedExamples,
  type EquationFinding,
  type GradientNorms,
  type WorkedExample,
} from '../experiments/equations/index.js';
import { sarafVersion } from '../experiments/provenance.js';
import { writeFileAtomic } from '../files/atomic.js';
import { gradientNormsSpec } from './charts/gradient-norms.js';
import type { ChartSpec } from './charts/spec.js';
import { bodyInLanguage, chartInLanguage, label, type Language } from './language/index.js';
import { htmlDocument, type PlacedChart } from './page/document.js';
import { escapeHtml as e } from './page/escape.js';
import { figures, table } from './page/sections.js';
import type { Report } from './report.js';
import { slug } from '../files/slug.js';

/** What the sheet is made of; what is left out is computed. */
export interface EquationsParts {
  readonly examples?: readonly WorkedExample[];
  readonly norms?: readonly GradientNorms[];
  readonly findings?: readonly EquationFinding[];
}

/** The chart of the sheet. */
export const gradientChart = (norms: readonly GradientNorms[], language: Language): ChartSpec =>
  chartInLanguage(gradientNormsSpec(norms, 'Gradient through the steps'), language);

const verdict = (x: WorkedExample): string => `<span class="${x.differ.length === 0 ? 'yes' : 'no'}">${e(exampleAgreement(x))}</span>`;

/** An example by itself: what goes in, and two lines of numbers, those that differ marked. */
function exampleBlock(x: WorkedExample): string {
  const line = (head: string, values: readonly number[]): string[] => [
    `<span>${head}</span>`,
    ...values.map((v, i) => (x.differ.includes(i) ? `<strong class="no">${v.toFixed(x.decimals)}</strong>` : v.toFixed(x.decimals))),
  ];
  const heads = [['', 'text'] as const, ...x.labels.map((name) => [e(name), 'number'] as const)];
  return `<h3 id="${slug(x.name)}">${e(x.name)}</h3>
<p><code>${e(x.formula)}</code></p>
<p class="quiet">${e(x.given)} &ensp;·&ensp; <span>${e(x.document)}</span> &ensp;·&ensp; ${verdict(x)}</p>
<div class="numbers">${table(heads, [line(x.by === 'print' ? 'printed' : 'by the formula', x.expected), line('our kernels', x.computed)])}</div>
${x.note === null ? '' : `<p>${e(x.note)}</p>`}`;
}

function glance(examples: readonly WorkedExample[], language: Language): string {
  const rows = examples.map((x) => [
    `<a href="#${slug(x.name)}">${e(label(x.name, language))}</a>`,
    verdict(x),
    e(label(x.document, language)),
    `<span>${x.by === 'print' ? 'printed' : 'by the formula'}</span>`,
  ]);
  const heads = ['formula', 'verdict', 'document', 'against'].map((head) => [head, 'text'] as const);
  return table(heads, rows);
}

/**
 * The sheet of equations: worked examples, what does not follow from the documents, and how gradients fade over a sequence. Writes nothing.
 *
 * Example: writeEquations('equations.html', buildEquations({ norms: gradientNorms({ radii: [0.9, 1.1] }) }, 'id'))
 */
export function buildEquations(parts: EquationsParts = {}, language: Language = 'en'): Report {
  const { examples = workedExamples(), norms = gradientNorms(), findings = equationFindings } = parts;
  const charts: PlacedChart[] = [{ id: 'gradient-norms', spec: gradientChart(norms, language) }];
  const agree = examples.filter((x) => x.differ.length === 0).length;
  const topics = EQUATION_TOPICS.map((topic) => ({ topic, blocks: examples.filter((x) => x.topic === topic).map(exampleBlock) }));
  const body = `<header><h1>Equations, worked</h1>
<p>${examples.length} formulas of the documents, computed by saraf’s kernels to the printed digits: ${agree} agree, ${examples.length - agree} do not, and why stands beside each.</p></header>
<main>
<h2 id="glance">At a glance</h2>
${glance(examples, language)}
${topics
  .filter(({ blocks }) => blocks.length > 0)
  .map(({ topic, blocks }) => `<h2 id="${slug(topic)}">${e(topic)}</h2>\n${blocks.join('\n')}`)
  .join('\n')}
<h2 id="findings">What does not follow</h2>
<p class="quiet">Found by hand; what would be needed to compute it again is not at hand in full.</p>
<ul>${findings.map((f) => `<li>${e(f.text)} <span class="quiet">${e(f.document)}</span></li>`).join('\n')}</ul>
<h2 id="gradients">Vanishing and exploding gradients</h2>
<p>The norm of ∂L/∂h_t at each step t of a sequence, from a loss after its last step, where it is 1; of the LSTM also that of ∂L/∂c_t. Recurrent weights are multiples of random
orthogonal matrices, so that all their eigenvalues lie at the spectral radius. A gradient that leaves the chart below is under 10<sup>−12</sup>.</p>
${figures(charts)}
</main>
<footer>Written by saraf ${e(sarafVersion())}.</footer>`;
  const title = label('Equations, worked', language);
  return { html: htmlDocument(title, bodyInLanguage(body, language), charts, language), charts };
}

/** Writes the sheet of equations to a file. */
export function writeEquations(path: string, report: Report = buildEquations()): void {
  writeFileAtomic(path, report.html);
}
