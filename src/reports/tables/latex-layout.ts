/**
 * How a table fits a page: as it is, in a smaller size, with cells broken into lines, or on its side. Widths are in em, so that they follow the size of
 * the letters.
 */
import { isFigure, printed, type PaperColumn, type PaperTable } from './paper-table.js';

/** What a line of LaTeX's article class holds in 10 points, in the size of footnotes, and in that along the height of a page. */
const LINE = { normal: 34, small: 40, turned: 64 };
/** Rows that a page holds, upright and on its side. */
const LINES = { upright: 40, turned: 26 };
/** The space between two columns: usual, and in the size of footnotes. */
const SPACE = { normal: 1.2, small: 0.7 };
/** Of a letter in Computer Modern, roughly: narrow signs, small letters, figures, all others. */
const LETTERS = [[/[\s.,:;'"()[\]/|!-]/, 0.33], [/[a-z]/, 0.46], [/[0-9]/, 0.5]] as const; // prettier-ignore
const OTHER = 0.75;
/** What a column has more than its longest word, as widths are rough. */
const SLACK = 0.45;

export interface LatexLayout {
  readonly size: 'normal' | 'small';
  /** On its side. */
  readonly turned: boolean;
  /** Over several pages. */
  readonly long: boolean;
  /** em of each column, whose cells are broken into lines; null: as wide as its cells. */
  readonly widths: readonly number[] | null;
  /** em that it is wider than its line. */
  readonly excess: number;
}

interface Column {
  /** Of its longest cell, of its longest word (of figures: of the longest one). */
  readonly whole: number;
  readonly least: number;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const widthOf = (text: string): number => sum([...text].map((sign) => LETTERS.find(([signs]) => signs.test(sign))?.[1] ?? OTHER));
/** With the hyphen or underscore that it may be broken at; a percent sign stays with what it is of. */
const longestWord = (text: string): number => Math.max(...text.split(/\s+(?!%)|(?<=[-_])/).map(widthOf));

function measure(column: PaperColumn, values: readonly string[]): Column {
  const cells = values.map((text) => (isFigure(column) ? widthOf(text) : longestWord(text)));
  return {
    whole: Math.max(...[column.head, ...values].map(widthOf)),
    least: Math.max(longestWord(column.head), ...cells) + SLACK,
  };
}

/** The widths with which the longest cell of every column takes the fewest lines; no column is narrower than its longest word. */
function share(columns: readonly Column[], room: number): number[] {
  const widths = (lines: number): number[] => columns.map(({ whole, least }) => Math.max(least, whole / lines));
  let lines = 1;
  while (sum(widths(lines)) > room && columns.some(({ whole, least }) => whole / lines > least)) lines *= 1.05;
  return widths(lines);
}

/** The first of these ways in which a table fits: as it is, smaller, in lines, on its side; what fits none has an excess to be scaled away. */
export function latexLayout({ columns, rows }: PaperTable): LatexLayout {
  const texts = columns.map((column, i) => rows.map((row) => printed(row[i] ?? null, column)));
  const measured = columns.map((column, i) => measure(column, texts[i] ?? []));
  const whole = sum(measured.map((c) => c.whole));
  const least = sum(measured.map((c) => c.least));
  const room = (line: number, space: number): number => line - columns.length * space;
  const upright = { size: 'small', turned: false, excess: 0 } as const;
  if (whole <= room(LINE.normal, SPACE.normal)) return { ...upright, size: 'normal', long: rows.length > LINES.upright, widths: null };
  if (whole <= room(LINE.small, SPACE.small)) return { ...upright, long: rows.length > LINES.upright, widths: null };
  const turned = least > room(LINE.small, SPACE.small);
  const own = room(turned ? LINE.turned : LINE.small, SPACE.small);
  const widths = whole <= own ? null : share(measured, own);
  const height = (row: number): number =>
    widths ? Math.max(...widths.map((width, i) => Math.ceil(widthOf(texts[i]?.[row] ?? '') / width))) : 1;
  const lines = sum(rows.map((_, row) => height(row)));
  return { size: 'small', turned, long: lines > (turned ? LINES.turned : LINES.upright), widths, excess: Math.max(0, least - own) };
}
