import { slug } from '../../files/slug.js';
import { latexLayout, type LatexLayout } from './latex-layout.js';
import { escapeLatex, signsUnknown } from './latex-text.js';
import { groupsOf, isFigure, NONE, printed, type PaperTable, type PaperValue, type PaperColumn } from './paper-table.js';

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

/** The letters that say how LaTeX aligns the columns. */
function alignment(columns: readonly PaperColumn[], { widths }: LatexLayout): string {
  return columns
    .map((column, i) => {
      const side = isFigure(column) ? 'left' : 'right';
      return widths ? String.raw`>{\ragged${side}\arraybackslash}p{${(widths[i] ?? 0).toFixed(1)}em}` : side === 'left' ? 'r' : 'l';
    })
    .join('');
}

/** The packages that a table needs. */
function packagesOf({ turned, long, widths, excess }: LatexLayout): string[] {
  return [
    'booktabs',
    ...(long ? ['longtable'] : []),
    ...(widths ? ['array'] : []),
    ...(turned ? [long ? 'pdflscape' : 'rotating'] : []),
    ...(excess > 0 && !long ? ['graphicx'] : []),
  ];
}

/**
 * A table for LaTeX with the package booktabs and those that its first line names. What is wider than a line is set smaller, then with its cells broken into
 * lines, then on its side; what is longer than a page goes over several.
 */
export function latexOf(table: PaperTable): string {
  const { subject, name, caption, columns, rows, notes = [] } = table;
  const layout = latexLayout(table);
  const { turned, long, size, excess } = layout;
  const cell = (value: PaperValue, column: PaperColumn): string => {
    const text = printed(value, column);
    if (text === NONE) return '--';
    return isFigure(column) ? `$${text.replace('±', String.raw`\pm`).replaceAll('−', '-')}$` : escapeLatex(text);
  };
  const head = `${groupLine(columns)}${columns.map((c) => escapeLatex(c.head).replace('~\\%', String.raw`\,\%`)).join(' & ')}`;
  // A row that begins with [ or * would be an argument of the line break before it.
  const body = rows
    .map((row) => `    ${columns.map((column, i) => cell(row[i] ?? null, column)).join(' & ')} \\\\`.replace(/^ {4}(?=[[*])/, '    {}'))
    .join('\n');
  const title = String.raw`\caption{${escapeLatex(caption)}}`;
  // Labels of plain letters: older LaTeX reads no others there.
  const label = String.raw`\label{tab:${slug(subject, name)
    .normalize('NFKD')
    .replace(/[^a-z0-9-]/g, '')}}`;
  const small = size === 'small' ? String.raw`\footnotesize\setlength{\tabcolsep}{3pt}` : '';
  const below = escapeLatex(notes.join(' '));
  const lines = long
    ? [
        String.raw`${turned ? String.raw`\begin{landscape}` : String.raw`\begingroup`}${small}`,
        String.raw`\begin{longtable}{${alignment(columns, layout)}}`,
        String.raw`    ${title} ${label} \\`,
        String.raw`    \toprule`,
        String.raw`    ${head} \\`,
        String.raw`    \midrule`,
        String.raw`    \endhead`,
        body,
        String.raw`    \bottomrule`,
        String.raw`\end{longtable}`,
        ...(below === '' ? [] : [String.raw`{\footnotesize ${below}\par}`]),
        turned ? String.raw`\end{landscape}` : String.raw`\endgroup`,
      ]
    : [
        String.raw`\begin{${turned ? 'sidewaystable' : 'table'}}`,
        String.raw`  \centering`,
        String.raw`  ${title}`,
        String.raw`  ${label}`,
        ...(small === '' ? [] : [`  ${small}`]),
        ...(excess > 0 ? [String.raw`  \resizebox{\linewidth}{!}{%`] : []),
        String.raw`  \begin{tabular}{${alignment(columns, layout)}}`,
        String.raw`    \toprule`,
        String.raw`    ${head} \\`,
        String.raw`    \midrule`,
        body,
        String.raw`    \bottomrule`,
        String.raw`  \end{tabular}${excess > 0 ? '}' : ''}`,
        ...(below === ''
          ? []
          : [String.raw`  \par\smallskip`, String.raw`  \begin{minipage}{\linewidth}\footnotesize ${below}\end{minipage}`]),
        String.raw`\end{${turned ? 'sidewaystable' : 'table'}}`,
      ];
  const unknown = signsUnknown(lines.join(''));
  return [
    `% needs ${packagesOf(layout)
      .map((p) => String.raw`\usepackage{${p}}`)
      .join(' ')}`,
    ...(unknown.length > 0
      ? [`% has signs that pdfLaTeX does not know (${unknown.join(' ')}): compile it with XeLaTeX or LuaLaTeX, in a font that has them`]
      : []),
    ...lines,
    '',
  ].join('\n');
}
