import { slug } from '../slug.js';
import { groupsOf, isFigure, NONE, printed, type PaperTable, type PaperValue, type PaperColumn } from './paper-table.js';

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': String.raw`\textbackslash{}`,
  '~': String.raw`\textasciitilde{}`,
  '^': String.raw`\textasciicircum{}`,
  '<': '$<$',
  '>': '$>$',
  '|': '$|$',
  '×': String.raw`$\times$`,
  '±': String.raw`$\pm$`,
  '−': '$-$',
  '–': '--',
  '…': String.raw`\dots{}`,
  '→': String.raw`$\rightarrow$`,
  '≈': String.raw`$\approx$`,
  '≤': String.raw`$\leq$`,
  '≥': String.raw`$\geq$`,
};

/** Text as LaTeX shows it. */
export function escapeLatex(text: string): string {
  return text.replace(/[\\~^<>|×±−–…→≈≤≥&%$#_{}]/g, (sign) => SPECIAL[sign] ?? `\\${sign}`);
}

/** Rows that a page holds; a longer table goes over several. */
const MOST_ROWS = 40;

/** A line of what stands above the columns, with rules below it; nothing without groups. */
function groupLine(columns: readonly PaperColumn[]): string {
  let at = 1;
  const parts = groupsOf(columns).map(({ name, columns: span }) => {
    const [from, to] = [at, at + span - 1];
    at += span;
    return name === ''
      ? { head: ' &'.repeat(span - 1), rule: '' }
      : { head: String.raw`\multicolumn{${span}}{c}{${escapeLatex(name)}}`, rule: String.raw`\cmidrule(lr){${from}-${to}}` };
  });
  return parts.length === 0 ? '' : `${parts.map((p) => p.head).join(' & ')} \\\\ ${parts.map((p) => p.rule).join('')}\n    `;
}

/** A table for LaTeX with the package booktabs, and longtable for one that is longer than a page. */
export function latexOf({ subject, name, caption, columns, rows, notes = [] }: PaperTable): string {
  const long = rows.length > MOST_ROWS;
  const cell = (value: PaperValue, column: PaperColumn): string => {
    const text = printed(value, column);
    if (text === NONE) return '--';
    return isFigure(column) ? `$${text.replace('±', String.raw`\pm`).replaceAll('−', '-')}$` : escapeLatex(text);
  };
  const proses = columns.filter((c) => c.kind === 'prose').length;
  const widths = (0.7 / Math.max(proses, 1)).toFixed(2);
  const align = columns
    .map((c) => (isFigure(c) ? 'r' : c.kind === 'prose' ? String.raw`>{\raggedright\arraybackslash}p{${widths}\linewidth}` : 'l'))
    .join('');
  const head = `${groupLine(columns)}${columns.map((c) => escapeLatex(c.head).replace(' \\%', String.raw`\,\%`)).join(' & ')}`;
  const body = rows.map((row) => `    ${columns.map((column, i) => cell(row[i] ?? null, column)).join(' & ')} \\\\`).join('\n');
  const packages = ['booktabs', ...(long ? ['longtable'] : []), ...(proses > 0 ? ['array'] : [])].map((p) => String.raw`\usepackage{${p}}`);
  const title = String.raw`\caption{${escapeLatex(caption)}}`;
  const label = String.raw`\label{tab:${slug(subject, name)}}`;
  const below = escapeLatex(notes.join(' '));
  if (long)
    return String.raw`% needs ${packages.join(' ')}
\begin{longtable}{${align}}
    ${title} ${label} \\
    \toprule
    ${head} \\
    \midrule
    \endhead
${body}
    \bottomrule
\end{longtable}
${
  below === ''
    ? ''
    : String.raw`{\footnotesize ${below}\par}
`
}`;
  return String.raw`% needs ${packages.join(' ')}
\begin{table}
  \centering
  ${title}
  ${label}
  \begin{tabular}{${align}}
    \toprule
    ${head} \\
    \midrule
${body}
    \bottomrule
  \end{tabular}
${
  below === ''
    ? ''
    : String.raw`  \par\smallskip
  \begin{minipage}{\linewidth}\footnotesize ${below}\end{minipage}
`
}\end{table}
`;
}
