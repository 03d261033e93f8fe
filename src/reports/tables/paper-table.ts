/**
 * What the values of a column are: words that are translated (label) or not (text), sentences (prose), a figure, a difference with its sign, mean and
 * standard deviation, both ends of an interval.
 */
export type ColumnKind = 'label' | 'text' | 'prose' | 'number' | 'difference' | 'score' | 'interval';

/** Words, a figure, or two: mean and deviation (null: of one alone) of a score, both ends of an interval. null: there is none. */
export type PaperValue = string | number | null | readonly [number, number | null];

export interface PaperColumn {
  readonly head: string;
  readonly kind: ColumnKind;
  /** What stands above it and its neighbours. */
  readonly group?: string;
  /** Decimals of its figures. Default 2. */
  readonly digits?: number;
}

/** A table for papers, in one language: `csvOf`, `latexOf` and `htmlOf` write it. */
export interface PaperTable {
  /** The experiment, or what else the table is about; with `name` the name for references. */
  readonly subject: string;
  /** Of the table's files. */
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly PaperColumn[];
  readonly rows: readonly (readonly PaperValue[])[];
  /** Sentences below it. */
  readonly notes?: readonly string[];
}

/** What stands where there is no figure. */
export const NONE = '–';

export const isFigure = ({ kind }: PaperColumn): boolean => !['label', 'text', 'prose'].includes(kind);

/** What stands above the columns, and above how many of them in a row; nothing where no column has a group. */
export function groupsOf(columns: readonly PaperColumn[]): { readonly name: string; readonly columns: number }[] {
  const groups: { name: string; columns: number }[] = [];
  for (const { group = '' } of columns) {
    const last = groups.at(-1);
    if (last?.name === group) last.columns++;
    else groups.push({ name: group, columns: 1 });
  }
  return groups.every(({ name }) => name === '') ? [] : groups;
}

/** A value as it is printed: `71.43 ± 2.10`, `[66.20, 75.90]`, `+1.20`. */
export function printed(value: PaperValue, { kind, digits = 2 }: PaperColumn): string {
  if (value === null) return NONE;
  if (typeof value === 'string') return value;
  const [first, second] = typeof value === 'number' ? [value, null] : value;
  if (!Number.isFinite(first)) return NONE;
  const text = (figure: number): string => figure.toFixed(digits).replace('-', '−');
  if (kind === 'interval') return `[${text(first)}, ${text(second ?? Number.NaN)}]`;
  if (kind === 'score') return second === null ? text(first) : `${text(first)} ± ${text(second)}`;
  return kind === 'difference' && first >= 0 ? `+${text(first)}` : text(first);
}
