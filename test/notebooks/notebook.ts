import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';

const root = packageRoot();
export const runNotebooks = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts', 'notebooks.mjs'), ...args], { cwd: root, encoding: 'utf8' });

let absent: boolean | undefined;
/** Whether the notebooks cannot be executed here; in CI they must be. */
function jupyterIsAbsent(): boolean {
  return (absent ??= process.env['CI'] === undefined && runNotebooks('--check').status !== 0);
}

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

/** Executes a notebook from clean, and hands what came of it to the tests; without a Jupyter they are skipped. */
export function describeNotebook(name: string, tests: (executed: () => Notebook) => void): void {
  const path = join(root, 'notebooks', name);
  const skipped = jupyterIsAbsent();
  const why = skipped ? ' (skipped: Jupyter is absent; `npm run notebooks` installs it, or set JUPYTER)' : '';
  describe.skipIf(skipped)(`notebooks/${name}${why}`, () => {
    const out = mkdtempSync(join(tmpdir(), 'saraf-notebooks-'));
    let executed: Notebook;
    beforeAll(() => {
      const result = runNotebooks(path, '--out', out);
      if (result.status !== 0) throw new Error(result.stderr);
      executed = new Notebook(join(out, name));
    }, 600_000);
    afterAll(() => rmSync(out, { recursive: true, force: true }));
    tests(() => executed);
  });

  describe(`notebooks/${name} as it is stored`, () => {
    it('carries no outputs: what a reader sees is what was executed', () => {
      expect(new Notebook(path).outputs).toEqual([]);
    });
  });
}

/** Marks of a kind that Vega drew: elements inside the group of that role. */
export function marks(svg: string, kind: string): number {
  const groups = [...svg.matchAll(new RegExp(`<g class="mark-${kind} role-mark[^>]*>(.*?)</g>`, 'gs'))];
  return groups.reduce((sum, [, inside]) => sum + [...(inside as string).matchAll(/<(path|text|rect|line)\b[^>]*/g)].length, 0);
}
