import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { exampleAgreement, gradientNorms, workedExamples, type GradientNorms, type WorkedExample } from '../experiments/equations/index.js';
import { writeFileAtomic } from '../files/atomic.js';
import { makeFolder } from '../files/make-folder.js';
import { pngOf, renderSvg } from './charts/render.js';
import { gradientChart, type EquationsParts } from './equations.js';
import { label, type Language } from './language/index.js';
import { csvOf } from './tables/csv.js';
import { htmlOf } from './tables/html.js';
import { inLanguage } from './tables/in-language.js';
import { escapeLatex } from './tables/latex-text.js';
import type { PaperColumn, PaperTable } from './tables/paper-table.js';

const text = (head: string): PaperColumn => ({ head, kind: 'text' });
const number = (head: string): PaperColumn => ({ head, kind: 'number' });

/** A row per number of the worked examples. For programs: the same in every language. */
export function numbersTable(examples: readonly WorkedExample[]): PaperTable {
  return {
    subject: 'equations',
    name: 'numbers',
    caption: caption('en'),
    columns: [
      ...['topic', 'example', 'formula', 'document', 'given', 'against', 'number'].map(text),
      ...['expected', 'computed', 'decimals'].map(number),
      ...['agrees', 'note'].map(text),
    ],
    rows: examples.flatMap(({ topic, name, formula, document, given, by, expected, computed, labels, decimals, differ, note }) =>
      expected.map((value, i) => [
        topic,
        name,
        formula,
        document,
        given,
        by,
        labels[i] ?? '',
        value,
        computed[i] ?? null,
        decimals,
        differ.includes(i) ? 'no' : 'yes',
        note,
      ]),
    ),
  };
}

/** A row per cell, spectral radius, state (h, of an LSTM also c) and step. For programs: the same in every language. */
export function gradientsTable(found: readonly GradientNorms[]): PaperTable {
  return {
    subject: 'equations',
    name: 'gradient-norms',
    caption: 'Norm of the gradient at each step',
    columns: [text('cell'), number('spectral_radius'), text('state'), number('step'), number('gradient_norm')],
    rows: found.flatMap(({ cell, radius, norms, cellNorms }) => [
      ...norms.map((norm, t) => [cell, radius, 'h', t, norm]),
      ...(cellNorms ?? []).map((norm, t) => [cell, radius, 'c', t, norm]),
    ]),
  };
}

const HEADS = ['example', 'formula', 'document', 'verdict'] as const;
const caption = (language: Language): string =>
  language === 'id' ? 'Rumus dokumen, dihitung dengan kernel saraf' : 'The documents’ formulas, computed by the kernels of saraf';

/** The examples in a table for LaTeX with the packages amsmath, array, booktabs and longtable, for it is longer than a page. */
export function equationsLatex(examples: readonly WorkedExample[], language: Language = 'en'): string {
  const words = (given: string): string => escapeLatex(label(given, language));
  const row = (cells: readonly string[]): string => `  ${cells.join(' & ')} \\\\`;
  const head = `  \\toprule\n${row(HEADS.map(words))}\n  \\midrule`;
  const columns = [0.25, 0.43, 0.155, 0.165]
    .map((part) => String.raw`>{\raggedright\arraybackslash}p{\dimexpr ${part}\linewidth-2\tabcolsep\relax}`)
    .join('');
  return String.raw`% needs \usepackage{amsmath,array,booktabs,longtable}
\begingroup\footnotesize\setlength{\tabcolsep}{3pt}
\begin{longtable}{${columns}}
  \caption{${escapeLatex(caption(language))}}
  \label{tab:equations} \\
${head}
  \endfirsthead
${head}
  \endhead
${examples.map((x) => row([words(x.name), `$${x.latex}$`, words(x.document), words(exampleAgreement(x))])).join('\n')}
  \bottomrule
\end{longtable}
\endgroup
`;
}

/** A row per example with both numbers and what is wrong. */
export function examplesTable(examples: readonly WorkedExample[], language: Language = 'en'): PaperTable {
  const printed = (x: WorkedExample, values: readonly number[]): string => values.map((v) => v.toFixed(x.decimals)).join(' ');
  const translated = (head: string): PaperColumn => ({ head, kind: 'label' });
  return inLanguage(
    {
      subject: 'equations',
      name: 'examples',
      caption: caption(language),
      columns: [
        translated('example'),
        text('formula'),
        translated('document'),
        ...['expected', 'our kernels'].map(text),
        translated('verdict'),
        { head: 'note', kind: 'prose' },
      ],
      rows: examples.map((x) => [
        x.name,
        x.formula,
        x.document,
        printed(x, x.expected),
        printed(x, x.computed),
        exampleAgreement(x),
        x.note ?? '',
      ]),
    },
    language,
  );
}

/**
 * Writes what a paper needs of the sheet: the examples as CSV, for LaTeX and for word processors (HTML), the chart of the gradients as SVG and
 * PNG, and its numbers.
 *
 * Returns the number of files, and why there is no PNG among them if there is none. Units: width of the chart in pixels.
 */
export async function exportEquations(
  into: string,
  parts: EquationsParts = {},
  width = 640,
  language: Language = 'en',
): Promise<{ readonly files: number; readonly withoutPng: string | null }> {
  const { examples = workedExamples(), norms = gradientNorms() } = parts;
  makeFolder(into);
  const svg = await renderSvg(gradientChart(norms, language), width);
  const contents: [name: string, content: string | Uint8Array][] = [
    ['equations.csv', csvOf(numbersTable(examples))],
    ['equations.tex', equationsLatex(examples, language)],
    ['equations.html', htmlOf(examplesTable(examples, language), language)],
    ['gradient-norms.csv', csvOf(gradientsTable(norms))],
    ['gradient-norms.svg', svg],
  ];
  let withoutPng: string | null = null;
  try {
    contents.push(['gradient-norms.png', await pngOf(svg)]);
  } catch (error) {
    // No font on this machine: the rest is still of use.
    if (!(error instanceof SarafError && error.code === 'ERR_STATE')) throw error;
    withoutPng = error.message;
  }
  for (const [name, content] of contents) writeFileAtomic(join(into, name), content);
  return { files: contents.length, withoutPng };
}
