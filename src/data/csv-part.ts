import type { Cell, ColumnSource } from './table.js';

/** A text this short is worth looking up: labels and the like come again and again. */
const SHORT = 12;
const SLOTS = 1024;

/** Strings of short ASCII fields, each made once as long as no other takes its place. */
class Known {
  private readonly texts: string[] = Array.from({ length: SLOTS }, () => '');

  get(bytes: Buffer, from: number, to: number): string {
    let hash = to - from;
    for (let i = from; i < to; ++i) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
    const slot = hash & (SLOTS - 1);
    const known = this.texts[slot] as string;
    if (known.length === to - from) {
      let i = from;
      while (i < to && known.charCodeAt(i - from) === bytes[i]) ++i;
      if (i === to) return known;
    }
    return (this.texts[slot] = bytes.toString('latin1', from, to));
  }
}

/** Some rows of a file: its bytes, and where the fields of the columns kept lie in them. */
export interface CsvPart {
  readonly bytes: Buffer;
  readonly rows: number;
  /** As `ScannedRow.fields`, row by row. */
  readonly fields: Int32Array;
}

/** How fields become texts. */
export interface FieldText {
  readonly encoding: 'utf-8' | 'latin1';
  readonly quote: string | null;
}

/**
 * Columns of a file that become strings when asked for, each column once: what nobody asks for costs its bytes only.
 *
 * Strings are copies that keep nothing of the file alive; but those of a column that fills most of the file are pieces of one text per
 * part, since a copy costs a call each: then a text keeps its part, a quarter of a megabyte, alive.
 */
export class CsvColumns implements ColumnSource {
  readonly rows: number;
  private readonly known = new Known();

  constructor(
    private readonly parts: readonly CsvPart[],
    private readonly width: number,
    private readonly text: FieldText,
  ) {
    this.rows = parts.reduce((sum, part) => sum + part.rows, 0);
  }

  column(i: number): Cell[] {
    const { known, width } = this;
    const { encoding, quote } = this.text;
    const doubled = quote === null ? null : quote + quote;
    const cells: Cell[] = [];
    cells.length = this.rows;
    let at = 0;
    for (const part of this.parts) {
      const { bytes, rows, fields } = part;
      const whole = this.fills(part, i) ? bytes.toString('latin1') : null;
      for (let row = 0; row < rows; ++row) {
        const place = 2 * (row * width + i);
        const from = fields[place] as number;
        const to = fields[place + 1] as number;
        if (to < 0) {
          const text = bytes.toString(encoding, from, -to);
          cells[at++] = doubled === null ? text : text.replaceAll(doubled, quote as string);
        } else if (to - from <= SHORT) cells[at++] = known.get(bytes, from, to);
        else cells[at++] = whole === null ? bytes.toString('latin1', from, to) : whole.substring(from, to);
      }
    }
    return cells;
  }

  /** Whether most bytes of a part are longer ASCII fields of a column. */
  private fills({ bytes, rows, fields }: CsvPart, i: number): boolean {
    let sum = 0;
    for (let row = 0; row < rows; ++row) {
      const place = 2 * (row * this.width + i);
      const length = (fields[place + 1] as number) - (fields[place] as number);
      if (length > SHORT) sum += length;
    }
    return 2 * sum > bytes.length;
  }
}
