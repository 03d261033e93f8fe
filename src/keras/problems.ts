import { SarafError } from '../errors.js';

/** Everything about a file that saraf cannot take, collected to be told at once. */
export class Problems {
  private readonly list: string[] = [];

  /** `expected` is what a person would want the file to hold. */
  constructor(
    private readonly expected: string,
    private readonly source: string,
    private readonly advice: string,
  ) {}

  add(where: string, what: string): void {
    const line = where === '' ? what : `${where}: ${what}`;
    if (!this.list.includes(line)) this.list.push(line);
  }

  get count(): number {
    return this.list.length;
  }

  /** All of them, each with where it is. */
  get lines(): readonly string[] {
    return this.list;
  }

  /** Throws ERR_FORMAT with all of them, if there are any. */
  throwIfAny(): void {
    if (this.list.length === 0) return;
    const shown = this.list.slice(0, MOST);
    const rest = this.list.length - shown.length;
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected ${this.expected}, received in ${this.source}:\n${shown.map((p) => `  - ${p}`).join('\n')}${rest > 0 ? `\n  … and ${rest} more` : ''}\n${this.advice}`,
    );
  }
}

/** A damaged file may be wrong everywhere. */
const MOST = 200;
