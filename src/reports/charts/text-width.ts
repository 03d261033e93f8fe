/** Widths of characters in sizes of the font, as those of wide and bold sans-serif fonts. */
export function boldWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    if (/[ijl.,'|!I]/.test(char)) width += 0.4;
    else if (/[tfr-]/.test(char)) width += 0.52;
    else if (/[mwMW@%]/.test(char)) width += 1.08;
    else width += /[\u2e80-\uffff]/.test(char) || char.length > 1 ? 1.1 : /[A-Z]/.test(char) ? 0.82 : 0.73;
  }
  return width;
}

/** What a letter is narrower that is not bold. */
const REGULAR = 0.88;

/** What Vega asks about a text. */
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: number | string;
  readonly limit?: number;
}
type Width = (item: TextItem, text: unknown) => number;

/**
 * Lets Vega lay labels out by their letters where no canvas measures them: by itself it takes 0.8 of the font's size for each, cuts labels that have room
 * and leaves a chart less of its width.
 */
export function measureByLetters(vega: object): void {
  const { textMetrics } = vega as { textMetrics: { width: Width; readonly estimateWidth: Width } };
  if (textMetrics.width !== textMetrics.estimateWidth) return;
  textMetrics.width = ({ fontSize = 11, fontWeight, limit }, text) => {
    const bold = fontWeight === 'bold' || Number(fontWeight) >= 600;
    const width = boldWidth(String(text ?? '').trim()) * fontSize * (bold ? 1 : REGULAR);
    return limit ? Math.min(limit, width) : width;
  };
}
