import { readFileSync } from 'node:fs';

interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
  readonly text?: string | readonly string[];
}

interface NotebookFile {
  readonly cells: readonly { readonly cell_type: string; readonly source: string | readonly string[]; readonly outputs?: readonly Output[] }[];
}

const joined = (text: string | readonly string[] | undefined): string => (typeof text === 'string' ? text : (text ?? []).join(''));

/** A notebook file, read for its outputs. */
export class Notebook {
  private readonly file: NotebookFile;

  constructor(path: string) {
    this.file = JSON.parse(readFileSync(path, 'utf8')) as NotebookFile;
  }

  get outputs(): readonly Output[] {
    return this.file.cells.flatMap((cell) => cell.outputs ?? []);
  }

  /** All that was printed. */
  get printed(): string {
    return this.outputs.map((o) => joined(o.text)).join('');
  }

  get html(): string[] {
    return this.outputs.map((o) => joined(o.data?.['text/html'])).filter((text) => text !== '');
  }

  /** The SVG inside each `<img>` output. */
  get charts(): string[] {
    return this.html
      .map((text) => /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(text)?.[1])
      .filter((found) => found !== undefined)
      .map((found) => Buffer.from(found, 'base64').toString('utf8'));
  }
}
